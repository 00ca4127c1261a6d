import { readFileSync } from 'node:fs';
import { Embedding, loadModel, type Model, modelToBytes, Sequential, Softmax, setRandomSeed } from 'backtime';
import { beforeAll, describe, expect, test } from 'vitest';
import { readFiles } from '../src/data/source.ts';
import { codeSnippet } from '../src/model/codeSnippet.ts';
import { buildModel, describeLayers } from '../src/model/layerList.ts';
import { decodeTrained, encodeTrained } from '../src/model/modelFile.ts';
import { dataIn, needed, withoutData } from '../src/model/personalData.ts';
import { pipelineOf } from '../src/model/pipeline.ts';
import { bestBaseline } from '../src/tasks/baseline.ts';
import { DEFAULT_LAYERS, DEFAULT_TASK_SETTINGS, DEFAULT_TRAINING } from '../src/tasks/defaults.ts';
import { newDataFor } from '../src/tasks/newData.ts';
import { judge } from '../src/tasks/score.ts';
import { tagText } from '../src/tasks/tagText.ts';
import { prepareTags, type TagNotes } from '../src/tasks/tagWords.ts';
import type { Samples } from '../src/tasks/task.ts';
import { verdictOf } from '../src/tasks/verdict.ts';
import { encodeWords, joined, knownWords, learnWords, piecesOf, wordLayer, wordsOfText } from '../src/tasks/wordInput.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';
import { conll, type Tagged, taggedSentences } from './taggedFiles.ts';

beforeAll(() => setRandomSeed(1));

const settings = { words: 1000, length: 20 };
const columns = { word: 1, tag: 2, sentence: 0 };
const source = (text: string, name = 'words.conll') => readFiles([{ file: new File([text], name), path: name }], {});
const prepare = async (sentences: readonly Tagged[], chosen = settings) => {
  const { table } = await source(conll(sentences));
  if (!table) throw new Error('no table');
  return prepareTags(table, columns, chosen);
};

/** The sentences of samples as `word/tag` texts, without what pads them. */
function sentencesOf([x, y]: Samples, { vocabulary, classes }: TagNotes): string[] {
  const [rows, length] = x.shape;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length }, (_step, step) => row * length + step)
      .filter((place) => x.data[place] !== 0)
      .map((place) => `${vocabulary[x.data[place]]}/${classes[y.data[place]]}`)
      .join(' '),
  );
}

/** A word a sentence that is in no other, and one that all have. */
const numbered = (count: number): Tagged[] =>
  Array.from({ length: count }, (_, row) =>
    Array.from({ length: 2 + (row % 3) }, (_word, place) => [`w${row}`, place === 1 ? 'B' : 'A'] as const),
  );

