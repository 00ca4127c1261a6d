import { setRandomSeed } from 'backtime';
import { describe, expect, test } from 'vitest';
import { guessRoles } from '../src/data/columns.ts';
import { buildModel } from '../src/model/layerList.ts';
import { prepareText } from '../src/tasks/classifyText.ts';
import { judgeText } from '../src/tasks/explainWords.ts';
import { UnusableDataError } from '../src/tasks/task.ts';
import { textEncoder } from '../src/tasks/textInput.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';
import { parseTable, rolesOf } from './data.ts';

const settings = { words: 100, length: 6 };
const rows = Array.from(
  { length: 100 },
  (_, row) => `${row % 4 === 0 ? 'awful' : 'great'} film about thing ${row % 10},${row % 4 === 0 ? 'no' : 'yes'}`,
);
const table = await parseTable(['text,liked', ...rows, ',yes', 'no class,'].join('\n'));

test('texts become ids, their classes numbers, and rows without either are named', async () => {
  const { notes, train, validation, test: kept, frame, problems } = prepareText(table, guessRoles(table), settings);
  expect(notes.classes).toEqual(['no', 'yes']);
  expect(notes.vocabulary.slice(0, 2)).toEqual(['', '[UNK]']);
  expect([train[0].shape, train[1].shape, validation[0].shape, kept[0].shape]).toEqual([[65, 5], [65], [20, 5], [15, 5]]);
  expect(frame.output).toEqual({ units: 2, activation: 'softmax' });
  expect(problems).toEqual([
    { row: 102, message: 'column “text” has no text' },
    { row: 103, message: 'column “liked” has no class' },
  ]);
});

test('the words that a class hangs on are found', async () => {
  setRandomSeed(1);
  const prepared = prepareText(table, guessRoles(table), settings);
  const model = buildModel(prepared.frame, [{ kind: 'GRU', units: 8 }]);
  await new TrainingRun(model, prepared, { epochs: 30, batchSize: 8, learningRate: 0.01 }, () => {}).train();
  const judgement = await judgeText(model, prepared.notes, 'Awful film about thing 3');
  expect(judgement.probabilities[0] + judgement.probabilities[1]).toBeCloseTo(1, 5);
  expect(prepared.notes.classes[judgement.best]).toBe('no');
  expect(judgement.words.map(({ word }) => word)).toEqual(['Awful', 'film', 'about', 'thing', '3']);
  const [awful, ...others] = judgement.words.map(({ effect }) => effect);
  expect(awful).toBeGreaterThan(0.5);
  for (const other of others) expect(Math.abs(other)).toBeLessThan(awful / 2);
  // Without all its words a text is empty, and still judged.
  expect((await judgeText(model, prepared.notes, 'Awful')).words).toHaveLength(1);
});

test('of a long text only the end is read, however long its beginning is', async () => {
  setRandomSeed(1);
  const prepared = prepareText(table, guessRoles(table), { ...settings, length: 5 });
  const model = buildModel(prepared.frame, [{ kind: 'GRU', units: 8 }]);
  const asked: number[] = [];
  const predict = model.predict.bind(model);
  model.predict = ((texts: { data: { length: number } }, ...others: []) => {
    asked.push(texts.data.length);
    return predict(texts as never, ...others);
  }) as never;
  const end = 'a film -- about, thing 3 awful film';
  const short = await judgeText(model, prepared.notes, end);
  const long = await judgeText(model, prepared.notes, `${'great thing '.repeat(200_000)}${end}`);
  expect(long.words).toEqual(short.words);
  expect(long.probabilities).toEqual(short.probabilities);
  expect([short.left, long.left]).toEqual([2, 400_002]);
  const whole = (await model.predict(textEncoder(prepared.notes)([end]))).data;
  expect(long.probabilities).toEqual(Array.from(whole));
  expect(asked[0]).toBe(asked[1]);
  // Signs are no words, so that more pieces than words are read.
  const signs = `${'great thing '.repeat(50)}one two three -- -- -- -- -- -- awful film`;
  const read = Array.from((await model.predict(textEncoder(prepared.notes)([signs]))).data);
  expect((await judgeText(model, prepared.notes, signs)).probabilities).toEqual(read);
});

test('a text cannot be its own class', async () => {
  expect(() => prepareText(table, { ...guessRoles(table), label: 0 }, settings)).toThrow(/“text” cannot be both the text and its class/);
});

describe('what looks like a mistake in the classes is warned of', () => {
  const rows = Array.from({ length: 40 }, (_, row) => `some words,${row % 2 ? 'yes' : 'no'}`);
  const warningsOf = async (text: string, hasHeader: boolean) =>
    prepareText(await parseTable(text, hasHeader), rolesOf({ label: 1, series: null, values: [] }), settings).warnings;

  test.each([
    ['nothing', ['text,liked', ...rows], true, []],
    [
      'a header that is taken for data',
      ['text,liked', ...rows],
      false,
      ['A class has only one example: “liked” in row 1. Row 1 may hold the names of the columns: if so, say it above, at the first rows.'],
    ],
    [
      'a class that is mistyped',
      ['text,liked', ...rows, 'more words,yess'],
      true,
      ['A class has only one example: “yess” in row 42. Is a name mistyped? Nothing can be learnt from one example.'],
    ],
    [
      'several',
      ['text,liked', ...rows, 'words,a', 'words,b', 'words,c', 'words,d'],
      true,
      [
        '4 classes have only one example each: “a” in row 42, “b” in row 43, “c” in row 44, … Is a name mistyped? Nothing can be learnt from one example.',
      ],
    ],
    [
      'a class that means none',
      ['text,liked', ...rows, 'words,NaN', 'words,NaN'],
      true,
      ['“NaN” is taken for a class, of 2 examples. Does it mean that the class is not known?'],
    ],
  ] as [string, string[], boolean, string[]][])('%s', async (_, lines, hasHeader, warnings) => {
    expect(await warningsOf(lines.join('\n'), hasHeader)).toEqual(warnings);
  });
});

test.each([
  ['text,liked\na,x\nb,y', /There are 2 usable examples; at least 10 are needed/],
  [`text,liked\n${'a b c,x\n'.repeat(20)}`, /All examples have the class “x”/],
  [
    `text,liked\n${Array.from({ length: 60 }, (_, row) => `some words,${row}`).join('\n')}`,
    /60 different values in 60 examples: hardly any occurs twice/,
  ],
])('data without classes to tell apart is refused', async (text, message) => {
  const unusable = await parseTable(text);
  const prepare = () => prepareText(unusable, rolesOf({ label: 1, series: null, values: [] }), settings);
  expect(prepare).toThrow(UnusableDataError);
  expect(prepare).toThrow(message);
});
