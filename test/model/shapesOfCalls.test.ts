import { expect, test, vi } from 'vitest';
import { Graph } from '../../ts/graph/graph.ts';
import { Dense, Input, LSTM } from '../../ts/index.ts';

const samples = (...shapes: (readonly (number | null)[])[]) => shapes;

test('the shapes of outputs are those of the samples, also after samples of other shapes', () => {
  const [a, b] = [Input({ shape: [null, 2] }), Input({ shape: [null, 3] })];
  const graph = Graph.of([a, b], [new LSTM(4, { returnSequences: true }).apply(a), new Dense(5).apply(b)]);
  for (const [first, second] of [
    [7, 8],
    [7, 9],
    [null, 9],
    [6, 9],
    [7, 8],
  ]) {
    const outputs = samples([first ?? null, 4], [second ?? null, 5]);
    const given = [
      [first ?? null, 2],
      [second ?? null, 3],
    ];
    expect(graph.outputShapesFor(given)).toEqual(outputs);
    // The caller may use its arrays again.
    (given[0] as unknown[])[0] = 100;
    expect(graph.outputShapesFor(given)).toEqual(samples([100, 4], [second ?? null, 5]));
  }
});

test('the shapes of outputs are computed once for all samples of one shape, and errors each time', () => {
  const input = Input({ shape: [null, 2] });
  const layer = new LSTM(4);
  const graph = Graph.of([input], [layer.apply(input)]);
  const inferUse = vi.spyOn(layer, 'inferUse');
  for (let call = 0; call < 3; call++) graph.outputShapesFor([[7, 2]]);
  expect(inferUse).toHaveBeenCalledTimes(1);
  graph.outputShapesFor([[8, 2]]);
  expect(inferUse).toHaveBeenCalledTimes(2);
  for (let call = 0; call < 2; call++) expect(() => graph.outputShapesFor([[7, 3, 3, 3]])).toThrow();
  expect(graph.outputShapesFor([[8, 2]])).toEqual([[4]]);
});
