import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  DataError,
  Dense,
  Embedding,
  FormatError,
  Input,
  LSTM,
  loadModel,
  type Model,
  modelToBytes,
  modelToHTML,
  Sequential,
  StateError,
  type Tensor,
} from '../../ts/index.ts';
import { loadModel as loadForInference } from '../../ts/inference.ts';
import { releaseWorkers } from '../../ts/worker/workerPool.ts';
import { availableBackends, quantisedBackends, type TestBackend } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { caught, type ErrorClass, expectError } from '../support/refusals.ts';
import { QUANTISED_MODELS } from './quantisedModels.ts';

const TYPES = ['int16', 'int8'] as const;
const NAMES = Object.keys(QUANTISED_MODELS);
/** Of outputs of order one: what the cases here show, times two. */
const NEAR = { int16: 2e-3, int8: 0.05 };

const makeCase = (name: string) => (QUANTISED_MODELS[name] as NonNullable<(typeof QUANTISED_MODELS)[string]>)(new RandomArrays(1));
const outputsOf = async (model: Model, x: Tensor | Tensor[], options = {}) =>
  ([await model.predict(x, options)].flat() as Tensor[]).map(({ shape, data }) => ({ shape, data: Array.from(data) }));
const flat = (outputs: { data: number[] }[]) => outputs.flatMap(({ data }) => data);

describe.each(await quantisedBackends())('quantised models on $label', ({ backend }) => {
  describe.each(TYPES)('%s', (type) => {
    test.each(NAMES)('%s predicts nearly what the model predicts, and its file and its copies exactly that', async (name) => {
      startOn(backend);
      const { model, x } = makeCase(name);
      const before = model.getWeights().map(({ data }) => Array.from(data));
      const expected = flat(await outputsOf(model, x));
      const quantised = await model.quantize(type);
      expect(quantised.quantised).toBe(type);
      model.resetStates();
      const outputs = await outputsOf(quantised, x);
      quantised.resetStates();
      const worst = Math.max(...flat(outputs).map((value, index) => Math.abs(value - (expected[index] as number))));
      expect(worst).toBeLessThan(NEAR[type]);
      // Not the floats: something became integers.
      expect(worst).toBeGreaterThan(0);
      expect(model.getWeights().map(({ data }) => Array.from(data))).toEqual(before);
      expect(quantised.countParams()).toBe(model.countParams());

      const bytes = await modelToBytes(quantised);
      const loaded = await loadModel<Model>(bytes);
      expect(loaded.quantised).toBe(type);
      expect(await outputsOf(loaded, x)).toEqual(outputs);
      // Of one batch: InferenceModel divides batches as predict does.
      const inference = await loadForInference(bytes);
      const inferred = ([await inference.predict(x)].flat() as Tensor[]).map(({ shape, data }) => ({ shape, data: Array.from(data) }));
      for (const [index, { data }] of inferred.entries())
        for (const [place, value] of data.entries())
          expect(value).toBeCloseTo(outputs[index]?.data[place] as number, type === 'int16' ? 3 : 1);
      expect(JSON.parse(JSON.stringify(quantised.getState())).quantised).toHaveLength(quantised.getState().quantised?.length as number);
      for (const each of [model, quantised, loaded, inference]) each.dispose();
    });

    test.each(NAMES.filter((name) => makeCase(name).streams))('a stream of %s is predict, step by step', async (name) => {
      startOn(backend);
      const { model, x } = makeCase(name);
      const quantised = await model.quantize(type);
      const { shape, data } = x as Tensor;
      const [count, steps] = shape as [number, number];
      const width = data.length / count / steps;
      const stream = quantised.stream({ batchSize: count });
      let last: number[] = [];
      for (let step = 0; step < steps; step++) {
        const rows = Array.from({ length: count }, (_, row) =>
          data.subarray((row * steps + step) * width, (row * steps + step + 1) * width),
        );
        last = Array.from(stream.step(Float64Array.from(rows.flatMap((row) => [...row]))) as Float32Array);
      }
      const [output] = await outputsOf(quantised, x);
      const perStep = output?.shape.length === 3;
      const columns = output?.shape.at(-1) as number;
      const expected = Array.from({ length: count }, (_, row) =>
        output?.data.slice(((row + 1) * (perStep ? steps : 1) - 1) * columns, (row + 1) * (perStep ? steps : 1) * columns),
      ).flat() as number[];
      for (const [index, value] of last.entries()) expect(value).toBeCloseTo(expected[index] as number, type === 'int16' ? 3 : 1);
      model.dispose();
      quantised.dispose();
    });
  });
});

