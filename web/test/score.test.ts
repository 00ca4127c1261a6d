import { expect, test } from 'vitest';
import { parseTable } from '../src/data/table.ts';
import { buildModel } from '../src/model/layerList.ts';
import { prepareText } from '../src/tasks/classifyText.ts';
import { prepareForecast } from '../src/tasks/forecast.ts';
import { scoreOf } from '../src/tasks/score.ts';
import { prepareWriting } from '../src/tasks/write.ts';

const roles = { text: 0, label: 1, series: null, values: [], value: 0 };
const layers = [{ kind: 'SimpleRNN', units: 2 }] as const;

function compiled(frame: Parameters<typeof buildModel>[0]) {
  const model = buildModel(frame, layers);
  model.compile({ loss: frame.loss, metrics: frame.loss === 'meanSquaredError' ? [] : ['accuracy'] });
  return model;
}

test('texts for the test are neither learnt from nor validated by, and none is lost', () => {
  const words = Array.from({ length: 100 }, (_, row) => `w${row}`);
  const table = parseTable(`text,class\n${words.map((word, row) => `${word},${row % 2}`).join('\n')}`);
  // With more words known than there are, an id stands for one text.
  const data = prepareText(table, roles, { words: 1000, length: 2 });
  const validated = new Set(data.validation[0].data);
  expect(data.validation[0].shape[0] + data.test[0].shape[0] + data.train[0].shape[0]).toBe(100);
  // Only words that were learnt from are known: all others have the one id of unknown words.
  expect(data.notes.vocabulary).toHaveLength(2 + 65);
  expect([...validated]).toEqual([0, 1]);
  expect([...new Set(data.test[0].data)]).toEqual([0, 1]);
});

test('both sets are scored beside the most frequent class of the training texts', async () => {
  const table = parseTable(
    `text,class\n${Array.from({ length: 100 }, (_, row) => `some text,${row % 4 ? 'often' : 'a few times'}`).join('\n')}`,
  );
  const data = prepareText(table, roles, { words: 10, length: 2 });
  const { kind, validation, test: tested } = await scoreOf(compiled(data.frame), data);
  expect([kind, validation.count, tested.count]).toEqual(['accuracy', 20, 15]);
  for (const [score, [, y]] of [
    [validation, data.validation],
    [tested, data.test],
  ] as const) {
    const often = Array.from(y.data).filter((label) => label === 1).length / y.data.length;
    expect(score.baseline).toBe(often);
    // All texts are the same, so every answer is.
    expect([often, 1 - often].some((part) => Math.abs(part - score.model) < 1e-6)).toBe(true);
  }
});

test('a text is scored by its characters', async () => {
  const data = prepareWriting('aaab'.repeat(500), { characters: 2000, window: 8 });
  const { validation, test: tested } = await scoreOf(compiled(data.frame), data);
  expect([validation.count, tested.count]).toEqual([24 * 8, 24 * 8]);
  expect(tested.baseline).toBe(0.75);
});

test('a model without weights forecasts as well as repeating the last value', async () => {
  const table = parseTable(`value\n${Array.from({ length: 200 }, (_, step) => step ** 1.5).join('\n')}`, true);
  const data = prepareForecast(table, roles, { window: 4, horizon: 3 });
  const model = compiled(data.frame);
  model.setWeights(model.getWeights().map(({ shape, data: values }) => ({ shape, data: values.fill(0) })));
  const { kind, validation, test: tested } = await scoreOf(model, data);
  expect(kind).toBe('error');
  for (const score of [validation, tested]) expect(score.model).toBeCloseTo(score.baseline, 4);
  // The series climbs faster and faster, and the test lies before validation.
  expect(tested.baseline).toBeLessThan(validation.baseline);
});
