import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ArgumentError,
  type Callback,
  DataError,
  LearningRateScheduler,
  type Model,
  ReduceLROnPlateau,
  SGD,
  setWarningHandler,
  TerminateOnNaN,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectSameWeights } from '../support/models.ts';
import { caught, expectError } from '../support/refusals.ts';
import { regression, regressionModel } from '../support/regression.ts';

describe.each(await availableBackends())('callbacks that change the learning rate on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => {
    setWarningHandler(null);
    vi.restoreAllMocks();
  });

  const { x, y } = regression(7);
  const options = { batchSize: 3, shuffle: false, verbose: 0 } as const;

  /** A model that was trained with these rates, one for each step. */
  async function trainedWith(rates: readonly number[], workers: number, epochs = 1): Promise<Model> {
    const model = regressionModel(new SGD({ learningRate: (step) => rates[step] as number }));
    await model.fit(x, y, { ...options, epochs, workers });
    return model;
  }

  test.each([0, 1, 2])('a rate that onTrainBatchBegin sets counts for the batch (%i workers)', async (workers) => {
    const rates = [0.1, 0, 0.05];
    const setRate: Callback = {
      onTrainBatchBegin: (batch, { optimizer }) => {
        optimizer.learningRate = rates[batch] as number;
      },
    };
    const model = regressionModel(new SGD({ learningRate: 7 }));
    await model.fit(x, y, { ...options, workers, callbacks: [setRate] });
    expectSameWeights(model, await trainedWith(rates, workers));
  });

  test.each([0, 1, 2])(
    'stopTraining in onTrainBatchBegin ends training after the batch, an error before it (%i workers)',
    async (workers) => {
      const model = regressionModel();
      const stop: Callback = {
        onTrainBatchBegin: (batch) => {
          model.stopTraining = batch === 1;
        },
      };
      const history = await model.fit(x, y, { ...options, epochs: 3, workers, callbacks: [stop] });
      expect(model.iterations).toBe(2);
      expect(history.epoch).toEqual([0]);

      const failing = regressionModel();
      const fail: Callback = {
        onTrainBatchBegin: (batch) => {
          if (batch === 1) throw new RangeError('mine');
        },
      };
      expect(await caught(() => failing.fit(x, y, { ...options, workers, callbacks: [fail] }))).toEqual(new RangeError('mine'));
      expect(failing.iterations).toBe(1);
    },
  );

  test.each([0, 1, 2])('a signal that is aborted in onTrainBatchBegin ends training before the batch (%i workers)', async (workers) => {
    const model = regressionModel();
    const controller = new AbortController();
    const abort: Callback = { onTrainBatchBegin: (batch) => void (batch === 1 && controller.abort()) };
    const { signal } = controller;
    expect(await caught(() => model.fit(x, y, { ...options, workers, signal, callbacks: [abort] }))).toBe(signal.reason);
    expect(model.iterations).toBe(1);
  });

  test.each([0, 1, 2])('LearningRateScheduler sets the rate of each epoch, and the history has it (%i workers)', async (workers) => {
    const print = vi.spyOn(console, 'log').mockImplementation(() => {});
    const model = regressionModel(new SGD({ learningRate: 0.1 }));
    const scheduler = new LearningRateScheduler((epoch, rate) => (epoch === 1 ? rate / 2 : rate), { verbose: 1 });
    const { history } = await model.fit(x, y, { ...options, epochs: 3, workers, callbacks: [scheduler] });
    expect(history.learningRate).toEqual([0.1, 0.05, 0.05]);
    expect(Object.keys(history)).toEqual(['loss', 'meanAbsoluteError', 'learningRate']);
    expect(print.mock.calls[1]).toEqual(['Epoch 2: LearningRateScheduler setting learning rate to 0.05.']);
    expectSameWeights(model, await trainedWith([0.1, 0.1, 0.1, ...new Array(6).fill(0.05)], workers, 3));
  });

  test.each([0, 1, 2])('ReduceLROnPlateau reduces the rate of the epochs after it (%i workers)', async (workers) => {
    const print = vi.spyOn(console, 'log').mockImplementation(() => {});
    const model = regressionModel(new SGD({ learningRate: 0.1 }));
    const plateau = new ReduceLROnPlateau({ monitor: 'loss', mode: 'max', factor: 0.5, patience: 1, minLr: 0.03, verbose: 1 });
    const { history } = await model.fit(x, y, { ...options, epochs: 4, workers, callbacks: [plateau] });
    expect(history.learningRate).toEqual([0.1, 0.1, 0.05, 0.03]);
    expect(print.mock.calls).toEqual([
      ['Epoch 2: ReduceLROnPlateau reducing learning rate to 0.05.'],
      ['Epoch 3: ReduceLROnPlateau reducing learning rate to 0.03.'],
    ]);
    expect(plateau.best).toBe(history.loss[0]);
    const rates = history.learningRate?.flatMap((rate) => [rate, rate, rate]) ?? [];
    expectSameWeights(model, await trainedWith(rates, workers, 4));
    // It begins anew.
    await model.fit(x, y, { ...options, workers, callbacks: [plateau] });
    expect(plateau.best).not.toBe(history.loss[0]);
  });

  test.each([0, 1, 2])('TerminateOnNaN ends training after the batch whose loss is not finite (%i workers)', async (workers) => {
    setWarningHandler(() => {});
    const print = vi.spyOn(console, 'log').mockImplementation(() => {});
    const diverging = () => regressionModel(new SGD({ learningRate: 1e200 }));
    const model = diverging();
    const { epoch } = await model.fit(x, y, { ...options, epochs: 5, workers, callbacks: [new TerminateOnNaN()] });
    expect(epoch).toEqual([0]);
    expect(model.iterations).toBe(2);
    expect(print.mock.calls).toEqual([[expect.stringMatching(/^Batch 1: the loss is (NaN|Infinity), ending training\.$/)]]);
    const other = diverging();
    const error = await caught(() => other.fit(x, y, { ...options, workers, callbacks: [new TerminateOnNaN({ raiseError: true })] }));
    expectError(error, DataError, /^TerminateOnNaN: batch 1: the loss is (NaN|Infinity): training diverged/);
  });

  test('a rate that is a function belongs to the optimizer: other setters are refused before the first step', async () => {
    for (const callback of [new LearningRateScheduler(() => 1), new ReduceLROnPlateau({ monitor: 'loss' })]) {
      const model = regressionModel(new SGD({ learningRate: () => 0.1 }));
      const error = await caught(() => model.fit(x, y, { ...options, callbacks: [callback] }));
      expectError(error, ArgumentError, /learningRate of model sequential's SGD is a function of the step/);
      expect(model.iterations).toBe(0);
    }
  });

  test('what a schedule gives is checked', async () => {
    for (const rate of [Number.NaN, -1, '0.1', undefined]) {
      const scheduler = new LearningRateScheduler(() => rate as number);
      const error = await caught(() => regressionModel().fit(x, y, { ...options, callbacks: [scheduler] }));
      expectError(error, ArgumentError, /^LearningRateScheduler: what the schedule gives for epoch 0 must be a number of at least 0/);
    }
  });
});

test.each<[RegExp, () => unknown]>([
  [/^LearningRateScheduler takes a function of the epoch, got 0\.1$/, () => new LearningRateScheduler(0.1 as never)],
  [/did you mean 'verbose'/, () => new LearningRateScheduler(() => 1, { verbos: 1 } as never)],
  [/^ReduceLROnPlateau: factor must be a number of at least 0 and below 1, got 1$/, () => new ReduceLROnPlateau({ factor: 1 })],
  [/did you mean 'minLr'/, () => new ReduceLROnPlateau({ minLR: 1 } as never)],
  [/^ReduceLROnPlateau: patience/, () => new ReduceLROnPlateau({ patience: -1 })],
  [/^ReduceLROnPlateau: cooldown/, () => new ReduceLROnPlateau({ cooldown: 0.5 })],
  [/^ReduceLROnPlateau: minDelta must be a finite number/, () => new ReduceLROnPlateau({ minDelta: Number.NaN })],
  [/^TerminateOnNaN: raiseError/, () => new TerminateOnNaN({ raiseError: 1 } as never)],
])('wrong options are refused: %s', async (message, make) => {
  expectError(await caught(make), ArgumentError, message);
});