describe('a quantised model', async () => {
  const [first] = await availableBackends();
  const { backend } = first as TestBackend;
  const make = () => {
    startOn(backend);
    return builtModel([new Embedding(50, 16), new LSTM(32), new Dense(8, { activation: 'softmax' })], [5], new RandomArrays(2));
  };
  const x = { shape: [9, 5], data: new RandomArrays(3).integers(45, 50) };

  test('only predicts: what trains it or sets its weights is refused, and says what to do', async () => {
    const quantised = await make().quantize('int8');
    const y = new Array(9).fill(0);
    const bytes = await modelToBytes(quantised);
    const refusals: readonly (() => unknown)[] = [
      () => quantised.compile({ optimizer: 'adam', loss: 'meanSquaredError' }),
      () => quantised.fit(x, y),
      () => quantised.trainOnBatch(x, y),
      () => quantised.evaluate(x, y),
      () => quantised.setWeights(quantised.getWeights()),
      () => quantised.loadWeights(bytes),
      () => quantised.saveWeights('/tmp/never.safetensors'),
      () => quantised.quantize('int16'),
      () => quantised.forward(x, { training: true }),
    ];
    for (const refusal of refusals) expectError(await caught(refusal), StateError as ErrorClass, /quantize|quantised/);
    for (const refusal of refusals.slice(0, 4))
      expectError(await caught(refusal), StateError as ErrorClass, /train the model that quantize was called on/);
    const layer = quantised.layers[1] as LSTM;
    expectError(await caught(() => layer.setWeights(layer.getWeights())), StateError as ErrorClass, /lstm\/kernel .*int8/);
    const pass = await quantised.forward(x);
    const prediction = await outputsOf(quantised, x);
    expect(Array.from((pass.outputs as Tensor).data)).toEqual(prediction[0]?.data);
    expectError(await caught(() => pass.backward(new Float32Array(72))), StateError as ErrorClass, /only predicts/);
    pass.dispose();
    quantised.dispose();
  });

  test('has weights and copies of layers that are what the integers stand for', async () => {
    const model = make();
    const quantised = await model.quantize('int16');
    for (const [index, { data, shape }] of model.getWeights().entries()) {
      const own = quantised.getWeights()[index]?.data as Float32Array;
      const most = Math.max(...data.map(Math.abs));
      expect(shape.length === 1 ? 0 : 1).toBe(Array.from(data).some((value, place) => Math.fround(value) !== own[place]) ? 1 : 0);
      for (const [place, value] of data.entries())
        expect(Math.abs(value - (own[place] as number))).toBeLessThanOrEqual((0.51 * most) / 2047);
    }
    const copy = new Sequential([new Embedding(50, 16), ...quantised.layers.slice(1).map((layer) => layer.clone())]);
    copy.build([null, 5]);
    expect(copy.quantised).toBeNull();
    copy.layers[0]?.setWeights(quantised.layers[0]?.getWeights() as Tensor[]);
    copy.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    await copy.fit(x, new Array(9).fill(1), { verbose: 0 });
    for (const each of [model, quantised, copy]) each.dispose();
  });

  test('is of a half and a quarter of the size in files, and its summary says so', async () => {
    startOn(backend);
    const model = builtModel([new Embedding(500, 64), new LSTM(128), new Dense(64)], [5], new RandomArrays(4));
    const [floats, half, quarter] = await Promise.all([
      modelToBytes(model),
      model.quantize('int16').then((quantised) => modelToBytes(quantised)),
      model.quantize('int8').then((quantised) => modelToBytes(quantised)),
    ]);
    // The reference's floats have twice the size.
    const size = (floats.length * 4) / backend.floatBytes;
    expect(half.length / size).toBeLessThan(0.53);
    expect(quarter.length / size).toBeLessThan(0.28);
    const lines: string[] = [];
    (await model.quantize('int8')).summary((text) => lines.push(text));
    expect(lines.join()).toMatch(/lstm \(LSTM\), int8/);
  });

  test('is saved only as .safetensors, and as a page', async () => {
    const quantised = await make().quantize('int8');
    for (const format of ['keras', 'onnx'])
      expectError(
        await caught(() => modelToBytes(quantised, { format })),
        ArgumentError as ErrorClass,
        /only \.safetensors files hold: save the model that quantize/,
      );
    expect(await modelToHTML(quantised)).toContain('id="model">');
  });

  test('predicts the same bits in workers, whose integers are shared', async () => {
    const quantised = await make().quantize('int16');
    const expected = await outputsOf(quantised, x, { workers: 0, batchSize: 4 });
    for (let call = 0; call < 2; call++) expect(await outputsOf(quantised, x, { workers: 2, batchSize: 4 })).toEqual(expected);
    releaseWorkers();
  });

  test('takes a state from JSON, and refuses one that is wrong', async () => {
    const quantised = await make().quantize('int8');
    const state = JSON.parse(JSON.stringify(quantised.getState()));
    expect(await outputsOf(Sequential.fromState(state), x)).toEqual(await outputsOf(quantised, x));
    const [embedding] = state.quantised;
    for (const [change, message] of [
      [{ type: 'int4' }, /quantised\[0\]\.type should be int16 or int8/],
      [{ axis: 2 }, /quantised\[0\]\.axis/],
      [{ name: 'lstm/other' }, /has no array 'embedding\/embeddings'/],
      [{ integers: { ...embedding.integers, data: embedding.integers.data.map(() => -128) } }, /from -127 to 127/],
      [{ scales: { ...embedding.scales, shape: [1], data: [1] } }, /scales\.shape should be/],
      [{ integers: { ...embedding.integers, dtype: 'int16' } }, /of type Int8Array/],
    ] as const)
      expectError(
        await caught(() => Sequential.fromState({ ...state, quantised: [{ ...embedding, ...change }, ...state.quantised.slice(1)] })),
        FormatError as ErrorClass,
        message,
      );
  });

  test('cannot be made of a model without such layers, of weights that are not finite, or of another type', async () => {
    startOn(backend);
    const model = make();
    expectError(await caught(() => model.quantize('int4' as 'int8')), ArgumentError as ErrorClass, /quantize: type/);
    expectError(
      await caught(() => new Sequential([Input({ shape: [3] }), new Dense(2)]).quantize('int8').then((made) => made.quantize('int8'))),
      StateError as ErrorClass,
      /already int8/,
    );
    const state = model.getState();
    (state.weights[1]?.data as Float32Array)[3] = Number.NaN;
    expectError(
      await caught(() => Sequential.fromState(state).quantize('int8')),
      DataError as ErrorClass,
      /lstm\/kernel has the value NaN at place 3/,
    );
  });
});
