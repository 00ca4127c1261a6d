import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { Dense, Embedding, LSTM } from '../../ts/index.ts';
import { Graph } from '../../ts/model/graph.ts';
import { autoWorkers } from '../../ts/training/autoWorkers.ts';
import { workerCount } from '../../ts/training/workerOptions.ts';
import { regression, regressionModel } from '../support/regression.ts';

/** A built graph of the bench's shape: ids, an embedding, an LSTM, one output. */
function network(units: number): Graph {
  const graph = new Graph();
  for (const layer of [new Embedding(1000, 32), new LSTM(units), new Dense(1)]) graph.add(layer);
  graph.build([null]);
  return graph;
}

const cores = availableParallelism();

test('takes the cores when each has enough to do, and no worker when not', () => {
  expect(autoWorkers(network(512), [100], 64)).toBe(cores > 1 ? Math.min(cores, 8) : 0);
  expect(autoWorkers(network(8), [100], 32)).toBe(0);
  // Long sequences and large batches are work, too; the embedding is none.
  expect(autoWorkers(network(8), [100_000], 32)).toBe(cores > 1 ? Math.min(cores, 4) : 0);
  // A few rows are not worth splitting.
  expect(autoWorkers(network(512), [100], 8)).toBe(0);
});

test('is one of the choices of fit, and refused anywhere else than as that word', async () => {
  const { x, y } = regression(6);
  const model = regressionModel();
  expect((await model.fit(x, y, { workers: 'auto', verbose: 0 })).epoch).toEqual([0]);
  expect(workerCount('auto', () => 5, 'fit')).toBe(5);
  expect(() => workerCount('many', () => 5, 'fit')).toThrow("fit: workers must be a whole number of at least 0 or 'auto', got 'many'");
});
