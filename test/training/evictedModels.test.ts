import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Backend, MemoryBlock } from '../../ts/backend/backend.ts';
import { IDLE_BYTES } from '../../ts/backend/evictableMemory.ts';
import { loadBackend } from '../../ts/backend/select.ts';
import type { WasmBackend } from '../../ts/backend/wasm/wasmBackend.ts';
import {
  Adam,
  Dense,
  Dropout,
  Embedding,
  Input,
  LSTM,
  loadModel,
  Model,
  type ModelStream,
  modelToBytes,
  OutOfMemoryError,
  Sequential,
  SGD,
} from '../../ts/index.ts';
import { Session } from '../../ts/model/session.ts';
import { availableBackends, wasmBackends } from '../support/backends.ts';
import { evictIdle } from '../support/eviction.ts';
import { selectBackend, startOn } from '../support/modelBackends.ts';
import { expectSameWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { regression, regressionModel } from '../support/regression.ts';
import { collectGarbage } from '../support/steadyHeap.ts';
import { nextIds } from '../support/workerCases.ts';

const reference = await loadBackend('reference');

/**
 * With all that a step depends on: masks, dropout, slots of the optimizer, a frozen layer between
 * trained ones.
 */
function everything(): Sequential {
  const model = new Sequential([
    new Embedding(12, 5, { maskZero: true }),
    new LSTM(7, { returnSequences: true, dropout: 0.2 }),
    new Dense(6, { trainable: false }),
    new Dropout(0.3),
    new Dense(12, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** A model and a stream of it. */
function streaming(): { model: Sequential; stream: ModelStream; next: () => Float64Array } {
  const model = new Sequential([new LSTM(5, { returnSequences: true }), new LSTM(4)]);
  model.build([null, null, 3]);
  model.compile({ optimizer: 'adam', loss: 'mse' });
  const random = new RandomArrays(1);
  return { model, stream: model.stream(), next: () => random.float32s(3) };
}

/** Calls of the backend's `allocate` while a task runs. */
async function allocations(backend: Backend, task: () => unknown): Promise<number> {
  const allocate = vi.spyOn(backend, 'allocate');
  try {
    await task();
    return allocate.mock.calls.length;
  } finally {
    allocate.mockRestore();
  }
}

describe.each(await availableBackends())('a model whose memory others needed, on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => evictIdle(backend));

  /** The same twice: once undisturbed, once with all idle memory evicted between the steps. */
  async function expectUndisturbed(run: (between: () => void) => Promise<unknown>): Promise<void> {
    startOn(backend);
    const expected = await run(() => {});
    startOn(backend);
    let evictions = 0;
    const actual = await run(() => {
      evictIdle(backend);
      evictions++;
    });
    expect(evictions).toBeGreaterThan(0);
    expect(actual).toEqual(expected);
  }

  test('predicts the same bits and trains on the same way, from the optimizer’s slots', () =>
    expectUndisturbed(async (between) => {
      const { x, y } = nextIds(9);
      const model = everything();
      const seen: unknown[] = [];
      for (let round = 0; round < 3; round++) {
        seen.push((await model.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 })).history);
        between();
        seen.push(await model.trainOnBatch(x, y));
        between();
        seen.push(await model.evaluate(x, y, { batchSize: 4 }));
        between();
        seen.push(await model.predict(x));
      }
      return [seen, model.getWeights(), model.iterations];
    }));

  test('is not touched while it runs, also when it is the callback that needs the memory', () =>
    expectUndisturbed(async (between) => {
      const { x, y } = nextIds(9);
      const model = everything();
      const callbacks = [{ onTrainBatchEnd: between, onEpochBegin: between, onTestBegin: between, onTestEnd: between }];
      const { history } = await model.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0, callbacks, validationData: [x, y] });
      return [history, model.getWeights()];
    }));

  test('gives, takes and saves its weights and slots without memory of the backend', async () => {
    const { x, y } = nextIds(9);
    const [model, twin] = [0, 1].map(() => {
      startOn(backend);
      return everything();
    });
    for (const trained of [model, twin]) await trained.fit(x, y, { batchSize: 4, verbose: 0 });
    const weights = twin.getWeights();
    const bytes = await modelToBytes(twin);
    evictIdle(backend);
    const taken = await allocations(backend, async () => {
      expect(model.getWeights()).toEqual(weights);
      expect(model.layers.flatMap((layer) => layer.getWeights())).toEqual(weights);
      expect(await modelToBytes(model)).toEqual(bytes);
      model.setWeights(weights.map(({ shape, data }) => ({ shape, data: data.map((value) => value / 2) })));
    });
    expect(taken).toBe(0);
    twin.setWeights(model.getWeights());
    expect(await model.predict(x)).toEqual(await twin.predict(x));
  });

  test('loaded from a file, it trains on from the file’s slots', () =>
    expectUndisturbed(async (between) => {
      const { x, y } = nextIds(9);
      const model = everything();
      await model.fit(x, y, { verbose: 0 });
      const loaded = await loadModel(await modelToBytes(model));
      await loaded.predict(x);
      between();
      await loaded.fit(x, y, { verbose: 0 });
      return loaded.getWeights();
    }));

  test('stays on the backend that it began on', async () => {
    const { x } = regression(4);
    const model = regressionModel();
    const expected = await model.predict(x);
    evictIdle(backend);
    selectBackend(backend.name === 'reference' ? await loadBackend('wasm', { build: 'simd128' }) : reference);
    expect(await model.predict(x)).toEqual(expected);
    expect((await regressionModel().predict(x)).data.constructor).not.toBe(expected.data.constructor);
  });

  test('forgets its slots when it is compiled, as others do', () =>
    expectUndisturbed(async (between) => {
      const { x, y } = nextIds(9);
      const model = everything();
      await model.fit(x, y, { verbose: 0 });
      between();
      model.compile({ optimizer: new SGD({ momentum: 0.9 }), loss: 'sparseCategoricalCrossentropy' });
      await model.fit(x, y, { verbose: 0 });
      between();
      model.layers[1].trainable = false;
      await model.fit(x, y, { verbose: 0 });
      model.pop();
      model.add(new Dense(12));
      model.compile({ optimizer: new Adam(), loss: 'sparseCategoricalCrossentropy' });
      await model.trainOnBatch(x, y);
      return model.getWeights();
    }));

  test('a stream is evicted alone while its model runs', () =>
    expectUndisturbed(async (between) => {
      const { model, stream, next } = streaming();
      const seen: unknown[] = [stream.step(next())];
      const onTrainBatchEnd = () => {
        between();
        seen.push(stream.step(next()));
      };
      const x = { shape: [4, 2, 3], data: new RandomArrays(2).float32s(24) };
      await model.fit(x, { shape: [4, 4], data: new Float64Array(16) }, { batchSize: 2, verbose: 0, callbacks: [{ onTrainBatchEnd }] });
      return [seen, stream.step(next()), stream.state];
    }));

  test('making room for a stream takes nothing from its own model', () =>
    expectUndisturbed(async (between) => {
      const { model, stream, next } = streaming();
      const seen = [stream.step(next())];
      between();
      // Once: then all that is idle is evicted.
      let refusals = 1;
      const { allocate } = backend;
      const spy = vi.spyOn(backend, 'allocate').mockImplementation((bytes, purpose) => {
        if (purpose.startsWith('a stream') && refusals-- > 0) throw new OutOfMemoryError('no room');
        return allocate.call(backend, bytes, purpose);
      });
      // Idle too, so that there is something to evict.
      await regressionModel().predict(regression(4).x);
      seen.push(stream.step(next()));
      spy.mockRestore();
      expect(await allocations(backend, () => seen.push(stream.step(next())))).toBe(0);
      return [seen, model.getWeights()];
    }));

  test('gives back all that it and its streams took, however often they came back', async () => {
    const { allocate, free } = backend;
    const taken = new Set<MemoryBlock>();
    const spies = [
      vi.spyOn(backend, 'allocate').mockImplementation((bytes, purpose) => {
        const block = allocate.call(backend, bytes, purpose);
        taken.add(block);
        return block;
      }),
      vi.spyOn(backend, 'free').mockImplementation((block) => {
        taken.delete(block);
        free.call(backend, block);
      }),
    ];
    const { model, stream, next } = streaming();
    const x = { shape: [4, 2, 3], data: new Float64Array(24) };
    const y = { shape: [4, 4], data: new Float64Array(16) };
    for (let count = 0; count < 3; count++) {
      await model.trainOnBatch(x, y);
      stream.step(next());
      evictIdle(backend);
      expect(taken.size).toBe(0);
      stream.step(next());
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      stream.step(next());
    }
    stream.dispose();
    model.dispose();
    expect(taken.size).toBe(0);
    for (const spy of spies) spy.mockRestore();
  });

  test('a copy in a worker, which runs whenever it is told to, keeps its memory', async () => {
    const { x, y } = nextIds(4);
    const model = everything();
    await model.fit(x, y, { verbose: 0 });
    const restored = Session.restore(model.getState(), backend);
    const weights = restored.readWeights();
    expect(await allocations(backend, () => evictIdle(backend))).toBe(0);
    expect(await allocations(backend, () => expect(restored.readWeights()).toEqual(weights))).toBe(0);
    expect(backend.floats(restored.engine.parameters.value(restored.engine.graph.weights[0])).slice()).toEqual(weights[0].data);
    restored.dispose();
  });

  test('shares weights on with another model: what one trains the other has', () =>
    expectUndisturbed(async (between) => {
      const input = Input({ shape: [3] });
      const shared = new Dense(4, { activation: 'tanh' });
      const trunk = shared.apply(input);
      const [one, other] = [1, 2].map((units) => {
        const model = new Model({ inputs: input, outputs: new Dense(units).apply(trunk) });
        model.compile({ optimizer: new Adam({ learningRate: 0.1 }), loss: 'mse' });
        return model;
      });
      const { x } = regression(4);
      const targets = (units: number) => tensor([4, units], new RandomArrays(units));
      const seen: unknown[] = [];
      for (let round = 0; round < 3; round++) {
        await one.fit(x, targets(1), { batchSize: 2, verbose: 0 });
        if (round > 0) between();
        seen.push(shared.getWeights());
        // The other one runs when the weights are evicted, so that they stay, or come back
        // elsewhere before.
        await other.fit(x, targets(2), { batchSize: 2, verbose: 0, callbacks: [{ onTrainBatchEnd: between }] });
        seen.push(await one.predict(x), await other.predict(x));
        between();
        seen.push(await other.predict(x), await one.predict(x));
      }
      other.dispose();
      between();
      seen.push(await one.predict(x), one.getWeights());
      return seen;
    }));

  test('can be disposed, and then nothing of it is left', async () => {
    const model = regressionModel();
    await model.predict(regression(4).x);
    evictIdle(backend);
    model.dispose();
    expect(() => model.getWeights()).toThrow('was disposed');
  });

  test('trains in workers and here in turn', async () => {
    const { x, y } = regression(7);
    const [model, twin] = [0, 1].map(() => regressionModel(new Adam()));
    for (const workers of [0, 1, 0, 1, 1, 0]) {
      evictIdle(backend);
      await model.fit(x, y, { batchSize: 2, shuffle: false, verbose: 0, workers });
      evictIdle(backend);
      await twin.fit(x, y, { batchSize: 2, shuffle: false, verbose: 0 });
    }
    expectSameWeights(model, twin);
  });

  test('its streams go on from their states, whether the model was evicted, the stream, or both', () =>
    expectUndisturbed(async (between) => {
      const model = new Sequential([new LSTM(5, { returnSequences: true }), new LSTM(4), new Dense(2)]);
      model.build([null, null, 3]);
      const random = new RandomArrays(1);
      const [one, other] = [model.stream(), model.stream({ batchSize: 2 })];
      const seen: unknown[] = [];
      for (let step = 0; step < 3; step++) {
        seen.push(one.step(random.float32s(3)));
        between();
        seen.push(other.step(random.float32s(6)));
        between();
        await model.predict({ shape: [1, 2, 3], data: random.float32s(6) });
        seen.push(one.step(random.float32s(3)), one.state);
        between();
        seen.push(other.state);
      }
      one.reset();
      between();
      const { state } = other;
      other.state = state;
      seen.push(one.step(random.float32s(3)), other.step(random.float32s(6)));
      between();
      one.dispose();
      expect(() => one.step(random.float32s(3))).toThrow('disposed');
      return seen;
    }));
});

