import { expect, test } from 'vitest';
import { buildModel } from '../src/model/layerList.ts';
import { prepareText } from '../src/tasks/classifyText.ts';
import { prepareForecast } from '../src/tasks/prepareForecast.ts';
import { judge, type SetScore } from '../src/tasks/score.ts';
import type { Samples } from '../src/tasks/task.ts';
import { textEncoder } from '../src/tasks/textInput.ts';
import { prepareWriting } from '../src/tasks/write.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';
import { parseTable, rolesOf } from './data.ts';

const roles = rolesOf({ label: 1, series: null, values: [] });
const layers = [{ kind: 'SimpleRNN', units: 2 }] as const;

function compiled(frame: Parameters<typeof buildModel>[0]) {
  const model = buildModel(frame, layers);
  model.compile({ loss: frame.loss, metrics: frame.loss === 'meanSquaredError' ? [] : ['accuracy'] });
  return model;
}

/** Rows of `[N, length]` samples, each as one string. */
function rowsOf([{ shape, data }]: Samples): string[] {
  const length = shape[1];
  return Array.from({ length: shape[0] }, (_, row) => data.slice(row * length, (row + 1) * length).join(' '));
}

test('a text is learnt from, validated by or kept for the test: each in one of them, and none is lost', async () => {
  // The number of a row in binary, as words: texts that stay different as ids.
  const texts = Array.from({ length: 100 }, (_, row) => row.toString(2).padStart(7, '0').replace(/0/g, ' off').replace(/1/g, ' on').trim());
  const table = await parseTable(`text,class\n${texts.map((text, row) => `${text},${row % 2}`).join('\n')}`);
  const data = prepareText(table, roles, { words: 10, length: 7 });
  const parts = [data.train, data.validation, data.test].map(rowsOf);
  expect(parts.map(({ length }) => length)).toEqual([65, 20, 15]);
  const ids = textEncoder(data.notes)(texts);
  expect(parts.flat().sort()).toEqual(rowsOf([ids, ids]).sort());
  expect(new Set(parts.flat()).size).toBe(100);
});

test('only words that were learnt from are known', async () => {
  const table = await parseTable(`text,class\n${Array.from({ length: 100 }, (_, row) => `w${row},${row % 2}`).join('\n')}`);
  const data = prepareText(table, roles, { words: 1000, length: 2, units: 'words' });
  expect(data.notes.vocabulary).toHaveLength(2 + 65);
  // All others have the one id of unknown words.
  for (const [{ data: ids }] of [data.validation, data.test]) expect([...new Set(ids)]).toEqual([0, 1]);
});

test('a text is divided in order: to learn from, for the test, for validation, and no window is in two', async () => {
  const characters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index));
  // Every pair of letters once, so that a window tells where it is from.
  const text = characters.map((a) => characters.map((b) => a + b).join('')).join('');
  const written = prepareWriting(text, { characters: 2000, window: 4 });
  const decode = (samples: Samples) =>
    rowsOf(samples).map((row) =>
      row
        .split(' ')
        .map((id) => written.notes.characters[Number(id)])
        .join(''),
    );
  const [train, tested, validated] = [written.train, written.test, written.validation].map((samples) => decode(samples).join(''));
  const [testFrom, validationFrom] = [text.indexOf(tested), text.indexOf(validated)];
  expect(text.startsWith(train)).toBe(true);
  expect(testFrom).toBeGreaterThanOrEqual(train.length);
  expect(validationFrom).toBeGreaterThanOrEqual(testFrom + tested.length);
  // What is lost is less than a window at the end of each part.
  for (const gap of [testFrom - train.length, validationFrom - testFrom - tested.length, text.length - validationFrom - validated.length])
    expect(gap).toBeLessThanOrEqual(4);
});

