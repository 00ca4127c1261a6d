import { beforeEach, describe, expect, test } from 'vitest';
import {
  Adam,
  ArgumentError,
  Dense,
  loadModel,
  modelToBytes,
  type Optimizer,
  type OptimizerOptions,
  RMSprop,
  SGD,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectSameWeights, flatWeights } from '../support/models.ts';
import { regression, regressionModel } from '../support/regression.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

const OPTIMIZERS: [string, () => Optimizer][] = [
  ['SGD', () => new SGD({ learningRate: 0.1 })],
  ['SGD with momentum', () => new SGD({ learningRate: 0.1, momentum: 0.8 })],
  ['SGD with Nesterov momentum', () => new SGD({ learningRate: 0.1, momentum: 0.8, nesterov: true })],
  ['RMSprop', () => new RMSprop({ learningRate: 0.02 })],
  ['RMSprop, centered, with momentum', () => new RMSprop({ learningRate: 0.02, rho: 0.8, momentum: 0.5, centered: true, epsilon: 1e-5 })],
  ['Adam', () => new Adam({ learningRate: 0.02 })],
  ['Adam with clipping', () => new Adam({ learningRate: 0.02, beta1: 0.8, beta2: 0.95, epsilon: 1e-4, globalClipnorm: 0.2 })],
];

