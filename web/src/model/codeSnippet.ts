import { aheadOf, firstStart } from '../tasks/forecast.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';

/** A program that uses a downloaded pipeline. @param file the name of its file */
export function codeSnippet(notes: TaskNotes, file: string): string {
  return [
    '// npm install backtime',
    "import { readFile } from 'node:fs/promises';",
    `import { ${notes.task === 'forecast' ? 'forecast, ' : ''}loadModel } from 'backtime';`,
    '',
    `const model = await loadModel(await readFile(${JSON.stringify(file)}));`,
    ...usage(notes),
  ].join('\n');
}

function usage(notes: TaskNotes): string[] {
  switch (notes.task) {
    case 'classifyText':
      return [
        `const classes = ${JSON.stringify(notes.classes)};`,
        "const { data } = await model.predict(['a text', 'another text']);",
        'console.log(classes, data); // for each text the probability of each class',
      ];
    case 'tagWords':
      return [
        `const tags = ${JSON.stringify(notes.classes)};`,
        '// Words and signs with spaces between them.',
        `const sentences = ${JSON.stringify(['a short sentence', 'another one'])};`,
        'const { shape, data } = await model.predict(sentences); // [sentences, words, tags]',
        'const tagged = sentences.map((sentence, row) =>',
        "  sentence.split(' ').map((word, step) => {",
        '    const from = (row * shape[1] + step) * tags.length;',
        '    const probabilities = data.slice(from, from + tags.length);',
        '    return [word, tags[probabilities.indexOf(Math.max(...probabilities))]];',
        '  }),',
        ');',
        'console.log(tagged);',
      ];
    case 'predictNumber':
      return [
        ...(notes.from === 'text'
          ? ["const inputs = ['a text', 'another text'];"]
          : [...seriesLines(notes.channels), 'const inputs = [series];']),
        'const { data } = await model.predict(inputs);',
        `console.log(data); // ${JSON.stringify(notes.target)} of each`,
      ];
    case 'classifySeries':
      return [
        `const classes = ${JSON.stringify(notes.classes)};`,
        ...seriesLines(notes.channels),
        'const { data } = await model.predict([series]);',
        'console.log(classes, data); // the probability of each class',
      ];
    case 'forecast': {
      const isAhead = aheadOf(notes).length > 0;
      const past = (notes.inputs ?? []).filter((input) => !input.isAhead);
      return [
        `const series = []; // at least the last ${firstStart(notes)} values`,
        ...(notes.inputs?.length
          ? [
              `const beside = []; // for each of them${isAhead ? `, and for each of the next ${notes.horizon} steps,` : ''} the numbers [${notes.inputs.map(({ name }) => name).join(', ')}]`,
              ...(isAhead && past.length > 0
                ? [`// Of the next steps, ${past.map(({ name }) => name).join(', ')} may be any number: it is not read.`]
                : []),
              `const { values } = await forecast(model, series, ${notes.horizon}, { futureCovariates: beside });`,
            ]
          : [`const { values } = await forecast(model, series, ${notes.horizon});`]),
        'console.log(values.data);',
      ];
    }
    default:
      return [];
  }
}

function seriesLines(channels: readonly string[]): string[] {
  const steps = Array.from({ length: 3 }, (_, step) => `[${channels.map((_channel, place) => step + place).join(', ')}]`);
  return [
    `// A series: for each step ${channels.length === 1 ? 'one number' : `the numbers ${channels.join(', ')}`}.`,
    `const series = [${steps.join(', ')}];`,
  ];
}
