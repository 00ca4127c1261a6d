import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Callback, Dense, Embedding, GRU, LSTM, Sequential, SGD, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { WORKERS_FLOAT32, WORKERS_FLOAT64 } from '../support/tolerances.ts';

const random = new RandomArrays(2);
/** Four batches of five sequences: two workers have 2 and 3 of them, six have at most one. */
const BATCH = 5;
const X: Tensor = { shape: [20, 4], data: random.integers(80, 7) };
const Y = tensor([20, 1], random);

/** A mask, stateful layers and dropout. */
function network(): Sequential {
  const model = new Sequential([
    new Embedding(7, 3, { maskZero: true }),
    new LSTM(4, { stateful: true, returnSequences: true, dropout: 0.2 }),
    new GRU(3, { stateful: true }),
    new Dense(1),
  ]);
  model.compile({ optimizer: new SGD({ learningRate: 0.1, momentum: 0.9 }), loss: 'mse' });
  return model;
}

describe.each(await availableBackends())('stateful layers in workers on $label', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? WORKERS_FLOAT64 : WORKERS_FLOAT32;
  beforeEach(() => startOn(backend));
  afterEach(() => vi.unstubAllGlobals());

  const RESETS: Record<string, Callback[]> = {
    'carried through all epochs': [],
    'reset before each epoch': [{ onEpochBegin: (_epoch, model) => model.resetStates() }],
  };

  async function run(workers: number, callbacks: Callback[]) {
    startOn(backend, 3);
    const model = network();
    const head = { shape: [BATCH, 4], data: X.data.slice(0, BATCH * 4) };
    // The run begins with the states of this call, and the next call with those of the run.
    await model.predict(head, { workers });
    const validationData = [head, { shape: [BATCH, 1], data: Y.data.slice(0, BATCH) }] as const;
    const options = { batchSize: BATCH, epochs: 3, shuffle: false, verbose: 0, validationData, callbacks, workers } as const;
    const { history } = await model.fit(X, Y, options);
    return { weights: flatWeights(model), next: (await model.predict(X, { batchSize: BATCH, workers })).data, history };
  }

  for (const [title, callbacks] of Object.entries(RESETS)) {
    test.each([1, 2, 6])(`${title}: %i workers train as this thread`, async (workers) => {
      const here = await run(0, callbacks);
      const there = await run(workers, callbacks);
      if (workers === 1) expect(there).toEqual(here);
      expectClose(there.weights, here.weights, tolerance, 'weights');
      expectClose(there.next, here.next, tolerance, 'the next prediction');
      for (const name of ['loss', 'valLoss']) expectClose(there.history[name] as number[], here.history[name] as number[], tolerance, name);
    });
  }

  test('the states are carried, and messages carry them too', async () => {
    const carried = await run(2, RESETS['carried through all epochs'] as Callback[]);
    const reset = await run(2, RESETS['reset before each epoch'] as Callback[]);
    expect(carried.weights).not.toEqual(reset.weights);
    vi.stubGlobal('SharedArrayBuffer', undefined);
    expect(await run(2, RESETS['carried through all epochs'] as Callback[])).toEqual(carried);
  });
});
