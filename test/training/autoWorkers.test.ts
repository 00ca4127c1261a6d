import os from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Chain } from '../../ts/graph/chain.ts';
import type { Graph } from '../../ts/graph/graph.ts';
import { Dense, Embedding, LSTM } from '../../ts/index.ts';
import { autoWorkers, type Work } from '../../ts/model/autoWorkers.ts';
import { noteKeptWorkers, workerCount } from '../../ts/model/workerOptions.ts';
import { regression, regressionModel } from '../support/regression.ts';

/** A built graph of the bench's shape: ids, an embedding, an LSTM, one output. */
function network(units: number): Graph {
  const chain = new Chain();
  for (const layer of [new Embedding(1000, 32), new LSTM(units), new Dense(1)]) chain.add(layer);
  chain.build([null]);
  return chain.graph as Graph;
}

const training: Work = { sampleShapes: [[100]], count: 1000, batchSize: 32, epochs: 100 };

describe.each([1, 2, 4])('on %i cores', (cores) => {
  beforeEach(() => {
    vi.spyOn(os, 'availableParallelism').mockReturnValue(cores);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  /** The default where there is one core. */
  const atMost = (workers: number) => (cores > 1 ? Math.min(cores, workers) : 0);

  test('training takes the cores when each has enough to do in a batch, and no worker when not', () => {
    expect(autoWorkers(network(64), training)).toBe(atMost(4));
    expect(autoWorkers(network(8), training)).toBe(0);
    // Long sequences and large batches are work, too; the embedding is none.
    expect(autoWorkers(network(8), { ...training, sampleShapes: [[100_000]] })).toBe(atMost(4));
    expect(autoWorkers(network(8), { ...training, batchSize: 512 })).toBe(atMost(4));
    // A batch that the data does not fill is smaller.
    expect(autoWorkers(network(8), { ...training, batchSize: 512, count: 32, epochs: 10_000 })).toBe(0);
    // A few rows are not worth splitting.
    expect(autoWorkers(network(512), { ...training, batchSize: 8 })).toBe(0);
    expect(autoWorkers(network(512), { ...training, batchSize: 16 })).toBe(atMost(2));
  });

  test('many parameters that meet few rows are not worth exchanging', () => {
    expect(autoWorkers(network(512), { ...training, sampleShapes: [[1]], batchSize: 256, epochs: 1000 })).toBe(0);
    expect(autoWorkers(network(512), { ...training, sampleShapes: [[100]], batchSize: 256 })).toBe(atMost(4));
  });

  test('a call that is done before workers have started takes none', () => {
    expect(autoWorkers(network(64), { ...training, count: 64, epochs: 1 })).toBe(0);
    expect(autoWorkers(network(64), { ...training, count: 64, epochs: 100 })).toBe(atMost(4));
    expect(autoWorkers(network(64), { ...training, count: 64, epochs: null })).toBe(0);
  });

  test('prediction takes workers that wait for less work than it starts them for, and training does not', () => {
    const short = { ...training, count: 200, epochs: null };
    const all = 200 * 100 * (32 + 64 + 1) * 4 * 64;
    expect(all).toBeGreaterThan(3e8);
    expect(all).toBeLessThan(1e10);
    expect(autoWorkers(network(64), short)).toBe(0);
    noteKeptWorkers(3);
    try {
      expect(autoWorkers(network(64), short)).toBe(atMost(3));
      expect(autoWorkers(network(64), { ...short, count: 50 })).toBe(0);
      expect(autoWorkers(network(64), { ...short, epochs: 1 })).toBe(0);
      // Those that wait, and no more.
      noteKeptWorkers(1);
      expect(autoWorkers(network(64), short)).toBe(0);
    } finally {
      noteKeptWorkers(0);
    }
  });

  test('what is not trained is split by batches, of any size', () => {
    expect(autoWorkers(network(8), { ...training, count: 1_000_000, epochs: null })).toBe(atMost(4));
    expect(autoWorkers(network(64), { ...training, count: 10_000, batchSize: 4, epochs: null })).toBe(atMost(4));
    expect(autoWorkers(network(64), { ...training, count: 10_000, batchSize: 5000, epochs: null })).toBe(atMost(2));
    expect(autoWorkers(network(64), { ...training, count: 10_000, batchSize: 10_000, epochs: null })).toBe(0);
  });
});

test('is one of the choices of fit, and refused anywhere else than as that word', async () => {
  const { x, y } = regression(6);
  const model = regressionModel();
  expect((await model.fit(x, y, { workers: 'auto', verbose: 0 })).epoch).toEqual([0]);
  expect(workerCount('auto', () => 5, 'fit')).toBe(5);
  expect(() => workerCount('many', () => 5, 'fit')).toThrow("fit: workers must be an integer of at least 0 or 'auto', got 'many'");
});