test('both sets are scored beside the most frequent class of the training texts', async () => {
  const table = await parseTable(
    `text,class\n${Array.from({ length: 100 }, (_, row) => `some text,${row % 4 ? 'often' : 'a few times'}`).join('\n')}`,
  );
  const data = prepareText(table, roles, { words: 10, length: 2 });
  const { kind, validation, test: tested } = (await judge(compiled(data.frame), data)).score;
  expect([kind, validation.count, tested.count]).toEqual(['accuracy', 20, 15]);
  for (const [score, [, y]] of [
    [validation, data.validation],
    [tested, data.test],
  ] as const) {
    const often = Array.from(y.data).filter((label) => label === 1).length / y.data.length;
    expect(score.baselines).toEqual([{ rule: 'frequent', value: often, answer: 'often' }]);
    // All texts are the same, so every answer is.
    expect([often, 1 - often].some((part) => Math.abs(part - score.model) < 1e-6)).toBe(true);
  }
});

test('a text is scored by its characters', async () => {
  const data = prepareWriting('aaab'.repeat(500), { characters: 2000, window: 8 });
  const { validation, test: tested } = (await judge(compiled(data.frame), data)).score;
  expect([validation.count, tested.count]).toEqual([24 * 8, 24 * 8]);
  expect(tested.baselines).toEqual([{ rule: 'frequent', value: 0.75, answer: 'a' }]);
});

test('a model without weights forecasts as well as repeating the last value', async () => {
  const table = await parseTable(`value\n${Array.from({ length: 200 }, (_, step) => step ** 1.5).join('\n')}`, true);
  const data = prepareForecast(table, roles, { window: 4, horizon: 3 });
  const model = compiled(data.frame);
  model.setWeights(model.getWeights().map(({ shape, data: values }) => ({ shape, data: values.fill(0) })));
  const { kind, validation, test: tested } = (await judge(model, data)).score;
  expect(kind).toBe('error');
  for (const score of [validation, tested]) expect(score.model).toBeCloseTo(lastValueOf(score), 4);
  // The series climbs faster and faster, and the test lies before validation.
  expect(lastValueOf(tested)).toBeLessThan(lastValueOf(validation));
});

const lastValueOf = ({ baselines }: SetScore) => baselines.find(({ rule }) => rule === 'lastValue')?.value ?? Number.NaN;

test('every class has its precision and recall, and every wrong answer its row, the surest first', async () => {
  const rows = Array.from(
    { length: 200 },
    (_, row) => `${row % 2 ? 'good' : 'bad'} film,${row % 10 === 4 ? 'up' : row % 2 ? 'up' : 'down'}`,
  );
  const data = prepareText(await parseTable(`text,class\n${rows.join('\n')}`), roles, { words: 10, length: 2 });
  const model = buildModel(data.frame, [{ kind: 'GRU', units: 4 }]);
  await new TrainingRun(model, data, { epochs: 20, batchSize: 16, learningRate: 0.05 }, () => {}).train();
  const { score, report } = await judge(model, data);
  // The model cannot know the texts that are mislabelled, and those alone.
  const mislabelled = data.testExamples?.filter(({ row }) => (row - 2) % 10 === 4) ?? [];
  expect(mislabelled.length).toBeGreaterThan(0);
  expect(report?.wrong.map(({ row }) => row).sort()).toEqual(mislabelled.map(({ row }) => row).sort());
  expect(report?.wrong[0]).toMatchObject({ text: 'bad film', truth: 1, said: 0 });
  expect(report?.wrongCount).toBe(mislabelled.length);
  const sum = report?.confusion.flat().reduce((total, cell) => total + cell, 0);
  expect(sum).toBe(score.test.count);
  expect(report?.confusion[1][0]).toBe(mislabelled.length);
  expect(report?.classes[0].recall).toBe(1);
  expect(report?.classes[1].precision).toBe(1);
});

test('judging ends at once when it is not waited for', async () => {
  const data = prepareWriting('aaab'.repeat(5000), { characters: 20_000, window: 8 });
  const controller = new AbortController();
  const parts: number[] = [];
  const judging = judge(compiled(data.frame), data, {
    signal: controller.signal,
    onPart: (part) => {
      parts.push(part);
      controller.abort(new Error('skipped'));
    },
  });
  await expect(judging).rejects.toThrow('skipped');
  expect(parts).toHaveLength(1);
  expect(parts[0]).toBeLessThan(1);
});
