import { beforeEach, describe, expect, test } from 'vitest';
import { Adam, Dense, Dropout, Embedding, GRU, LSTM, Sequential, SGD, StateError, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, expectSameWeights, flatWeights, samples, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { regression, regressionModel } from '../support/regression.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

describe.each(await availableBackends())('a model on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  const { x, y } = regression(6);

  test('on one batch: train moves the weights once, test and predict leave them', async () => {
    const model = regressionModel();
    const before = flatWeights(model);
    const logs = await model.evaluate(x, y);
    expect(await model.testOnBatch(x, y)).toEqual(logs);
    expect((await model.predictOnBatch(x)).data).toEqual((await model.predict(x, { batchSize: 6 })).data);
    expect(flatWeights(model)).toEqual(before);
    expect(await model.trainOnBatch(x, y)).toEqual(logs);
    expect(flatWeights(model)).not.toEqual(before);
    expect(model.iterations).toBe(1);
    expect((await model.testOnBatch(x, y)).loss).toBeLessThan(logs.loss);
  });

  test('predicts the same in any batches', async () => {
    const model = regressionModel();
    const whole = await model.predict(x, { batchSize: 6 });
    expect(whole.shape).toEqual([6, 1]);
    expect((await model.predict(x, { batchSize: 100 })).data).toEqual(whole.data);
    // Other sizes run other tiles of the matrix product, which sum in another order.
    for (const batchSize of [1, 4]) {
      expectClose((await model.predict(x, { batchSize })).data, whole.data, TRAIN_STEP_FLOAT32, `predictions in batches of ${batchSize}`);
    }
  });

  test('gives copies and takes copies', async () => {
    const model = regressionModel();
    const before = flatWeights(model);
    for (const { data } of model.getWeights()) data.fill(7);
    (await model.predict(x)).data.fill(7);
    expect(flatWeights(model)).toEqual(before);
    const given = model.getWeights();
    model.setWeights(given);
    for (const { data } of given) data.fill(7);
    expect(flatWeights(model)).toEqual(before);
  });

  test('weights set before and after the first run are the weights of the next', async () => {
    const wanted = regressionModel(undefined, 77);
    const expected = (await wanted.predict(x)).data;
    const early = regressionModel();
    early.setWeights(wanted.getWeights());
    expect((await early.predict(x)).data).toEqual(expected);
    const late = regressionModel();
    await late.fit(x, y, { verbose: 0 });
    late.setWeights(wanted.getWeights());
    expect((await late.predict(x)).data).toEqual(expected);
  });

  test('compile again keeps the weights and starts the optimizer afresh', async () => {
    const model = regressionModel(new Adam());
    await model.fit(x, y, { epochs: 3, verbose: 0 });
    const weights = model.getWeights();
    model.compile({ optimizer: new Adam(), loss: 'meanAbsoluteError' });
    expect(model.iterations).toBe(0);
    expect(model.getWeights()).toEqual(weights);
    await model.trainOnBatch(x, y);
    const fresh = regressionModel(new Adam());
    fresh.setWeights(weights);
    fresh.compile({ optimizer: new Adam(), loss: 'meanAbsoluteError' });
    await fresh.trainOnBatch(x, y);
    expectSameWeights(model, fresh);
  });

  test('add and pop after training keep the weights of the other layers', async () => {
    const model = regressionModel(new Adam());
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    const weights = model.getWeights();
    const output = await model.predict(x);
    model.add(new Dense(2));
    expect(model.getWeights().slice(0, 4)).toEqual(weights);
    expect((await model.predict(x)).shape).toEqual([6, 2]);
    const wide: Tensor = { shape: [6, 2], data: new Float32Array(12) };
    await model.fit(x, wide, { verbose: 0 });
    const trained = model.getWeights();
    expect(trained.slice(0, 4)).not.toEqual(weights);
    model.pop();
    expect(model.getWeights()).toEqual(trained.slice(0, 4));
    model.setWeights(weights);
    expect((await model.predict(x)).data).toEqual(output.data);
    await model.fit(x, y, { verbose: 0 });
  });

  test('a changed model trains as a new one with the same weights would', async () => {
    const model = regressionModel(new Adam());
    await model.fit(x, y, { epochs: 3, verbose: 0 });
    model.add(new Dense(1));
    const fresh = regressionModel(new Adam(), 1, [new Dense(4, { activation: 'tanh' }), new Dense(1), new Dense(1)]);
    fresh.setWeights(model.getWeights());
    await model.trainOnBatch(x, y);
    await fresh.trainOnBatch(x, y);
    expectSameWeights(model, fresh);
  });

  test('a layer that cannot be added leaves the model, and its optimizer, as they were', async () => {
    const train = async (disturb: (model: Sequential) => void) => {
      startOn(backend);
      const model = regressionModel(new Adam());
      await model.fit(x, y, { epochs: 2, verbose: 0 });
      disturb(model);
      await model.fit(x, y, { verbose: 0 });
      return model;
    };
    const disturbed = await train((model) => {
      expect(() => model.add('Dense' as never)).toThrow('add takes a layer');
      expect(() => model.add(model.layers[0])).toThrow('already in this model');
      expect(() => model.add(new Dense(2, { name: model.layers[0].name }))).toThrow('already has a layer called');
      expect(() => model.add(new LSTM(2))).toThrow('takes sequences');
    });
    expect(disturbed.layers).toHaveLength(2);
    expectSameWeights(disturbed, await train(() => {}));
  });

  test('popping all layers leaves an empty model that can be filled again', async () => {
    const model = regressionModel();
    model.pop();
    model.pop();
    expect(() => model.pop()).toThrow(StateError);
    expect(model.built).toBe(false);
    model.add(new Dense(1));
    await model.fit(x, y, { verbose: 0 });
    expect((await model.predict(x)).shape).toEqual([6, 1]);
  });

  describe('frozen layers', () => {
    const texts = samples({ steps: 5, ids: 6 }, 8, new RandomArrays(1));
    const targets = tensor([8, 1], new RandomArrays(2));
    const LAYERS = ['embedding', 'gru', 'lstm', 'dense'];

    const network = (frozen: readonly string[], optimizer = new SGD({ learningRate: 0.5 })) => {
      const layers = [new Embedding(6, 3), new GRU(2, { returnSequences: true }), new LSTM(2), new Dense(1)];
      const model = builtModel(layers, [5], new RandomArrays(4));
      for (const name of frozen) model.getLayer(name).trainable = false;
      model.compile({ optimizer, loss: 'mse' });
      return model;
    };
    const weightsByPath = (model: Sequential) => {
      const values = model.getWeights();
      return new Map(model.layers.flatMap(({ weights }) => weights).map(({ path }, index) => [path, Array.from(values[index].data)]));
    };

    test.each([['embedding'], ['gru'], ['lstm'], ['dense'], ['embedding', 'gru'], ['gru', 'dense'], LAYERS])(
      '%s %s: keep exactly their weights',
      async (...given) => {
        const frozen = given.filter((name): name is string => typeof name === 'string');
        const model = network(frozen);
        const before = weightsByPath(model);
        const free = network([]);
        await model.trainOnBatch(texts, targets);
        await free.trainOnBatch(texts, targets);
        const freeAfter = weightsByPath(free);
        for (const [path, values] of weightsByPath(model)) {
          const isFrozen = frozen.includes(path.split('/')[0]);
          // What moves, moves as if nothing were frozen: the gradients pass through frozen layers.
          expect(values, path).toEqual(isFrozen ? before.get(path) : freeAfter.get(path));
          expect(freeAfter.get(path), path).not.toEqual(before.get(path));
        }
      },
    );

    test('stay so while an optimizer with memory trains the others, and move again after they are set free', async () => {
      const model = network(['embedding', 'lstm'], new Adam({ learningRate: 0.1 }) as never);
      const before = weightsByPath(model);
      await model.fit(texts, targets, { epochs: 3, batchSize: 3, verbose: 0 });
      const moved = () =>
        [...weightsByPath(model)]
          .filter(([path, values]) => values.some((value, index) => value !== before.get(path)?.[index]))
          .map(([path]) => path.split('/')[0]);
      expect(new Set(moved())).toEqual(new Set(['gru', 'dense']));
      for (const layer of model.layers) layer.trainable = true;
      model.compile({ optimizer: 'adam', loss: 'mse' });
      await model.fit(texts, targets, { verbose: 0 });
      expect(new Set(moved())).toEqual(new Set(LAYERS));
    });

    test('are decided by compile: a change after it counts from the next one', async () => {
      const train = async (change: (model: Sequential) => void) => {
        startOn(backend);
        const model = network(['gru'], new Adam({ clipnorm: 0.1 }) as never);
        await model.fit(texts, targets, { epochs: 2, batchSize: 4, verbose: 0 });
        change(model);
        // Another batch size compiles another program.
        await model.fit(texts, targets, { epochs: 2, batchSize: 3, verbose: 0 });
        model.getState();
        return model;
      };
      const expected = await train(() => {});
      expectSameWeights(
        await train((model) => {
          model.getLayer('gru').trainable = true;
          for (const name of ['embedding', 'lstm', 'dense']) model.getLayer(name).trainable = false;
        }),
        expected,
      );
    });

    test('a layer that loses its only trainable weights passes on what comes through it', async () => {
      const model = builtModel([new Dense(3, { trainable: false }), new Dropout(0.5), new Dense(1)], [3], new RandomArrays(4));
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      const kernel = () => Array.from(model.getWeights()[0].data);
      const before = kernel();
      await model.fit(x, y, { epochs: 3, verbose: 0 });
      expect(kernel()).toEqual(before);
    });
  });

  test('dispose gives the memory back, and the model refuses everything afterwards', async () => {
    const model = regressionModel();
    await model.fit(x, y, { verbose: 0 });
    model.dispose();
    model.dispose();
    const calls: (() => unknown)[] = [
      () => model.fit(x, y),
      () => model.evaluate(x, y),
      () => model.predict(x),
      () => model.trainOnBatch(x, y),
      () => model.testOnBatch(x, y),
      () => model.predictOnBatch(x),
      () => model.getWeights(),
      () => model.setWeights([]),
      () => model.compile({ loss: 'mse' }),
      () => model.build([null, 3]),
      () => model.add(new Dense(1)),
      () => model.pop(),
      () => model.getState(),
      () => model.save('x.safetensors'),
    ];
    for (const call of calls)
      await expect(async () => await call(), String(call)).rejects.toMatchObject({
        name: 'StateError',
        code: 'STATE',
        message: /disposed/,
      });
  });

  test('a model that is running cannot be disposed; another goes on when its neighbour was', async () => {
    const model = regressionModel();
    const other = regressionModel();
    const running = model.predict(x);
    expect(() => model.dispose()).toThrow(StateError);
    await running;
    const before = (await other.predict(x)).data;
    model.dispose();
    expect((await other.predict(x)).data).toEqual(before);
  });

  test('what needs compile or build first says so', async () => {
    const model = new Sequential([new Dense(1)]);
    await expect(model.fit(x, y)).rejects.toThrow(/fit: model sequential is not compiled: call compile/);
    await expect(model.evaluate(x, y)).rejects.toThrow(StateError);
    await expect(model.trainOnBatch(x, y)).rejects.toThrow(StateError);
    expect(() => model.optimizer).toThrow(StateError);
    expect(() => model.getWeights()).toThrow(/getWeights: .* no weights yet/);
    expect(() => model.setWeights([])).toThrow(StateError);
    expect(() => model.countParams()).toThrow(StateError);
    await expect(model.save('x.safetensors')).rejects.toThrow(StateError);
    expect((await model.predict(x)).shape).toEqual([6, 1]);
    await expect(new Sequential().predict(x)).rejects.toThrow(/has no layers/);
    expect(() => new Sequential().build([null, 3])).toThrow(StateError);
  });
});