describe.each(await wasmBackends())('memory of models on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => evictIdle(backend));
  const { memory } = backend as WasmBackend;

  const FEATURES = 1024;
  const x = { shape: [2, FEATURES], data: new Float32Array(2 * FEATURES).fill(0.1) };
  /** With Adam and its gradients it takes 17 MB. */
  const wide = () => {
    const model = new Sequential([new Dense(FEATURES, { kernelInitializer: 'zeros' }), new Dense(1)]);
    model.compile({ optimizer: 'adam', loss: 'mse' });
    return model;
  };

  // No macrotask comes between them, so no finalizer runs.
  test.each([
    ['trainOnBatch', (model: Sequential) => model.trainOnBatch(x, [1, 2])],
    ['fit', (model: Sequential) => model.fit(x, [1, 2], { verbose: 0 })],
    ['predict', async (model: Sequential) => [await model.predict(x), await model.predict(x, { batchSize: 1 })]],
    [
      'a stream',
      async (model: Sequential) => {
        model.build([null, null, FEATURES]);
        return model.stream({ batchSize: 512 });
      },
    ],
  ])('models that are dropped after %s do not add up', async (_name, use) => {
    for (let count = 0; count < 100; count++) await use(wide());
    // A hundred of them have 0.4 to 1.7 GB.
    expect(memory.buffer.byteLength).toBeLessThan(IDLE_BYTES + 100e6);
  });

  test('models in use do not come and go: those that are missed stay', async () => {
    const models = Array.from({ length: 24 }, wide);
    const round = async () => {
      for (const model of models) await model.trainOnBatch(x, [1, 2]);
    };
    // 24 of 17 MB are more than may stay at first.
    await round();
    expect(await allocations(backend, round)).toBeGreaterThan(0);
    await round();
    expect(await allocations(backend, round)).toBe(0);
  });

  test('whoever has memory there can be collected: a model, a stream, and a model that was evicted', async () => {
    const references: WeakRef<object>[] = [];
    const use = async (evict: boolean) => {
      const { x: small, y } = regression(4);
      const model = regressionModel(new Adam(), 9, [new Dense(4), new Dense(1)]);
      await model.fit(small, y, { verbose: 0 });
      const sequences = new Sequential([new LSTM(4)]);
      sequences.build([null, null, 3]);
      const stream = sequences.stream();
      if (evict) evictIdle(backend);
      references.push(new WeakRef(model), new WeakRef(sequences), new WeakRef(stream));
    };
    await use(false);
    await use(true);
    await expect
      .poll(async () => {
        collectGarbage();
        await turn();
        return references.filter((reference) => reference.deref()).length;
      })
      .toBe(0);
  });
});