describe('sentences with tags', () => {
  test('are in one part each, none is lost, and every tag is at its word', async () => {
    const sentences = taggedSentences(60);
    const { notes, train, validation, test: kept, frame } = await prepare(sentences);
    const parts = [train, validation, kept].map((samples) => sentencesOf(samples, notes));
    expect(parts.map(({ length }) => length)).toEqual([39, 12, 9]);
    expect(parts.flat().sort()).toEqual(sentences.map((words) => words.map((pair) => pair.join('/')).join(' ')).sort());
    expect(frame).toMatchObject({ inputShape: [null, null], everyStep: true, bothWays: true, output: { units: 3 } });
    expect(notes).toMatchObject({ column: 'word', sentences: 'sentence', classes: ['DET', 'NOUN', 'VERB'], isLower: true, length: 5 });
  });

  test('teach only words that come twice where they are learnt from; the others are unknown, and that is said', async () => {
    const { notes, train, validation, warnings, summary } = await prepare(numbered(60));
    expect(notes.vocabulary).toHaveLength(2 + 39);
    expect(new Set(sentencesOf(validation, notes).flatMap((text) => text.split(' ')))).toEqual(new Set(['[UNK]/A', '[UNK]/B']));
    expect(sentencesOf(train, notes).join(' ')).not.toContain('[UNK]');
    expect(warnings).toEqual([
      '100 % of the words that are kept from training are unknown to the model: it learns only words that come twice at least. More sentences help most.',
    ]);
    expect(summary).toBe(
      '39 sentences to learn from, 12 for validation and 9 for the test, in 2 tags (A, B) of column “tag”; 39 words are known, 100 % of those kept from training are not.',
    );
    const limited = await prepare(taggedSentences(60), { ...settings, words: 4 });
    expect(limited.notes.vocabulary).toHaveLength(2 + 4);
  });

  test('are checked: tags counted, one of a single word named, long sentences read in pieces', async () => {
    const long: Tagged = Array.from({ length: 12 }, (_, place) => [`the`, place === 7 ? 'ODD' : 'DET'] as const);
    const {
      notes,
      train,
      validation,
      test: kept,
      warnings,
      check,
    } = await prepare([...taggedSentences(30), long], { ...settings, length: 5 });
    expect(check.classes?.at(-1)).toEqual({ name: 'ODD', count: 1 });
    expect(check.lengths).toMatchObject({ what: 'words', limit: 5, cut: 1 });
    const place = taggedSentences(30).reduce((lines, words) => lines + words.length + 1, 0) + 8;
    expect(warnings).toEqual([
      `A tag has only one word: “ODD” in row ${place}. Is a name mistyped? Nothing can be learnt from one word.`,
      '1 sentence of 31 has more than 5 words: they are read in pieces. Read more at once if words far apart decide.',
    ]);
    const pieces = [train, validation, kept].flatMap((samples) => sentencesOf(samples, notes));
    expect(pieces).toHaveLength(30 + 3);
    expect(pieces.filter((text) => text.split(' ').length === 4 && /^(the\/\w+ ?)+$/.test(text))).toHaveLength(3);
  });

  test('whose tags differ by case are merged where that is said', async () => {
    const { table } = await source(
      conll(taggedSentences(40).map((words, row) => words.map(([word, tag]) => [word, row % 2 ? tag : tag.toLowerCase()]))),
    );
    if (!table) throw new Error('no table');
    const apart = prepareTags(table, columns, settings);
    expect([apart.check.canMerge, apart.notes.classes.length]).toEqual([true, 6]);
    expect(apart.warnings[0]).toMatch(/^Some tags differ only by case or spaces/);
    expect(prepareTags(table, columns, settings, { mergeSpellings: true }).notes.classes).toHaveLength(3);
  });

  test('may have more tags than a list of classes', async () => {
    const many: Tagged[] = Array.from({ length: 80 }, (_, row) => [
      ['a', `T${row % 60}`],
      ['b', `T${(row + 1) % 60}`],
    ]);
    const { notes, warnings } = await prepare(many);
    expect(notes.classes).toHaveLength(60);
    expect(warnings).toEqual([]);
  });
});

describe('what takes no learning', () => {
  test('is the most frequent tag of all, and of each word', async () => {
    // “b” is mostly N but sometimes V, “a” always D; N is the most frequent of all.
    const sentences: Tagged[] = Array.from({ length: 100 }, (_, row) => [
      ['a', 'D'],
      ['b', row % 5 === 0 ? 'V' : 'N'],
      ['b', 'N'],
    ]);
    const { baselines, test: kept, notes } = await prepare(sentences);
    const words = sentencesOf(kept, notes).flatMap((text) => text.split(' '));
    const part = (pattern: RegExp) => words.filter((word) => pattern.test(word)).length / words.length;
    expect(baselines.test).toEqual([
      { rule: 'frequent', value: part(/\/N$/), answer: 'N' },
      { rule: 'frequentOfWord', value: part(/^b\/N$|^a\/D$/) },
    ]);
    expect(part(/^b\/N$|^a\/D$/)).toBeLessThan(1);
  });

  test('of an unknown word is the most frequent tag of all', async () => {
    const { baselines, test: kept, notes } = await prepare(numbered(60));
    const words = sentencesOf(kept, notes).flatMap((text) => text.split(' '));
    const most = words.filter((word) => word.endsWith('/A')).length / words.length;
    expect(baselines.test.map(({ value }) => value)).toEqual([most, most]);
  });
});

const example = readFileSync(new URL('../data/tagged-sentences.conll', import.meta.url), 'utf8');

