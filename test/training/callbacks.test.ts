import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Callback, Dense, loadModel, modelToBytes, Sequential, StateError } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectSameWeights, flatWeights } from '../support/models.ts';
import { caught } from '../support/refusals.ts';
import { regression, regressionModel, rows } from '../support/regression.ts';

/** A callback that writes down its calls. */
function recorder(name: string, log: string[]): Callback {
  return {
    onTrainBegin: () => void log.push(`${name} train begin`),
    onEpochBegin: (epoch) => void log.push(`${name} epoch ${epoch} begin`),
    onTrainBatchEnd: (batch) => void log.push(`${name} batch ${batch} end`),
    onTestBegin: () => void log.push(`${name} test begin`),
    onTestEnd: () => void log.push(`${name} test end`),
    onEpochEnd: (epoch) => void log.push(`${name} epoch ${epoch} end`),
    onTrainEnd: () => void log.push(`${name} train end`),
  };
}

describe.each(await availableBackends())('callbacks and cancelling on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  const { x, y } = regression(6);

  test('callbacks are called in order', async () => {
    const log: string[] = [];
    await regressionModel().fit(x, y, {
      epochs: 2,
      batchSize: 3,
      verbose: 0,
      callbacks: [recorder('a', log), { onEpochEnd: undefined }, recorder('b', log)],
    });
    const epoch = (number: number) => [`epoch ${number} begin`, 'batch 0 end', 'batch 1 end', `epoch ${number} end`];
    const events = ['train begin', ...epoch(0), ...epoch(1), 'train end'];
    expect(log).toEqual(events.flatMap((event) => [`a ${event}`, `b ${event}`]));
  });

  class Base {
    readonly heard: string[] = [];
    onEpochEnd(epoch: number): void {
      this.heard.push(`epoch ${epoch}`);
    }
  }
  class Derived extends Base {}

  test.each<[string, () => { callback: Callback; heard: string[] }]>([
    [
      'of a class',
      () => {
        const callback = new Derived();
        return { callback, heard: callback.heard };
      },
    ],
    [
      'of a proxy that tells no names',
      () => {
        const heard: string[] = [];
        const functions: Record<string, unknown> = { onEpochEnd: (epoch: number) => void heard.push(`epoch ${epoch}`) };
        return { callback: new Proxy({}, { get: (_target, name) => functions[String(name)] }), heard };
      },
    ],
    [
      'with helpers of its own',
      () => {
        const heard: string[] = [];
        const callback = {
          online: () => heard,
          once: () => heard,
          epochBegin: () => heard,
          onEpochEnd: (epoch: number) => void heard.push(`epoch ${epoch}`),
        };
        return { callback, heard };
      },
    ],
  ])('the functions %s are called', async (_name, make) => {
    const { callback, heard } = make();
    await regressionModel().fit(x, y, { epochs: 2, verbose: 0, callbacks: [callback] });
    expect(heard).toEqual(['epoch 0', 'epoch 1']);
  });

  test('validation comes between the batches of an epoch and its end', async () => {
    const log: string[] = [];
    const tested: unknown[] = [];
    const { history } = await regressionModel().fit(x, y, {
      verbose: 0,
      validationData: [x, y],
      callbacks: [recorder('a', log), { onTestEnd: (logs) => void tested.push({ ...logs }) }],
    });
    const events = ['train begin', 'epoch 0 begin', 'batch 0 end', 'test begin', 'test end', 'epoch 0 end', 'train end'];
    expect(log).toEqual(events.map((event) => `a ${event}`));
    expect(tested).toEqual([{ loss: history.valLoss[0], meanAbsoluteError: history.valMeanAbsoluteError[0] }]);
  });

  test('each is awaited before the next and before the training goes on', async () => {
    const log: string[] = [];
    const slow = (event: string) => async () => {
      log.push(`${event} starts`);
      await wait(2);
      log.push(`${event} ends`);
    };
    const events = ['onTrainBegin', 'onEpochBegin', 'onTrainBatchEnd', 'onEpochEnd', 'onTrainEnd'] as const;
    const callback = Object.fromEntries(events.map((event) => [event, slow(event)])) as Callback;
    await regressionModel().fit(x, y, { verbose: 0, callbacks: [callback, callback] });
    expect(log).toEqual(events.flatMap((event) => [`${event} starts`, `${event} ends`, `${event} starts`, `${event} ends`]));
  });

  test('they learn the sizes of the run and its numbers so far', async () => {
    const seen: unknown[] = [];
    const history = await regressionModel().fit(x, y, {
      epochs: 3,
      initialEpoch: 2,
      batchSize: 4,
      verbose: 0,
      validationData: [x, y],
      callbacks: [
        {
          onTrainBegin: (plan) => void seen.push(plan),
          onTrainBatchEnd: (_batch, logs) => void seen.push(logs),
          onEpochEnd: (_epoch, logs) => void seen.push(logs),
          onTrainEnd: (logs) => void seen.push(logs),
        },
      ],
    });
    const [plan, , last, epoch, end] = seen as Record<string, number>[];
    expect(plan).toEqual({ epochs: 3, initialEpoch: 2, steps: 2, samples: 6, batchSize: 4, validationFreq: 1 });
    expect(Object.keys(last)).toEqual(['loss', 'meanAbsoluteError']);
    expect(epoch).toEqual({ ...last, valLoss: history.history.valLoss[0], valMeanAbsoluteError: history.history.valMeanAbsoluteError[0] });
    expect(end).toEqual(epoch);
  });

  test.each([
    ['onTrainBatchEnd', 1, 1],
    ['onEpochEnd', 3, 1],
    ['onTrainBegin', 0, 0],
  ] as const)('stopTraining in %s ends training there', async (event, iterations, epochs) => {
    const model = regressionModel();
    const log: string[] = [];
    const stop = () => {
      model.stopTraining = true;
    };
    const history = await model.fit(x, y, { epochs: 5, batchSize: 2, verbose: 0, callbacks: [{ [event]: stop }, recorder('a', log)] });
    expect(model.iterations).toBe(iterations);
    expect(history.epoch).toHaveLength(epochs);
    expect(log[log.length - 1]).toBe('a train end');
    await model.fit(x, y, { batchSize: 2, verbose: 0 });
    expect(model.iterations).toBe(iterations + 3);
  });

  test('what went wrong first is thrown, also when a callback fails at the end, and every callback hears of the end', async () => {
    const first = new Error('first');
    const second = new Error('second');
    const fails = (error: Error) => () => {
      throw error;
    };
    const log: string[] = [];
    const trained = (callbacks: Callback[]) => caught(() => regressionModel().fit(x, y, { verbose: 0, callbacks }));
    const failing: Callback = { onEpochEnd: fails(first), onTrainEnd: fails(second) };
    expect(await trained([failing, recorder('a', log)])).toBe(first);
    expect(first).toMatchObject({ suppressed: second });
    expect(log.at(-1)).toBe('a train end');
    expect(await trained([{ onTrainEnd: fails(second) }, { onTrainEnd: fails(first) }])).toBe(second);
  });

  test('every callback gets the model itself, and may save its weights of that moment', async () => {
    const model = regressionModel();
    const given: unknown[] = [];
    const saved: unknown[] = [];
    const give = (...args: unknown[]) => void given.push(args.at(-1));
    const names = ['onTrainBegin', 'onEpochBegin', 'onTrainBatchEnd', 'onTestBegin', 'onTestEnd', 'onEpochEnd', 'onTrainEnd'];
    await model.fit(x, y, {
      verbose: 0,
      epochs: 2,
      validationSplit: 0.5,
      callbacks: [
        Object.fromEntries(names.map((name) => [name, give])),
        {
          async onEpochEnd(_epoch, _logs, training) {
            saved.push(flatWeights(await loadModel(await modelToBytes(training))), flatWeights(training));
          },
        },
      ],
    });
    expect(given).toHaveLength(2 + 2 * 5);
    for (const one of given) expect(one).toBe(model);
    expect(saved[0]).toEqual(saved[1]);
    expect(saved[2]).toEqual(flatWeights(model));
    expect(saved[0]).not.toEqual(saved[2]);
  });

  test('a callback stops training through the model it is given', async () => {
    const model = regressionModel();
    await model.fit(x, y, {
      epochs: 5,
      verbose: 0,
      callbacks: [
        {
          onEpochEnd(epoch, _logs, training) {
            training.stopTraining = epoch === 1;
          },
        },
      ],
    });
    expect(model.iterations).toBe(2);
    expect(model.stopTraining).toBe(true);
  });

  test('an error of a callback ends fit with that error; the weights are those of the last step', async () => {
    const model = regressionModel();
    const log: string[] = [];
    const failing: Callback = {
      onTrainBatchEnd: (batch) => {
        if (batch === 1) throw new RangeError('mine');
      },
    };
    await expect(model.fit(x, y, { batchSize: 2, shuffle: false, verbose: 0, callbacks: [failing, recorder('a', log)] })).rejects.toThrow(
      new RangeError('mine'),
    );
    expect(log[log.length - 1]).toBe('a train end');
    const byHand = regressionModel();
    for (const from of [0, 2]) await byHand.trainOnBatch(rows(x, from, from + 2), rows(y, from, from + 2));
    expectSameWeights(model, byHand);
    await model.fit(x, y, { verbose: 0 });
  });

  test('a callback may evaluate and predict, but not train, compile, change or dispose the model', async () => {
    const model = regressionModel();
    const refused: unknown[] = [];
    const evaluated: number[] = [];
    const { history } = await model.fit(x, y, {
      verbose: 0,
      validationData: [x, y],
      callbacks: [
        {
          async onEpochEnd() {
            evaluated.push((await model.evaluate(x, y, { batchSize: 32 })).loss);
            await model.predict(x);
            const attempts = [
              () => model.fit(x, y),
              () => model.trainOnBatch(x, y),
              () => model.compile({ loss: 'mse' }),
              () => model.add(new Dense(1)),
              () => model.pop(),
              () => model.dispose(),
            ];
            for (const attempt of attempts) {
              try {
                await attempt();
                refused.push('not refused');
              } catch (error) {
                refused.push(error);
              }
            }
          },
        },
      ],
    });
    expect(evaluated).toEqual(history.valLoss);
    expect(refused).toHaveLength(6);
    for (const error of refused) expect(error).toBeInstanceOf(StateError);
  });

  test('two fits of one model at once: the second is refused, the first goes on', async () => {
    const model = regressionModel();
    const first = model.fit(x, y, { epochs: 3, verbose: 0 });
    await expect(model.fit(x, y, { verbose: 0 })).rejects.toMatchObject({ name: 'StateError', code: 'STATE' });
    expect((await first).epoch).toEqual([0, 1, 2]);
    expect(model.iterations).toBe(3);
  });

  test('a step that was begun first does not train beside fit', async () => {
    const model = regressionModel();
    const step = model.trainOnBatch(x, y);
    const training = model.fit(x, y, { epochs: 3, shuffle: false, verbose: 0 });
    await expect(step).rejects.toMatchObject({ name: 'StateError', message: expect.stringContaining('is in fit: await it') });
    await training;
    const alone = regressionModel();
    await alone.fit(x, y, { epochs: 3, shuffle: false, verbose: 0 });
    expect(model.iterations).toBe(alone.iterations);
    expectSameWeights(model, alone);
  });

  test('a signal stops between two steps with its reason and leaves the weights of the last step', async () => {
    const model = regressionModel();
    const controller = new AbortController();
    const reason = new Error('enough');
    const log: string[] = [];
    const abort: Callback = { onTrainBatchEnd: (batch) => void (batch === 1 && controller.abort(reason)) };
    await expect(
      model.fit(x, y, {
        batchSize: 2,
        epochs: 9,
        shuffle: false,
        verbose: 0,
        signal: controller.signal,
        callbacks: [abort, recorder('a', log)],
      }),
    ).rejects.toBe(reason);
    expect(model.iterations).toBe(2);
    expect(log[log.length - 1]).toBe('a train end');
    const byHand = regressionModel();
    for (const from of [0, 2]) await byHand.trainOnBatch(rows(x, from, from + 2), rows(y, from, from + 2));
    expectSameWeights(model, byHand);
    await model.fit(x, y, { verbose: 0 });
  });

  test('an aborted signal stops before the first step', async () => {
    const model = regressionModel();
    const before = flatWeights(model);
    await expect(model.fit(x, y, { verbose: 0, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(flatWeights(model)).toEqual(before);
  });

  test('a signal stops the reading of data too, and the model is not built then', async () => {
    const model = new Sequential([new Dense(1)]);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const controller = new AbortController();
    const training = model.fit(x, y, { verbose: 0, signal: controller.signal });
    controller.abort();
    await expect(training).rejects.toMatchObject({ name: 'AbortError' });
    expect(model.built).toBe(false);
  });

  test('timers run while it trains, however short its epochs are: a time limit stops it', async () => {
    // Where timers wait, the epochs end after minutes, and without an error.
    await expect(regressionModel().fit(x, y, { epochs: 1_000_000, verbose: 0, signal: AbortSignal.timeout(60) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});
