import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Callback, KernelPanicError, OutOfMemoryError, SGD, type Tensor, TrainingControl } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectSameWeights, flatWeights } from '../support/models.ts';
import { regression, regressionModel, rows } from '../support/regression.ts';
import { type StartedWorkers, trackWorkers } from '../support/startedWorkers.ts';
import { labelModel, sharedLabels } from '../support/workerCases.ts';

const COUNTS = [0, 1, 2, 3];
/** Epochs that would take minutes. */
const ENDLESS = 1_000_000;

describe.each(await availableBackends())('interrupting fit on $label', ({ backend }) => {
  let workers: StartedWorkers;
  beforeEach(() => {
    startOn(backend);
    workers = trackWorkers();
  });
  afterEach(async () => {
    await workers.end();
    workers.stop();
  });

  const { x, y } = regression(6);

  /** Steps on two rows each, by hand. */
  async function afterSteps(steps: number) {
    const model = regressionModel();
    for (let step = 0; step < steps; step++) await model.trainOnBatch(rows(x, 2 * step, 2 * step + 2), rows(y, 2 * step, 2 * step + 2));
    return model;
  }

  describe.each(COUNTS)('with %i workers', (count) => {
    const options = { batchSize: 2, shuffle: false, verbose: 0, workers: count } as const;

    test('a signal stops between two steps with its reason and leaves the weights of the last step', async () => {
      const model = regressionModel();
      const controller = new AbortController();
      const reason = new Error('enough');
      const abort: Callback = { onTrainBatchEnd: (batch) => void (batch === 1 && controller.abort(reason)) };
      await expect(model.fit(x, y, { ...options, epochs: 9, signal: controller.signal, callbacks: [abort] })).rejects.toBe(reason);
      expect(model.iterations).toBe(2);
      expectSameWeights(model, await afterSteps(2));
      await model.fit(x, y, options);
      expect(model.iterations).toBe(5);
    });

    test('a time limit stops it in the middle of epochs, an aborted signal before the first step', async () => {
      const model = regressionModel();
      const before = flatWeights(model);
      await expect(model.fit(x, y, { ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
      expect(flatWeights(model)).toEqual(before);
      const controller = new AbortController();
      const reason = new DOMException('too long', 'TimeoutError');
      const limit: Callback = { onEpochBegin: (epoch) => void (epoch === 0 && setTimeout(() => controller.abort(reason), 50)) };
      await expect(model.fit(x, y, { ...options, epochs: ENDLESS, signal: controller.signal, callbacks: [limit] })).rejects.toBe(reason);
      expect(model.iterations).toBeGreaterThan(0);
    });

    test('an error of a callback ends fit with that very error; the weights are those of the last step', async () => {
      const model = regressionModel();
      const error = new RangeError('mine');
      const log: string[] = [];
      const failing: Callback = {
        onTrainBatchEnd(batch) {
          if (batch === 1) throw error;
        },
        onTrainEnd: () => void log.push('end'),
      };
      await expect(model.fit(x, y, { ...options, callbacks: [failing] })).rejects.toBe(error);
      expect(log).toEqual(['end']);
      expectSameWeights(model, await afterSteps(2));
    });

    test('a learning rate that becomes none throws at its step', async () => {
      const learningRate = (iteration: number) => (iteration === 2 ? Number.NaN : 0.1);
      const model = regressionModel(new SGD({ learningRate }));
      await expect(model.fit(x, y, options)).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringContaining('at step 2') });
      expectSameWeights(model, await afterSteps(2));
    });

    test('it pauses between two steps until it is resumed', async () => {
      const model = regressionModel();
      const control = new TrainingControl();
      const seen: number[] = [];
      const callbacks: Callback[] = [{ onEpochEnd: (epoch) => void seen.push(epoch) }];
      const training = model.fit(x, y, { ...options, epochs: ENDLESS, control, callbacks });
      while (seen.length < 3) await wait(1);
      control.pause();
      await wait(50);
      const paused = seen.length;
      await wait(100);
      expect(seen.length).toBe(paused);
      control.resume();
      while (seen.length < paused + 3) await wait(1);
      control.pause();
      await wait(20);
      // Stopping ends a pause, too.
      model.stopTraining = true;
      control.resume();
      await training;
      expect(seen).toEqual(seen.map((_, index) => index));
    });

    test('a signal ends a pause', async () => {
      const controller = new AbortController();
      const control = new TrainingControl();
      control.pause();
      const training = regressionModel().fit(x, y, { ...options, epochs: ENDLESS, control, signal: controller.signal });
      await wait(100);
      controller.abort();
      await expect(training).rejects.toMatchObject({ name: 'AbortError' });
    });

    test('memory that is short is an OutOfMemoryError before the first callback', async () => {
      const log: string[] = [];
      const huge: Tensor = { shape: [2 ** 22, 3], data: new Float32Array(3 * 2 ** 22) };
      const targets = new Float32Array(2 ** 22);
      const model = regressionModel(undefined, 9, labelModel(2 ** 9));
      await expect(
        model.fit(huge, targets, { ...options, batchSize: 2 ** 22, callbacks: [{ onTrainBegin: () => void log.push('begin') }] }),
      ).rejects.toSatisfy(
        (error) => error instanceof OutOfMemoryError && error.code === 'OUT_OF_MEMORY' && /smaller batch/.test(error.message),
      );
      expect(log).toEqual([]);
    });

    // The reference's loops read past what they should without an error.
    if (backend.name === 'wasm') {
      test('a panic of a kernel is a KernelPanicError; the model has the weights of its last whole epoch', async () => {
        const { model, ids, labels } = sharedLabels();
        const weights: Float64Array[] = [];
        const spoil: Callback = {
          onEpochEnd: (epoch) => {
            weights.push(flatWeights(model));
            // Data that changes after it was checked: no other way to make a kernel panic.
            if (epoch === 1) labels.data[5] = 99;
          },
        };
        const run = model.fit(ids, labels, { ...options, batchSize: 6, epochs: 5, callbacks: [spoil] });
        await expect(run).rejects.toSatisfy(
          (error) => error instanceof KernelPanicError && error.code === 'KERNEL_PANIC' && /loss.*99/s.test(error.message),
        );
        expect(weights).toHaveLength(2);
        expect(flatWeights(model)).toEqual(weights[1]);
        expect(model.iterations).toBe(2);
        labels.data[5] = 1;
        await model.fit(ids, labels, options);
      });
    }
  });
});
