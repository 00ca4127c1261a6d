import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WasmBackend } from '../../ts/backend/wasm/wasmBackend.ts';
import { Dense, Dropout, Embedding, GRU, generate, LSTM, loadModel, modelToBytes, Sequential } from '../../ts/index.ts';
import { wasmBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { samples } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const [V, T] = [7, 5];
const x = samples({ steps: T, ids: V }, 10, new RandomArrays(1));
const y = { shape: [10, T], data: new RandomArrays(2).integers(10 * T, V) };

/** Every typed array in what a user got. */
function arraysIn(value: unknown, found: ArrayBufferView[] = []): ArrayBufferView[] {
  if (ArrayBuffer.isView(value)) found.push(value);
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) arraysIn(part, found);
  return found;
}

/** Everything that a user got, and copies made when he got it. */
interface Got {
  readonly values: unknown[];
  readonly copies: unknown[];
}

/**
 * Uses all of a model; `after` is called wherever a call has ended and the user's own code runs.
 */
async function useEverything(after: () => void): Promise<Got> {
  const got: Got = { values: [], copies: [] };
  const take = <T>(value: T): T => {
    got.values.push(value);
    got.copies.push(structuredClone(value));
    after();
    return value;
  };
  const model = new Sequential([
    new Embedding(V, 4, { maskZero: true }),
    new LSTM(5, { returnSequences: true, dropout: 0.2 }),
    new Dropout(0.1),
    new GRU(4, { returnSequences: true }),
    new Dense(V, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  model.build([null, T]);
  take(model.getWeights());
  const streams = [model.stream(), model.stream({ batchSize: 2 })] as const;
  const out = new Float32Array(2 * V);
  const stepAll = () => {
    take(streams[0].step(3));
    take(streams[1].step([1, 0]));
    take(streams[1].step([2, 5], out).slice());
    take(streams.map((stream) => stream.state));
  };
  stepAll();
  const callbacks = [
    { onTrainBatchEnd: (_step: number, logs: unknown) => void take(logs), onEpochEnd: () => stepAll() },
    { onTrainBegin: () => void take(model.getWeights()) },
  ];
  const { history } = await model.fit(x, y, { epochs: 2, batchSize: 4, validationSplit: 0.2, callbacks, verbose: 0 });
  take(history);
  take(await model.predict(x, { batchSize: 3 }));
  take(await model.evaluate(x, y, { batchSize: 4 }));
  take(await model.trainOnBatch(x, y));
  stepAll();
  model.setWeights(model.getWeights().map(({ shape, data }) => ({ shape, data: data.map((value) => value / 2) })));
  after();
  stepAll();
  streams[1].state = take(streams[1].state);
  stepAll();
  take([...generate(model, [1, 2], { length: 5, seed: 1 })]);
  take(model.getState());
  const loaded = await loadModel(take(await modelToBytes(model)));
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
  after();
  stepAll();
  model.dispose();
  take(await loaded.predict(x));
  await loaded.fit(x, y, { batchSize: 5, verbose: 0 });
  take(loaded.getWeights());
  loaded.dispose();
  return got;
}

describe.each(await wasmBackends())('no view outlives its use, on $label', ({ backend }) => {
  const { memory } = backend as WasmBackend;
  const grow = () => void memory.grow(1);
  beforeEach(() => startOn(backend));
  afterEach(() => void vi.restoreAllMocks());

  test('what users got is theirs: not the memory of the kernels, and unchanged by all that comes after', async () => {
    const { values, copies } = await useEverything(() => {});
    expect(values.length).toBeGreaterThan(40);
    const arrays = arraysIn(values);
    expect(arrays.length).toBeGreaterThan(100);
    for (const array of arrays) expect(array.buffer).not.toBe(memory.buffer);
    startOn(backend, 5);
    await useEverything(grow);
    expect(values).toEqual(copies);
  });

  test('memory that grows whenever it can detaches nothing that is still used: the results are the same bits', async () => {
    const { values: expected } = await useEverything(() => {});
    const allocate = backend.allocate.bind(backend);
    const bytes = memory.buffer.byteLength;
    vi.spyOn(backend, 'allocate').mockImplementation((size, purpose) => {
      grow();
      return allocate(size, purpose);
    });
    startOn(backend);
    const { values: actual } = await useEverything(grow);
    expect(memory.buffer.byteLength).toBeGreaterThan(bytes + 50 * 65_536);
    expect(actual).toEqual(expected);
  });
});