describe.each(await availableBackends())('optimizers on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  const { x, y } = regression(10);

  test.each(OPTIMIZERS)('%s brings a model to what another one computes', async (_name, make) => {
    const model = regressionModel(make());
    const taught = await regressionModel(undefined, 77).predict(x);
    const before = (await model.evaluate(x, taught)).loss;
    await model.fit(x, taught, { epochs: 60, batchSize: 5, verbose: 0 });
    expect((await model.evaluate(x, taught)).loss).toBeLessThan(0.05 * before);
  });

  test.each(OPTIMIZERS)('%s goes on after saving and loading with the same bytes as without', async (_name, make) => {
    const straight = regressionModel(make());
    await straight.fit(x, y, { epochs: 5, batchSize: 4, verbose: 0 });
    startOn(backend);
    const first = regressionModel(make());
    await first.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 });
    const loaded = await loadModel(await modelToBytes(first));
    expect(loaded.iterations).toBe(6);
    expect(loaded.optimizer.getConfig()).toEqual(make().getConfig());
    await loaded.fit(x, y, { epochs: 3, batchSize: 4, verbose: 0 });
    expectSameWeights(loaded, straight);
    expect(await modelToBytes(loaded)).toEqual(await modelToBytes(straight));
    // A model that was loaded and not run since is saved as it came.
    const again = await loadModel(await modelToBytes(first));
    expect(await modelToBytes(again)).toEqual(await modelToBytes(first));
  });

  test.each(OPTIMIZERS)('%s can be made again from its configuration', (_name, make) => {
    const optimizer = make();
    const config = optimizer.getConfig();
    expect(new (optimizer.constructor as new (options: object) => Optimizer)(config).getConfig()).toEqual(config);
  });

  test('a learningRate that is a function gets the steps done and is obeyed step by step', async () => {
    const rates = [0.1, 0, 0.3];
    const asked: number[] = [];
    const model = regressionModel(
      new SGD({
        learningRate: (iteration) => {
          asked.push(iteration);
          return rates[iteration];
        },
      }),
    );
    const byHand = regressionModel();
    const places: Float64Array[] = [flatWeights(model)];
    for (const rate of rates) {
      await model.trainOnBatch(x, y);
      byHand.optimizer.learningRate = rate;
      await byHand.trainOnBatch(x, y);
      expectSameWeights(model, byHand);
      places.push(flatWeights(model));
    }
    expect(asked).toEqual([0, 1, 2]);
    expect(places[1]).not.toEqual(places[0]);
    expect(places[2]).toEqual(places[1]);
    expect(places[3]).not.toEqual(places[2]);
  });

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 'fast'])(
    'a learningRate that becomes %s is refused before the weights move',
    async (rate) => {
      for (const change of [() => rate as number, rate as number]) {
        const model = regressionModel();
        const before = flatWeights(model);
        model.optimizer.learningRate = change;
        await expect(model.trainOnBatch(x, y)).rejects.toThrow(/SGD: learningRate/);
        await expect(model.fit(x, y, { verbose: 0 })).rejects.toThrow(ArgumentError);
        expect(flatWeights(model)).toEqual(before);
        expect(model.iterations).toBe(0);
        model.optimizer.learningRate = 0.1;
        await model.fit(x, y, { verbose: 0 });
        expect(flatWeights(model)).not.toEqual(before);
      }
    },
  );

  test('of a learningRate that is a function a saved model has the value of the last step', async () => {
    const rates = [0.1, 0.2, 0.4];
    const asked: number[] = [];
    const learningRate = (iteration: number) => {
      asked.push(iteration);
      return rates[iteration] as number;
    };
    const model = regressionModel(new SGD({ learningRate }));
    expect((await loadModel(await modelToBytes(model))).optimizer.learningRate).toBe(0.1);
    for (const _step of [0, 1]) await model.trainOnBatch(x, y);
    asked.length = 0;
    const again = await loadModel(await modelToBytes(model));
    expect(asked).toEqual([1]);
    expect(again.optimizer.learningRate).toBe(0.2);
    expectSameWeights(again, model);
    again.optimizer.learningRate = learningRate;
    for (const one of [model, again]) await one.trainOnBatch(x, y);
    expect(asked).toEqual([1, 2, 2]);
    expectSameWeights(again, model);
  });

  test('a name may be written in capitals or not, as in Keras', async () => {
    for (const [name, made] of [
      ['Adam', Adam],
      ['ADAM', Adam],
      ['adam', Adam],
      ['RMSProp', RMSprop],
      ['Sgd', SGD],
    ] as const) {
      const model = regressionModel();
      model.compile({ optimizer: name as 'adam', loss: 'mse' });
      expect(model.optimizer).toBeInstanceOf(made);
    }
  });

  test('a momentum of 1 takes every step again in full', async () => {
    const model = regressionModel(new SGD({ learningRate: 0.1, momentum: 1 }));
    await model.trainOnBatch(x, y);
    const moved = flatWeights(model);
    model.optimizer.learningRate = 0;
    const start = flatWeights(regressionModel());
    await model.trainOnBatch(x, y);
    expectClose(
      flatWeights(model),
      moved.map((value, index) => value + (value - start[index])),
      TRAIN_STEP_FLOAT32,
      'weights',
    );
    expect(new RMSprop({ momentum: 1 }).momentum).toBe(1);
  });

  describe('clipping', () => {
    // Weights whose sizes are no multiples of a vector: what lies around them may not keep a NaN.
    test.each<OptimizerOptions>([{ globalClipnorm: 0.1 }, { clipnorm: 0.1 }, { clipvalue: 0.1 }])(
      'with %o: good weights train on after a step whose gradients were not finite',
      async (options) => {
        const make = () => {
          const layers = [new Dense(3), new Dense(5, { trainable: false }), new Dense(2), new Dense(1)];
          return regressionModel(new SGD({ learningRate: 0.1, ...options }), 9, layers);
        };
        const model = make();
        const good = model.getWeights();
        // So many products of the largest numbers that weights and data may hold overflow in
        // float64 as well.
        const huge = ({ shape, data }: Tensor) => ({ shape, data: Float64Array.from(data, () => 3e38) });
        model.setWeights(good.map(huge));
        const { loss } = await model.trainOnBatch(huge(x), y);
        expect(Number.isFinite(loss)).toBe(false);
        model.setWeights(good);
        await model.trainOnBatch(x, y);
        const untouched = make();
        await untouched.trainOnBatch(x, y);
        expectSameWeights(model, untouched);
      },
    );

    /**
     * How far each weight moved in one step with learning rate 1: the gradient that the optimizer
     * saw.
     */
    const gradients = async (options: OptimizerOptions) => {
      const model = regressionModel(new SGD({ learningRate: 1, ...options }));
      const before = model.getWeights();
      await model.trainOnBatch(x, y);
      return model.getWeights().map(({ data }, index) => Array.from(data, (value, i) => before[index].data[i] - value));
    };
    const norm = (values: readonly number[]) => Math.hypot(...values);

    test('clipvalue limits every element', async () => {
      const free = await gradients({});
      const limit = 0.05;
      expect(free.flat().some((value) => Math.abs(value) > limit)).toBe(true);
      const expected = free.flat().map((value) => Math.min(Math.max(value, -limit), limit));
      expectClose((await gradients({ clipvalue: limit })).flat(), expected, TRAIN_STEP_FLOAT32, 'clipped gradient');
    });

    test('clipnorm scales down each weight by itself', async () => {
      const free = await gradients({});
      const norms = free.map(norm);
      const limit = (Math.min(...norms) + Math.max(...norms)) / 2;
      expect(norms.some((value) => value > limit) && norms.some((value) => value < limit)).toBe(true);
      const expected = free.map((values, index) => values.map((value) => (norms[index] > limit ? (value * limit) / norms[index] : value)));
      expectClose((await gradients({ clipnorm: limit })).flat(), expected.flat(), TRAIN_STEP_FLOAT32, 'clipped gradient');
    });

    test('globalClipnorm scales down all together', async () => {
      const free = await gradients({});
      const total = norm(free.flat());
      const clipped = await gradients({ globalClipnorm: total / 4 });
      expectClose(
        clipped.flat(),
        free.flat().map((value) => value / 4),
        TRAIN_STEP_FLOAT32,
        'clipped gradient',
      );
      expect(await gradients({ globalClipnorm: total * 4 })).toEqual(free);
    });
  });

  test('lr is refused, naming learningRate, and learningRate can be set', async () => {
    const model = regressionModel(new SGD({ learningRate: 0.1 }));
    expect(() => Object.assign(model.optimizer, { lr: 0.5 })).toThrow(new ArgumentError('SGD has no setting lr: set learningRate'));
    model.optimizer.learningRate = 0;
    await model.fit(x, y, { verbose: 0 });
    const before = flatWeights(model);
    await model.fit(x, y, { verbose: 0 });
    expect(flatWeights(model)).toEqual(before);
    Object.assign(model.optimizer, { learningRate: '0.5' });
    await expect(model.fit(x, y, { verbose: 0 })).rejects.toThrow(/^SGD: learningRate at step 2 must be a number/);
  });
});