/** The example of the page, trained with the usual settings. */
const learnt = await (async () => {
  const { table, task } = await source(example);
  if (!table) throw new Error('no table');
  const data = prepareTags(table, columns, DEFAULT_TASK_SETTINGS.tagWords);
  setRandomSeed(1);
  const built = buildModel(data.frame, DEFAULT_LAYERS.tagWords);
  const { model } = await new TrainingRun(built, data, { ...DEFAULT_TRAINING.tagWords, epochs: 6, workers: 0 }, () => {}).train();
  if (!model) throw new Error('no model');
  // One that has learnt nothing is mostly wrong.
  const unlearnt = await judge(buildModel(data.frame, DEFAULT_LAYERS.tagWords), data);
  return { task, data, model, judgement: await judge(model, data), unlearnt };
})();

describe('the example of the page', () => {
  const { task, data, model, judgement, unlearnt } = learnt;

  test('is taken for what it is, and its words are told by the words beside them', () => {
    expect(task).toBe('tagWords');
    const { score } = judgement;
    const guess = bestBaseline(score.test.baselines, 'accuracy');
    expect(guess.rule).toBe('frequentOfWord');
    expect(score.test.model).toBeGreaterThan(guess.value + 0.1);
    expect(verdictOf(score, null, 'words').sentence).toMatch(/^\d+ of \d+ words right, giving each word its most frequent tag gets \d+\.$/);
    expect(describeLayers(model).map(({ title }) => title)).toEqual([
      expect.stringMatching(/^Embedding of \d+ words/),
      'Dropout 0.2',
      'LSTM of size 32, from both ends',
      'Dropout 0.2',
      'Output: 6 numbers (Dense)',
    ]);
  });

  test('is judged by its words alone, not by what pads sentences', () => {
    const { score, report } = unlearnt;
    const words = [...data.test[0].data].filter((id) => id !== 0).length;
    expect(words).toBeLessThan(data.test[0].data.length);
    expect(score.test.count).toBe(words);
    expect(report?.confusion.flat().reduce((sum, cell) => sum + cell, 0)).toBe(words);
    const right = report?.confusion.reduce((sum, row, truth) => sum + row[truth], 0) ?? 0;
    expect(score.test.model).toBeCloseTo(right / words, 10);
    expect(report?.wrongCount).toBe(words - right);
  });

  test('has its wrong words named by their rows, each in its sentence', () => {
    const lines = example.split('\n');
    const { wrong } = unlearnt.report ?? { wrong: [] };
    expect(wrong).toHaveLength(200);
    for (const { row, text, part, truth } of wrong) {
      expect(lines[row - 1]).toBe(`${text.slice(...(part ?? [0, 0]))}\t${data.notes.classes[truth]}`);
      expect(text.split(' ').length).toBeGreaterThan(3);
    }
  });

  test('tags what is typed, as the pipeline and its program do', async () => {
    const text = 'the cooks Water the plants';
    const tagged = await tagText(model, data.notes, text);
    expect(tagged.map(({ word, tag }) => `${word}/${tag}`)).toEqual([
      'the/determiner',
      'cooks/noun',
      'Water/verb',
      'the/determiner',
      'plants/noun',
    ]);
    expect(tagged.every(({ known }) => known)).toBe(true);
    const strange = await tagText(model, data.notes, 'the zebra waters, ');
    expect(strange.map(({ word, known }) => [word, known])).toEqual([
      ['the', true],
      ['zebra', false],
      ['waters', true],
      [',', false],
    ]);
    expect(await tagText(model, data.notes, ' ')).toEqual([]);

    const pipeline = pipelineOf(model, data.notes) as Model;
    const loaded = await loadModel(await modelToBytes(pipeline));
    const { shape, data: outputs } = (await loaded.predict([text])) as { shape: number[]; data: Float32Array };
    expect(shape).toEqual([1, 5, 6]);
    for (const [step, { probability }] of tagged.entries())
      expect(Math.max(...outputs.slice(step * 6, step * 6 + 6))).toBeCloseTo(probability, 5);

    const snippet = codeSnippet(data.notes, 'words.safetensors')
      .replace(/^import .*$/gm, '')
      .replace('console.log(tagged)', 'return tagged');
    const run = new Function(
      'readFile',
      'loadModel',
      `return (async () => {${snippet.replace('"a short sentence","another one"', JSON.stringify(text))}\n})()`,
    );
    const said = (await run(() => modelToBytes(pipeline), loadModel)) as [string, string][][];
    expect(said).toEqual([tagged.map(({ word, tag }) => [word, tag])]);
  });

  test('tags a long sentence in pieces, every word of it', async () => {
    const words = Array.from({ length: 50 }, (_, place) => ['the', 'old', 'cook', 'can', 'fish'][place % 5]);
    const tagged = await tagText(model, { ...data.notes, length: 5 }, words.join(' '));
    expect(tagged).toHaveLength(50);
    const alone = await tagText(model, data.notes, 'the old cook can fish');
    expect(tagged.slice(45)).toEqual(alone.map((word) => ({ ...word, probability: expect.closeTo(word.probability, 4) })));
  });

  test('is kept in a file, from which a person’s sentences can be left out', async () => {
    const trained = { model, notes: data.notes, ...unlearnt, trainedOn: 'x', run: null };
    expect(dataIn(trained)).toEqual([
      'one of the sentences, to try it with',
      expect.stringMatching(/^the beginnings of \d+ texts that were judged wrongly$/),
    ]);
    expect(needed(trained)).toBe(
      `the ${data.notes.vocabulary.length - 2} words that it knows, names of people among them if your sentences have them, and the names of the tags`,
    );
    const stripped = withoutData(trained);
    expect(dataIn(stripped)).toEqual([]);
    expect(stripped.report?.wrong.every(({ text, part }) => text === '' && part === undefined)).toBe(true);
    const { notes, report } = await decodeTrained(await encodeTrained(trained));
    expect(notes).toEqual(data.notes);
    expect(report).toEqual(unlearnt.report);
  });
});

