import { expect, test } from 'vitest';
import { Graph } from '../../ts/graph/graph.ts';
import { Concatenate, DataError, Dense, Embedding, GRU, Input, type InputType, Model } from '../../ts/index.ts';

/** Feeds as text: the place of the input, what it is fed as, and the layers that take it. */
const feedsOf = (graph: Graph) =>
  graph.feeds.map(({ input, kind, layers }) => `${input} ${kind} ${layers.map(({ name }) => name).join(',')}`);

test('an input is fed as the layers take it that use it: as ids, as floats, as both, and a mask as ids', () => {
  const series = Input({ shape: [4, 3], name: 'series' });
  const words = Input({ shape: [4], name: 'words' });
  const gate = Input({ shape: [4], dtype: 'bool', name: 'gate' });
  const read = new GRU(2, { name: 'read' }).apply(series, { mask: gate });
  const again = new GRU(2, { name: 'again' }).apply(series);
  const embedded = new GRU(2, { name: 'words_read' }).apply(new Embedding(5, 2, { name: 'embedding' }).apply(words));
  const asFloats = new Dense(2, { name: 'dense' }).apply(words);
  const output = new Concatenate({ name: 'joined' }).apply([read, again, embedded, asFloats]);
  const graph = Graph.of([gate, series, words], [output]);
  expect(feedsOf(graph)).toEqual(['0 ids ', '1 floats read,again', '2 ids embedding', '2 floats dense']);
});

test('an input that is an output too is fed for that', () => {
  const words = Input({ shape: [4], name: 'words' });
  const embedded = new Embedding(5, 2, { name: 'embedding' }).apply(words);
  expect(feedsOf(Graph.of([words], [embedded]))).toEqual(['0 ids embedding']);
  expect(feedsOf(Graph.of([words], [embedded, words]))).toEqual(['0 ids embedding', '0 floats ']);
  expect(feedsOf(Graph.of([words], [words]))).toEqual(['0 floats ']);
});

test('several outputs of one layer are numbered', () => {
  const input = Input({ shape: [3] });
  const shared = new Dense(3, { name: 'shared' });
  const first = shared.apply(input);
  const second = shared.apply(first);
  const third = shared.apply(second);
  const other = new Dense(1, { name: 'other' }).apply(third);
  expect(Graph.of([input], [first, other, second, third]).outputNames).toEqual(['shared', 'other', 'shared_1', 'shared_2']);
  expect(new Model({ inputs: input, outputs: [first, second] }).outputs).toEqual([first, second]);
});

test.each([
  ['int32', [[1, -2, 3]], [[1, 0.5, 3]], /^x\[0\]\[1\] is 0\.5, expected an integer, because the Input has dtype 'int32'/],
  ['bool', [[1, 0, 1]], [[1, 2, 3]], /^x\[0\]\[1\] is 2, expected 0 or 1, because the Input has dtype 'bool'/],
] as const)('an input of dtype %s that a layer takes as floats is checked', async (dtype: InputType, right, wrong, message) => {
  const input = Input({ shape: [3], dtype });
  const model = new Model({ inputs: input, outputs: new Dense(2).apply(input) });
  expect((await model.predict(right)).shape).toEqual([1, 2]);
  await expect(model.predict(wrong)).rejects.toThrow(DataError);
  await expect(model.predict(wrong)).rejects.toThrow(message);
});
