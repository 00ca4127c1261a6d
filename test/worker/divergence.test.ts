import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  Adam,
  type Callback,
  Dense,
  loadModel,
  type Model,
  modelToBytes,
  Sequential,
  SGD,
  setWarningHandler,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';
import { caught } from '../support/refusals.ts';
import { regression, regressionModel, rows } from '../support/regression.ts';
import { type StartedWorkers, trackWorkers } from '../support/startedWorkers.ts';

/** So large that the loss of {@link regression} is not finite after a few steps on any backend. */
const RATE = 1e60;

/** Gives the weights their turn to be huge: a loss of this model grows without a bound. */
function divergingModel(optimizer = new SGD({ learningRate: RATE })): Sequential {
  return regressionModel(optimizer, 9, [new Dense(4), new Dense(1)]);
}

/** A copy in memory that workers read, too. */
function shared({ shape, data }: Tensor): Tensor<Float32Array> {
  const copy = new Float32Array(new SharedArrayBuffer(4 * data.length));
  copy.set(data);
  return { shape, data: copy };
}

describe.each(await availableBackends())('divergence on $label', ({ backend }) => {
  let workersStarted: StartedWorkers;
  beforeEach(() => {
    startOn(backend);
    workersStarted = trackWorkers();
  });
  afterEach(async () => {
    setWarningHandler(null);
    await workersStarted.end();
    workersStarted.stop();
  });

  const { x, y } = regression(8);

  /**
   * Steps on two rows each, in order, until the loss is not finite.
   * @returns that loss, and which step gave it, from 1
   */
  async function firstDivergence(model: Model): Promise<{ loss: number; step: number }> {
    for (let step = 1; step < 100; step++) {
      const from = (2 * (step - 1)) % 8;
      const { loss } = await model.trainOnBatch(rows(x, from, from + 2), rows(y, from, from + 2));
      if (!Number.isFinite(loss)) return { loss: loss as number, step };
    }
    throw new Error('it does not diverge');
  }

  describe.each([0, 1, 2])('with %i workers', (workers) => {
    const options = { batchSize: 2, shuffle: false, verbose: 0, workers } as const;

    test('fit names the step in which the loss is not finite, once for each compile', async () => {
      const warnings = givenWarnings();
      const { step } = await firstDivergence(divergingModel());
      warnings.length = 0;
      const model = divergingModel();
      const before = model.getWeights();
      await model.fit(x, y, { ...options, epochs: 20 });
      await model.fit(x, y, options);
      await model.evaluate(x, y, { workers });
      expect(warnings).toEqual([
        {
          code: 'DIVERGED',
          message: expect.stringMatching(
            new RegExp(
              `^fit: the loss became (NaN|Infinity) in step ${step}: training diverged\\. The weights are not finite any more: .*` +
                `lower learningRate than 1e\\+60, with clipnorm: 1 .*, or with inputs and targets scaled`,
            ),
          ),
        },
      ]);
      model.compile({ optimizer: new SGD({ learningRate: RATE, clipvalue: 1e30 }), loss: 'mse' });
      model.setWeights(before);
      await model.fit(x, y, { ...options, epochs: 20 });
      expect(warnings).toHaveLength(2);
      // It clips already.
      expect(warnings[1]?.message).not.toContain('clip');
    });

    test('training that goes well is not warned of', async () => {
      const warnings = givenWarnings();
      const model = regressionModel();
      await model.fit(x, y, { ...options, epochs: 3, validationSplit: 0.5 });
      await model.evaluate(x, y, { workers });
      await model.predict(x, { workers });
      expect(warnings).toEqual([]);
    });

    test.each(['x', 'y', 'sampleWeight'])('%s that changes while fit runs is named as the cause', async (name) => {
      const warnings = givenWarnings();
      const model = regressionModel();
      const data: Record<string, Tensor<Float32Array>> = {
        x: shared(x),
        y: shared(y),
        sampleWeight: shared({ shape: [8], data: new Float32Array(8).fill(1) }),
      };
      const { data: values, shape } = data[name] as Tensor<Float32Array>;
      const sample = 3;
      const spoil: Callback = {
        onEpochEnd: (epoch) => {
          // The last value of the sample.
          if (epoch === 1) values[(sample + 1) * (values.length / (shape[0] as number)) - 1] = Number.NaN;
        },
      };
      const { sampleWeight } = data;
      await model.fit(data.x as Tensor, data.y as Tensor, { ...options, epochs: 4, sampleWeight, callbacks: [spoil] });
      // Epochs have four steps: it is in the second of the third.
      const message = `fit: the loss became NaN in step 10, because ${name}[3] is no longer finite. Data must not change while fit runs: pass a copy`;
      expect(warnings).toEqual([{ code: 'DIVERGED', message: expect.stringContaining(message) }]);
    });

    test('a handler that throws ends fit with its error', async () => {
      const model = divergingModel();
      const error = new RangeError('stop');
      setWarningHandler(() => {
        throw error;
      });
      const epochs = 2000;
      expect(await caught(() => model.fit(x, y, { ...options, epochs }))).toBe(error);
      // Each has four steps.
      expect(model.iterations).toBeLessThan(epochs);
    });

    test('weights that the last step has spoilt are found without a loss that tells', async () => {
      const warnings = givenWarnings();
      const model = divergingModel(new SGD({ learningRate: 1e308 }));
      const far = { shape: y.shape, data: Float64Array.from(y.data, (value) => 1e4 * value) };
      const { history } = await model.fit(x, far, { ...options, batchSize: 8 });
      expect(Number.isFinite(history.loss[0])).toBe(true);
      expect(warnings).toEqual([
        {
          code: 'DIVERGED',
          message: expect.stringMatching(/^fit: weight dense\/kernel is not finite after the last step: training diverged/),
        },
      ]);
    });

    if (backend.name === 'wasm') {
      test("an optimizer's values that have overflowed are found", async () => {
        const warnings = givenWarnings();
        const model = new Sequential([new Dense(1, { inputShape: [1] })]);
        model.compile({ optimizer: new Adam(), loss: 'mse' });
        // The square of its gradient is more than a float32 holds, and the step of Adam 0 from then
        // on.
        await model.fit([[1e15]], [1], { verbose: 0, workers: Math.min(workers, 1) });
        expect(warnings).toEqual([
          { code: 'DIVERGED', message: expect.stringMatching(/^fit: what Adam keeps for weight dense\/kernel \(\w+\) is not finite/) },
        ]);
      });

      test('those of a later weight alone are found', async () => {
        const warnings = givenWarnings();
        const model = new Sequential([new Dense(1, { inputShape: [1] })]);
        model.compile({ optimizer: new Adam(), loss: 'mae' });
        // The gradient of the kernel is the small input times that of the bias.
        await model.fit([[1e-15]], [1], { sampleWeight: [1e21], verbose: 0, workers: Math.min(workers, 1) });
        expect(warnings).toEqual([
          { code: 'DIVERGED', message: expect.stringMatching(/^fit: what Adam keeps for weight dense\/bias \(velocity\) is not finite/) },
        ]);
      });
    }

    test('a validation loss that is not finite is found', async () => {
      const warnings = givenWarnings();
      const far = { shape: [2, 3], data: new Float32Array(6).fill(3e38) };
      const targets = { shape: [2, 1], data: Float32Array.of(-3e38, -3e38) };
      await divergingModel(new SGD({ learningRate: 0 })).fit(x, y, { ...options, validationData: [far, targets] });
      // In float64 these are no large numbers.
      if (backend.name === 'reference') expect(warnings).toEqual([]);
      else
        expect(warnings).toEqual([
          {
            code: 'DIVERGED',
            message: expect.stringMatching(/^fit: the validation loss is (NaN|Infinity), although all weights are finite/),
          },
        ]);
    });

    test('evaluate and predict name the weight that is not finite', async () => {
      const trained = divergingModel();
      setWarningHandler(() => {});
      await firstDivergence(trained);
      const bytes = await modelToBytes(trained);
      for (const [call, message] of [
        [(model: Model) => model.evaluate(x, y, { workers }), /^evaluate: the loss is NaN, because weight dense\/kernel is not finite/],
        [(model: Model) => model.predict(x, { workers }), /^predict: some outputs are not finite, because weight dense\/kernel is not/],
        [(model: Model) => model.fit(x, y, options), /^fit: the loss is NaN in step \d+: this first step had weights that were not finite/],
      ] as const) {
        const warnings = givenWarnings();
        const model = await loadModel(bytes);
        await call(model);
        await call(model);
        expect(warnings).toEqual([{ code: 'DIVERGED', message: expect.stringMatching(message) }]);
      }
    });
  });

  test.each<[string, (model: Model, x: Tensor, y: Tensor) => Promise<unknown>]>([
    ['trainOnBatch', (model, xs, ys) => model.trainOnBatch(xs, ys)],
    ['evaluate', (model, xs, ys) => model.evaluate(xs, ys)],
    ['testOnBatch', (model, xs, ys) => model.testOnBatch(xs, ys)],
    ['predictOnBatch', (model, xs) => model.predictOnBatch(xs)],
  ])('%s, called again and again with a model that diverges, is warned of once', async (name, call) => {
    const warnings = givenWarnings();
    const model = divergingModel();
    if (name !== 'trainOnBatch') {
      await firstDivergence(model);
      // A new compile, which has not heard of it.
      model.compile({ loss: 'mse' });
      warnings.length = 0;
    }
    for (let time = 0; time < 30; time++) await call(model, x, y);
    expect(warnings).toHaveLength(1);
    const method = name === 'testOnBatch' ? 'evaluate' : name === 'predictOnBatch' ? 'predict' : name;
    expect(warnings[0]).toEqual({ code: 'DIVERGED', message: expect.stringMatching(new RegExp(`^${method}: .* not finite`)) });
  });

  test('trainOnBatch names the step', async () => {
    const warnings = givenWarnings();
    const { loss, step } = await firstDivergence(divergingModel());
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining(`trainOnBatch: the loss became ${loss} in step ${step}:`),
    ]);
  });

  if (backend.name === 'wasm') {
    test('a loss that is too large while the weights stay finite is told apart', async () => {
      const warnings = givenWarnings();
      const model = regressionModel(new SGD({ learningRate: 0.1, globalClipnorm: 1 }));
      await model.trainOnBatch(x, y);
      await model.trainOnBatch(x, { shape: [8, 1], data: new Float32Array(8).fill(1e25) });
      expect(warnings.map(({ message }) => message)).toEqual([
        expect.stringMatching(
          /^trainOnBatch: the loss became Infinity in step 2: training diverged\. The weights are still finite\. Train with a/,
        ),
      ]);
    });
  }
});
