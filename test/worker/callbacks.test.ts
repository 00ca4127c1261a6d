import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Callback, SGD } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { regression, regressionModel } from '../support/regression.ts';

const EVENTS = [
  'onTrainBegin',
  'onEpochBegin',
  'onTrainBatchBegin',
  'onTrainBatchEnd',
  'onTestBegin',
  'onTestBatchBegin',
  'onTestBatchEnd',
  'onTestEnd',
  'onEpochEnd',
  'onTrainEnd',
] as const;

describe.each(await availableBackends())('callbacks with workers on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  const { x, y } = regression(7);

  /** Everything that a callback is told, in order, with a pause in each call. */
  async function told(workers: number): Promise<unknown[]> {
    startOn(backend);
    const model = regressionModel();
    const log: unknown[] = [];
    const slow =
      (event: string) =>
      async (...args: unknown[]) => {
        log.push([event, ...args.map((argument) => (argument === model ? 'the model' : argument)), model.iterations]);
        await wait(1);
        log.push(`${event} ends`);
      };
    const callback = Object.fromEntries(EVENTS.map((event) => [event, slow(event)])) as Callback;
    await model.fit(x, y, {
      epochs: 2,
      batchSize: 3,
      verbose: 0,
      workers,
      validationData: [x, y],
      callbacks: [callback, { onEpochEnd: undefined }, callback],
    });
    return log;
  }

  test('are told the same in the same order, each awaited', async () => {
    const here = await told(0);
    expect(here.length).toBeGreaterThan(50);
    expect(await told(1)).toEqual(here);
    const names = (log: unknown[]) => log.map((entry) => (Array.isArray(entry) ? [entry[0], entry.at(-1)] : entry));
    for (const workers of [2, 3]) expect(names(await told(workers))).toEqual(names(here));
  });

  test.each([0, 1, 2])('stopTraining, set in a callback or from outside, ends training (%i workers)', async (workers) => {
    const model = regressionModel();
    const stop: Callback = {
      onTrainBatchEnd: (batch) => {
        model.stopTraining = batch === 1;
      },
    };
    await model.fit(x, y, { epochs: 5, batchSize: 2, verbose: 0, workers, callbacks: [stop] });
    expect(model.iterations).toBe(2);
    const outside = {
      onTrainBatchEnd(batch: number) {
        if (batch === 0) setTimeout(() => Object.assign(model, { stopTraining: true }), 20);
        return wait(20);
      },
    };
    await model.fit(x, y, { epochs: 100, batchSize: 1, verbose: 0, workers, callbacks: [outside] });
    expect(model.iterations).toBeLessThan(100);
  });

  test.each([0, 1, 2])('a learning rate set in a callback counts from the next step on (%i workers)', async (workers) => {
    const optimizer = new SGD({ learningRate: 0.1 });
    const model = regressionModel(optimizer);
    const weights: Float64Array[] = [];
    await model.fit(x, y, {
      epochs: 3,
      batchSize: 3,
      verbose: 0,
      workers,
      callbacks: [
        {
          onTrainBatchEnd: () => {
            if (model.iterations === 6) optimizer.learningRate = 0;
          },
          onEpochEnd: () => void weights.push(flatWeights(model)),
        },
      ],
    });
    expect(weights[1]).not.toEqual(weights[0]);
    expect(weights[2]).toEqual(weights[1]);
  });

  test.each([0, 1, 2])('onProgress comes at most 30 times a second (%i workers)', async (workers) => {
    const model = regressionModel();
    let calls = 0;
    const start = performance.now();
    const onProgress = () => {
      if (++calls === 8) model.stopTraining = true;
    };
    await model.fit(x, y, { epochs: 1_000_000, batchSize: 7, verbose: 0, workers, callbacks: [{ onProgress }] });
    expect(calls).toBeGreaterThanOrEqual(8);
    expect(calls).toBeLessThanOrEqual(Math.ceil(((performance.now() - start) / 1000) * 30) + 1);
  });
});
