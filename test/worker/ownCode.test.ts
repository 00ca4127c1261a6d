import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as backtime from '../../ts/index.ts';
import {
  Adam,
  ArgumentError,
  Dense,
  type Expression,
  GRU,
  Masking,
  type Model,
  ops,
  Sequential,
  setWarningHandler,
  setWorker,
  WorkerError,
  type Workers,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, flatWeights, samples, tensor } from '../support/models.ts';
import { ownClasses } from '../support/ownClasses.mjs';
import { RandomArrays } from '../support/randomArrays.ts';

const own = ownClasses(backtime);
const random = new RandomArrays(5);
const x = tensor([11, 3], random);
const y = tensor([11, 2], random);
const labels = { shape: [11], data: Int32Array.from({ length: 11 }, (_, index) => (index * 5) % 3) };
const masked = samples({ shape: [4, 3], padding: 9 }, 11, random);
const steps = tensor([11, 4, 2], random);
const weights = { shape: [11], data: Float64Array.from({ length: 11 }, (_, index) => (index % 3) / 2 + 0.5) };

const dense = () => builtModel([new Dense(4, { activation: own.cubic }), new Dense(2)], [3], new RandomArrays(6));
const classifier = () => builtModel([new Dense(3, { activation: 'softmax' })], [3], new RandomArrays(6));
const sequences = () => builtModel([new Masking({ maskValue: 9 }), new GRU(2, { returnSequences: true })], [4, 3], new RandomArrays(7));

const startOwn = () => new Worker(new URL('../support/ownWorker.mjs', import.meta.url));

const warnings: string[] = [];
beforeEach(() => {
  warnings.length = 0;
  setWarningHandler((message, code) => warnings.push(`${code} ${message}`));
});
afterEach(() => {
  setWorker(null);
  setWarningHandler(null);
});

describe.each(await availableBackends())('code of one’s own in workers on $label', ({ backend }) => {
  async function trained(make: () => Model, compile: (model: Model) => void, data: [typeof x, typeof x], workers: Workers) {
    startOn(backend);
    setWorker(startOwn);
    const model = make();
    compile(model);
    const options = { epochs: 2, batchSize: 4, verbose: 0, workers, sampleWeight: weights, validationData: data } as const;
    const { history } = await model.fit(...data, options);
    const logs = await model.evaluate(...data, { batchSize: 4, verbose: 0, workers });
    return { weights: flatWeights(model), numbers: [...Object.values(history).flat(), ...Object.values(logs)] };
  }

  const CASES: Record<string, [make: () => Model, compile: (model: Model) => void, data: [typeof x, typeof x]]> = {
    'an activation, an elementwise loss, an optimizer, metrics that are merged': [
      dense,
      (model) =>
        model.compile({
          optimizer: new own.OwnAdam({ learningRate: 0.01, clipnorm: 1 }),
          loss: new own.Huber({ delta: 0.5 }),
          metrics: [new own.LargestError(), 'mae', new own.AbsoluteMetric()],
          weightedMetrics: [new own.AbsoluteMetric(), new own.Squared()],
        }),
      [x, y],
    ],
    'a loss over rows with a mask': [
      sequences,
      (model) => model.compile({ optimizer: new Adam(), loss: new own.SquaredRows(), metrics: [new own.AbsoluteMetric()] }),
      [masked, steps] as never,
    ],
    'a layer': [
      () => builtModel([new own.Centered(), new GRU(2, { returnSequences: true })], [4, 3], new RandomArrays(7)),
      (model) => model.compile({ optimizer: new Adam(), loss: 'mse' }),
      [masked, steps] as never,
    ],
    'an initializer': [
      () => new Sequential([new Dense(4, { inputShape: [3], kernelInitializer: new own.Ramp({ scale: 0.5 }) }), new Dense(2)]),
      (model) => model.compile({ optimizer: new Adam(), loss: 'mse' }),
      [x, y],
    ],
    'an elementwise loss with a mask': [
      sequences,
      (model) => model.compile({ optimizer: new Adam(), loss: new own.Squared() }),
      [masked, steps] as never,
    ],
    'a loss over whole samples with a mask': [
      sequences,
      (model) => model.compile({ optimizer: new Adam(), loss: new own.SumOverSteps(), metrics: [new own.SumOverSteps()] }),
      [masked, steps] as never,
    ],
    'a metric that counts classes': [
      classifier,
      (model) => model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: [new own.MacroF1({ name: 'f1' })] }),
      [x, labels] as never,
    ],
  };

  test.each(Object.keys(CASES))('%s', async (name) => {
    const [make, compile, data] = CASES[name];
    const here = await trained(make, compile, data, 0);
    const [one, three] = [await trained(make, compile, data, 1), await trained(make, compile, data, 3)];
    expect(one).toEqual(here);
    const tolerance = { relative: backend.floatBytes === 8 ? 1e-12 : 1e-5 };
    expectClose(three.weights, here.weights, tolerance, 'weights');
    expectClose(three.numbers, here.numbers, tolerance, 'history');
    expect(warnings).toEqual([]);
  });

  test('a loss that compares samples trains with one worker, and not with two', async () => {
    startOn(backend);
    setWorker(startOwn);
    const model = dense();
    model.compile({ loss: new own.Contrast() });
    await model.fit(x, labels, { verbose: 0, workers: 1 });
    await expect(model.fit(x, labels, { verbose: 0, workers: 2 })).rejects.toThrow(ArgumentError);
    await expect(model.fit(x, labels, { verbose: 0, workers: 2 })).rejects.toThrow(
      /loss 'contrast' compares the samples .* workers: 1 or 0/,
    );
    await model.evaluate(x, labels, { verbose: 0, workers: 2, batchSize: 4 });
  });
});