describe('new data', () => {
  const { notes } = learnt.data;
  const expected = {
    kind: 'examples',
    header: 'sentence',
    words: [
      ['the', 'cook'],
      ['cooks', 'fish', 'well'],
    ],
  };

  test.each([
    ['a word a line with tags', 'new.conll', 'the D\ncook N\n\ncooks N\nfish V\nwell A\n', ['1', '2']],
    ['a word a line without tags', 'new.txt', 'the\r\ncook\r\n\r\ncooks\r\nfish\r\nwell\r\n', ['1', '2']],
    ['a sentence a line', 'new.txt', 'the cook\ncooks fish well\n', ['1', '2']],
    ['a table, its columns in another order', 'new.csv', 'word,sentence\nthe,s1\ncook,s1\ncooks,s2\nfish,s2\nwell,s2\n', ['s1', 's2']],
    ['a table with other names', 'new.csv', 'sent_id;token;x\n7;the;1\n7;cook;1\n8;cooks;1\n8;fish;1\n8;well;1\n', ['7', '8']],
  ])('is %s', async (_, name, text, names) => {
    const data = newDataFor(await source(text, name), notes);
    expect(data).toMatchObject({ ...expected, names });
    expect(data.kind === 'examples' && data.x).toEqual(encodeWords(notes, expected.words));
  });

  test('is answered in pieces where sentences are long, and without the sentences that lack a word', async () => {
    const text = 'sentence,word\n1,the\n1,cook\n1,can\n2,fish\n2,\n';
    const data = newDataFor(await source(text, 'new.csv'), { ...notes, length: 2 });
    expect(data).toMatchObject({ names: ['1', '1'], words: [['the', 'cook'], ['can']] });
    expect(data.kind === 'examples' && data.left).toEqual([
      { row: 6, message: 'column “word” has no word: its sentence of 2 words is left out' },
    ]);
    const empty = await source('sentence,word\n1,\n1,x\n', 'new.csv');
    expect(() => newDataFor(empty, notes)).toThrow('There is no sentence that can be read.');
  });
});

