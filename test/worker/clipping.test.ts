import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Adam, Dense, GRU, type OptimizerOptions, type Sequential, SGD } from '../../ts/index.ts';
import { Parameters } from '../../ts/program/parameters.ts';
import { CACHE_LINE } from '../../ts/run/engine.ts';
import { partOf } from '../../ts/run/replica.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { WORKERS_FLOAT32, WORKERS_FLOAT64 } from '../support/tolerances.ts';

/** More than the workers, so that each has rows of every batch. */
const BATCH = 12;
const SHAPE = [4, 9];
const WORKERS = [2, 3, 5];

const x = tensor([2 * BATCH, ...SHAPE], new RandomArrays(1));
const y = tensor([2 * BATCH, 6], new RandomArrays(2));

/** A model of which each worker updates parts of weights only. */
function straddling(options: OptimizerOptions, make: (options: OptimizerOptions) => SGD | Adam): Sequential {
  const model = builtModel([new GRU(11), new Dense(13, { activation: 'tanh' }), new Dense(6)], SHAPE, new RandomArrays(3));
  model.compile({ optimizer: make(options), loss: 'meanSquaredError' });
  return model;
}

describe.each(await availableBackends())('limits of gradients in workers on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  const tolerance = backend.name === 'reference' ? WORKERS_FLOAT64 : WORKERS_FLOAT32;

  async function trained(options: OptimizerOptions, make: (options: OptimizerOptions) => SGD | Adam, workers: number) {
    startOn(backend);
    const model = straddling(options, make);
    await model.fit(x, y, { epochs: 2, batchSize: BATCH, shuffle: false, verbose: 0, workers });
    return flatWeights(model);
  }

  const sgd = (options: OptimizerOptions) => new SGD({ learningRate: 0.2, momentum: 0.5, ...options });
  // A large epsilon, since Adam hardly sees how long a gradient is.
  const adam = (options: OptimizerOptions) => new Adam({ learningRate: 0.02, epsilon: 0.1, ...options });

  test('every border between what workers update is in the middle of a weight', () => {
    const model = straddling({}, sgd);
    const parameters = new Parameters(backend, model.weights, model.weights, [1, 2]);
    for (const size of WORKERS) {
      for (let rank = 1; rank < size; rank++) {
        const { start: border } = partOf(parameters.trainableCount, { rank, size }, CACHE_LINE);
        const divided = model.weights.filter((weight) => {
          const { byteOffset, length } = parameters.slotPart(0, weight);
          const start =
            byteOffset / backend.floatBytes - parameters.slotPart(0, parameters.trainableWeights[0]).byteOffset / backend.floatBytes;
          return start < border && border < start + length;
        });
        expect(divided, `border ${rank} of ${size} workers`).toHaveLength(1);
      }
    }
    parameters.dispose(() => false);
  });

  test.each([
    ['clipnorm', { clipnorm: 0.05 }, sgd],
    ['globalClipnorm', { globalClipnorm: 0.1 }, adam],
  ])('%s: the same as on one thread, for any number of workers and both ways of exchange', async (_name, limit, make) => {
    const here = await trained(limit, make, 0);
    // The limit matters: otherwise nothing is tested.
    const unlimited = await trained({}, make, 0);
    const moved = Math.max(...here.map((value, index) => Math.abs(value - unlimited[index])));
    expect(moved).toBeGreaterThan(1e-3);
    for (const workers of WORKERS) {
      const shared = await trained(limit, make, workers);
      expectClose(shared, here, tolerance, `weights of ${workers} workers`);
      vi.stubGlobal('crossOriginIsolated', false);
      vi.spyOn(console, 'warn').mockImplementation(() => {});
      expect(await trained(limit, make, workers)).toEqual(shared);
      vi.unstubAllGlobals();
    }
  });
});