describe('without a worker that has the code', () => {
  const model = (activation: (x: Expression) => Expression = own.cubic) => {
    const made = new Sequential([new Dense(400, { activation, inputShape: [3] }), new Dense(2)]);
    made.compile({ loss: 'mse' });
    return made;
  };
  const large = () => tensor([20_000, 3], new RandomArrays(1));

  test('a number of workers is an error that names setWorker', async () => {
    for (const call of ['fit', 'evaluate', 'predict'] as const) {
      const run = () => (call === 'predict' ? model().predict(x, { workers: 1 }) : model()[call](x, y, { verbose: 0, workers: 1 }));
      await expect(run()).rejects.toThrow(ArgumentError);
      await expect(run()).rejects.toThrow(new RegExp(`^${call}: workers: 1, but the model uses test>cubic, .*setWorker.* workers: 0$`));
    }
    const unnamed = model((x) => ops.square(x));
    await expect(unnamed.predict(x, { workers: 2 })).rejects.toThrow(/uses a class or a function without a registered name/);
  });

  test('a loss, a metric and an optimizer are found too', async () => {
    for (const options of [
      { loss: new own.Huber() },
      { loss: 'mse', metrics: [new own.LargestError()] },
      { optimizer: new own.OwnAdam(), loss: 'mse' },
    ] as const) {
      const made = builtModel([new Dense(2)], [3], new RandomArrays(6));
      made.compile(options);
      await expect(made.fit(x, y, { verbose: 0, workers: 1 })).rejects.toThrow(/setWorker/);
      made.compile({ loss: 'mse' });
      await made.fit(x, y, { verbose: 0, workers: 1 });
    }
  });

  test("'auto' trains on the thread, and warns once", async () => {
    const data = large();
    const made = model();
    const y = { shape: [20_000, 2], data: new Float32Array(40_000) };
    const options = { epochs: 300, batchSize: 20_000, verbose: 0, workers: 'auto' } as const;
    const stop = { onTrainBatchEnd: () => Object.assign(made, { stopTraining: true }) && undefined };
    for (let run = 0; run < 2; run++) await made.fit(data, y, { ...options, callbacks: [stop] });
    expect(warnings).toEqual([expect.stringMatching(/^OWN_CODE fit: this thread computes .* test>cubic.*setWorker/)]);
  });
});

describe('setWorker', () => {
  test.each([
    ['an address', () => setWorker('worker.js' as never), /setWorker takes a function or null, got 'worker.js'/],
    ['a Worker', () => setWorker({} as never), /setWorker takes a function or null/],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });

  test('a function that returns no worker, and a file that does not listen', async () => {
    const made = dense();
    setWorker(() => 3 as never);
    await expect(made.predict(x, { workers: 1 })).rejects.toThrow(/the function of setWorker must return a Worker, got 3/);
    setWorker(() => new Worker('', { eval: true }));
    await expect(made.predict(x, { workers: 1 })).rejects.toThrow(WorkerError);
    await expect(made.predict(x, { workers: 1 })).rejects.toThrow(/imports 'backtime\/worker'/);
  });

  test('a file that runs and does not listen is given up after a minute of its thread', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const made = dense();
      setWorker(() => new Worker('setInterval(() => {}, 1000)', { eval: true }));
      let error: unknown = null;
      const refused = made.predict(x, { workers: 1 }).catch((reason) => {
        error = reason;
      });
      const second = async () => {
        vi.advanceTimersByTime(1000);
        await new Promise((next) => setTimeout(next, 0));
      };
      while (vi.getTimerCount() === 0) await new Promise((next) => setTimeout(next, 1));
      for (let seconds = 1; seconds < 60; seconds++) await second();
      expect(error).toBeNull();
      await second();
      await refused;
      expect(error).toBeInstanceOf(WorkerError);
      expect(String(error)).toMatch(/it gave no answer for 60 seconds. A file of setWorker imports 'backtime\/worker'/);
      setWorker(startOwn);
      await made.predict(x, { workers: 1 });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a worker without the class says what to do', async () => {
    setWorker(() => new Worker(new URL('../../dist/worker/entry.js', import.meta.url)));
    await expect(dense().predict(x, { workers: 1 })).rejects.toThrow(ArgumentError);
    await expect(dense().predict(x, { workers: 1 })).rejects.toThrow(/no activation 'test>cubic'.*registerClass.*setWorker/);
  });
});