describe('words', () => {
  const isKnown = knownWords({
    vocabulary: ['', '[UNK]', 'the', 'cook', 'do', "n't", 'U.S.', 'U', '电影', '很', '好', ','],
    isLower: false,
  });

  test.each([
    ['the cook', ['the', 'cook']],
    ['  the\n cook.', ['the', 'cook', '.']],
    ['(“the cook”),', ['(', '“', 'the', 'cook', '”', ')', ',']],
    ["don't", ['do', "n't"]],
    ["won't", ["won't"]],
    ['the U.S., the U', ['the', 'U.S.', ',', 'the', 'U']],
    ['well-known', ['well-known']],
    ['...', ['.', '.', '.']],
    ['电影很好', ['电影', '很', '好']],
    ['看电影', ['看', '电影']],
    ['很the好', ['很', 'the', '好']],
    ['', []],
  ])('of %j are cut like those that were learnt', (text, words) => {
    expect(wordsOfText(text, isKnown)).toEqual(words);
  });

  test('are read in small letters where all have them, and hold no spaces', () => {
    expect(learnWords([['a', 'b', 'a']], 10)).toEqual({ vocabulary: ['', '[UNK]', 'a'], isLower: true });
    expect(learnWords([['a', 'B'], ['c']], 2)).toEqual({ vocabulary: ['', '[UNK]', 'a', 'B'], isLower: false });
    expect(knownWords({ vocabulary: ['', '[UNK]', 'a'], isLower: true })('A')).toBe(true);
    expect(knownWords({ vocabulary: ['', '[UNK]', 'a'], isLower: false })('A')).toBe(false);
    expect(knownWords({ vocabulary: ['', '[UNK]', 'a'], isLower: false })('[UNK]')).toBe(false);
    expect(joined(' New\tYork ')).toBe('New_York');
  });

  test('of a long sentence are in pieces of like sizes', () => {
    expect(piecesOf([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([
      [1, 2],
      [3, 4, 5],
      [6, 7],
    ]);
    expect(piecesOf([1, 2, 3, 4, 5], 4)).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect(piecesOf([1, 2], 4)).toEqual([[1, 2]]);
    expect(piecesOf([], 4)).toEqual([]);
  });
});

describe('words as a model reads them', () => {
  const input = { vocabulary: ['', '[UNK]', 'The', 'the', 'US', 'us', 'Äpfel', "don't", '.'], isLower: false };

  test('keep capitals and signs where those tell words apart', () => {
    const ids = wordLayer(input).encode(["The US . the us don't", 'ÄPFEL Äpfel äpfel THE']);
    expect(ids.map((row) => Array.from(row))).toEqual([
      [2, 4, 8, 3, 5, 7],
      [1, 6, 1, 1],
    ]);
    const small = { vocabulary: ['', '[UNK]', 'the', 'us', 'äpfel'], isLower: true };
    expect(Array.from(wordLayer(small).encode(['THE Us äpfel'])[0])).toEqual([2, 3, 4]);
  });

  test('are given their own tags in pieces of unequal length', async () => {
    // Every word has a tag of its own, which its row of the table names.
    const classes = input.vocabulary.map((word, id) => `${id}: ${word}`);
    const size = classes.length;
    const model = new Sequential([new Embedding(size, size, { inputShape: [null] }), new Softmax()]);
    model.setWeights([{ shape: [size, size], data: Float32Array.from({ length: size ** 2 }, (_, at) => (at % (size + 1) === 0 ? 9 : 0)) }]);
    const notes: TagNotes = { task: 'tagWords', column: 'word', sentences: null, length: 3, example: '', classes, ...input };
    const words = ['The', 'US', "don't", 'the', 'zebra', 'us', '.'];
    expect(piecesOf(words, notes.length).map(({ length }) => length)).toEqual([2, 3, 2]);
    const tagged = await tagText(model, notes, words.join(' '));
    expect(tagged.map(({ word, tag, known }) => [word, tag, known])).toEqual(
      words.map((word) => {
        const id = input.vocabulary.indexOf(word);
        return [word, classes[Math.max(1, id)], id > 0];
      }),
    );
    for (const { probability } of tagged) expect(probability).toBeGreaterThan(0.99);
  });
});
