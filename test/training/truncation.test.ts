import { beforeEach, describe, expect, test } from 'vitest';
import * as backtime from '../../ts/index.ts';
import { Embedding, GRU, type Layer, LSTM, type RecurrentOptions, RNN, type RNNOptions, SGD, SimpleRNN } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, tensor } from '../support/models.ts';
import { ownClasses } from '../support/ownClasses.mjs';
import { RandomArrays } from '../support/randomArrays.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

/**
 * T: every step has an id of its own, so the gradient of row t of the embedding is that of the
 * input of step t.
 */
const T = 7;
const H = 2;
const own = ownClasses(backtime);
const IDS = { shape: [1, T], data: Int32Array.from({ length: T }, (_, step) => step) };

const CELLS: [string, (options: RecurrentOptions) => Layer][] = [
  ['SimpleRNN', (options) => new SimpleRNN(H, options)],
  ['LSTM', (options) => new LSTM(H, options)],
  ['GRU', (options) => new GRU(H, options)],
  ['GRU, reset before', (options) => new GRU(H, { ...options, resetAfter: false })],
  ['RNN of a cell of one’s own', (options) => new RNN(new own.PeepholeLSTMCell({ units: H }), options as RNNOptions)],
];

describe.each(await availableBackends())('truncated back-propagation through time on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  /** The gradient of the input of every step, `[T][3]`. */
  async function inputGradients(
    make: (options: RecurrentOptions) => Layer,
    options: RecurrentOptions,
    stepWeights?: number[],
  ): Promise<number[][]> {
    const model = builtModel([new Embedding(T, 3), make(options)], [T], new RandomArrays(3));
    model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: 'mse' });
    const before = model.getWeights()[0].data;
    const targets = tensor(options.returnSequences ? [1, T, H] : [1, H], new RandomArrays(4));
    await model.trainOnBatch(IDS, targets, stepWeights ? [stepWeights] : null);
    const after = model.getWeights()[0].data;
    return Array.from({ length: T }, (_, step) => [0, 1, 2].map((feature) => before[3 * step + feature] - after[3 * step + feature]));
  }

  const stepsWithGradient = (gradients: readonly number[][]) =>
    gradients.flatMap((row, step) => (row.some((value) => value !== 0) ? [step] : []));

  test.each(CELLS)('%s: a loss on the last output reaches the last steps only, with their whole gradient', async (_cell, make) => {
    const whole = await inputGradients(make, {});
    expect(stepsWithGradient(whole)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const truncate of [1, 3, 6]) {
      const cut = await inputGradients(make, { truncate });
      const expected = Array.from({ length: truncate }, (_, index) => T - truncate + index);
      expect(stepsWithGradient(cut)).toEqual(expected);
      for (const step of expected) expectClose(cut[step], whole[step], TRAIN_STEP_FLOAT32, `gradient of step ${step}`);
    }
  });

  test.each(CELLS)('%s: nothing is cut when the sequence is no longer', async (_cell, make) => {
    expect(await inputGradients(make, { truncate: T })).toEqual(await inputGradients(make, {}));
    expect(await inputGradients(make, { truncate: null })).toEqual(await inputGradients(make, {}));
  });

  test.each(CELLS)('%s: with a loss on every step, gradients stay within chunks counted from the end', async (_cell, make) => {
    const reached = async (step: number) => {
      const weights = new Array(T).fill(0);
      weights[step] = 1;
      return stepsWithGradient(await inputGradients(make, { truncate: 3, returnSequences: true }, weights));
    };
    // Chunks: 0, 1 to 3, 4 to 6.
    expect(await reached(6)).toEqual([4, 5, 6]);
    expect(await reached(4)).toEqual([4]);
    expect(await reached(3)).toEqual([1, 2, 3]);
    expect(await reached(0)).toEqual([0]);
  });

  test('does not change what is predicted', async () => {
    const predict = async (truncate: number | null) => {
      const model = builtModel([new Embedding(T, 3), new LSTM(H, { truncate })], [T], new RandomArrays(3));
      return (await model.predict(IDS)).data;
    };
    expect(await predict(2)).toEqual(await predict(null));
  });
});
