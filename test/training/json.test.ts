import { beforeEach, describe, expect, test } from 'vitest';
// The states have a Dropout, whose class loads with the formats.
import '../../ts/formats/entry.ts';
import {
  Adam,
  ArgumentError,
  DataError,
  Dense,
  Dropout,
  Embedding,
  FormatError,
  GRU,
  Input,
  LSTM,
  Model,
  type ModelState,
  padSequences,
  RecurrentNetwork,
  Sequential,
  ShapeError,
  type Tensor,
  type TensorLike,
  TextVectorization,
  toCategorical,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { caught, type ErrorClass, expectError } from '../support/refusals.ts';
import { regression, regressionModel } from '../support/regression.ts';

/** What comes out of a database that holds JSON. */
function roundTrip<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

const { x, y } = regression(6);

describe('tensors in JSON', () => {
  test.each<[string, Tensor, object]>([
    ['ids', padSequences([[1, 2], [3]]), { shape: [2, 2], dtype: 'int32', data: [1, 2, 0, 3] }],
    ['one-hot rows', toCategorical([1]), { shape: [1, 2], dtype: 'float32', data: [0, 1] }],
    ['series', padSequences([[0.1]], { dtype: 'float32' }), { shape: [1, 1], dtype: 'float32', data: [Math.fround(0.1)] }],
  ])('have a shape, a type and an array of numbers: %s', (_label, tensor, json) => {
    expect(roundTrip(tensor)).toStrictEqual(json);
    expect(roundTrip([{ tensor }])).toStrictEqual([{ tensor: json }]);
  });

  test('are plain data to whoever compares, clones or posts them', () => {
    const tensor = padSequences([[1]]);
    expect(tensor).toStrictEqual({ shape: [1, 1], data: Int32Array.of(1) });
    expect(Object.keys(tensor)).toEqual(['shape', 'data']);
    expect(Object.getPrototypeOf(tensor)).toBe(Object.prototype);
    expect(structuredClone(tensor)).toStrictEqual({ shape: [1, 1], data: Int32Array.of(1) });
  });

  const layer = () => new Sequential([new Dense(1, { inputShape: [2], useBias: false })]);
  const take = (kernel: unknown) => layer().setWeights([kernel as TensorLike]);

  test.each<[string, unknown, readonly number[]]>([
    ['floats', { shape: [2, 1], dtype: 'float32', data: [Math.fround(0.1), -0.5] }, [Math.fround(0.1), -0.5]],
    ['floats without a type', { shape: [2, 1], data: [0.1, 1e10] }, [0.1, 1e10]],
    ['integers', { shape: [2, 1], dtype: 'int8', data: [-128, 127] }, [-128, 127]],
    ['bytes', { shape: [2, 1], dtype: 'uint8', data: [0, 255] }, [0, 255]],
  ])('are taken back: %s', (_label, json, values) => {
    const model = layer();
    model.setWeights([json as TensorLike]);
    expect([...(model.getWeights()[0]?.data ?? [])]).toEqual(values);
  });

  test.each<[string, unknown, ErrorClass, RegExp]>([
    [
      'of too few numbers',
      { shape: [2, 1], data: [1] },
      ShapeError,
      /weights\[0\] has shape \[2, 1\], which is 2 values, but data holds 1$/,
    ],
    [
      'of rows',
      { shape: [2, 1], data: [[1], [2]] },
      ArgumentError,
      /^setWeights: \S+: weights\[0\]\.data\[0\] must be a number, got an array of 1$/,
    ],
    [
      'of null, which JSON makes of NaN',
      { shape: [2, 1], data: [1, null] },
      ArgumentError,
      /^setWeights: \S+: weights\[0\]\.data\[1\] must be a number, got null$/,
    ],
    [
      'of texts',
      { shape: [2, 1], data: ['1', 'nan'] },
      ArgumentError,
      /^setWeights: \S+: weights\[0\]\.data\[0\] must be a number, got '1'$/,
    ],
    [
      'of holes',
      { shape: [2, 1], data: new Array(2) },
      ArgumentError,
      /^setWeights: \S+: weights\[0\]\.data\[0\] must be a number, got undefined$/,
    ],
    ['of what no number is', { shape: [2, 1], data: [1, 'NaN'] }, DataError, /^setWeights: \S+: weights\[0\]\[1\]\[0\] is NaN/],
    [
      'of another type',
      { shape: [2, 1], dtype: 'float16', data: [1, 2] },
      ArgumentError,
      /^setWeights: \S+: weights\[0\]\.dtype is 'float16' .*; it must be one of 'float32', /,
    ],
    [
      'of a fraction among integers',
      { shape: [2, 1], dtype: 'int32', data: [1, 0.5] },
      ArgumentError,
      /^setWeights: \S+: weights\[0\]\.data\[1\] is 0\.5, which no int32 can hold$/,
    ],
    [
      'of what is no byte',
      { shape: [2, 1], dtype: 'uint8', data: [256, 1] },
      ArgumentError,
      /^setWeights: \S+: weights\[0\]\.data\[0\] is 256, which no uint8 can hold$/,
    ],
    [
      'of NaN among integers',
      { shape: [2, 1], dtype: 'int16', data: ['NaN', 1] },
      ArgumentError,
      /^setWeights: \S+: weights\[0\]\.data\[0\] is NaN, which no int16 can hold$/,
    ],
    [
      'of a copy, which JSON writes as an object',
      roundTrip({ ...padSequences([[1]]) }),
      ArgumentError,
      /^setWeights: \S+: weights\[0\]\.data must be a typed array of numbers, got an object with the key 0, as JSON has a typed array: give JSON\.stringify the numbers, Array\.from\(data\)$/,
    ],
  ])('are refused %s', async (_label, json, errorClass, message) => {
    expectError(await caught(() => take(json)), errorClass, message);
  });

  test('of the article’s network come back too, the network itself does not', () => {
    const ids = {
      ids: [
        [1, 2],
        [0, 1],
      ],
      depth: 3,
    };
    const network = new RecurrentNetwork({ nCells: 2 }).fit(ids, [0, 1], { epochs: 1 });
    const other = new RecurrentNetwork({ nCells: 2 });
    other.setWeights(roundTrip(network.getWeights()));
    expect(other.getWeights()).toStrictEqual(network.getWeights());
    expect(roundTrip(network.predictProbabilities(ids))).toMatchObject({ shape: [2, 1], dtype: 'float64' });
    expect(roundTrip(network.predict(ids))).toMatchObject({ shape: [2, 1], dtype: 'uint8' });
    expect(() => JSON.stringify(network)).toThrow(/^JSON\.stringify cannot write a RecurrentNetwork: give it network\.getWeights\(\)/);
  });

  test('a vectorization is its configuration', () => {
    const words = new TextVectorization({ maxTokens: 5, split: 'character' });
    words.adapt(['abba', 'ab']);
    expect(roundTrip(words)).toStrictEqual(words.getConfig());
    expect(TextVectorization.fromConfig(roundTrip(words) as never).encode(['abc'])).toEqual(words.encode(['abc']));
  });
});

describe.each(await availableBackends())('a model in JSON on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  /** Numbers of all kinds that training leaves: also those that are infinite and none. */
  const withOddWeights = (state: ModelState): ModelState => ({
    ...state,
    weights: state.weights.map((weight, index) => (index > 0 ? weight : { ...weight, data: oddNumbers(weight.data) })),
  });
  const oddNumbers = (data: Float32Array | Float64Array) => {
    const copy = data.slice();
    copy.set([Number.NaN, Infinity, -Infinity, 1e-40]);
    return copy;
  };

  test('weights and predictions come back with their bits and their type', async () => {
    const model = regressionModel();
    await model.fit(x, y, { verbose: 0 });
    const other = regressionModel();
    other.setWeights(roundTrip(model.getWeights()));
    expect(other.getWeights()).toStrictEqual(model.getWeights());
    const [first, twin] = [model.layers[0], other.layers[0]];
    twin?.setWeights(roundTrip(first?.getWeights() ?? []));
    expect(twin?.getWeights()).toStrictEqual(first?.getWeights());
    const predicted = await model.predict(x);
    const { name } = predicted.data.constructor;
    expect(roundTrip(predicted)).toStrictEqual({
      shape: [6, 1],
      dtype: name === 'Float64Array' ? 'float64' : 'float32',
      data: [...predicted.data],
    });
    expect(roundTrip(await model.predictOnBatch(x))).toStrictEqual(roundTrip(predicted));
    expect(roundTrip(await model.predict(x, { workers: 1 }))).toStrictEqual(roundTrip(predicted));
    expect(roundTrip(await model.predict(x, { workers: 2, batchSize: 2 }))).toStrictEqual(
      roundTrip(await model.predict(x, { batchSize: 2 })),
    );
  });

  test('data trains as it does without JSON', async () => {
    const [words, labels] = [padSequences([[1, 2], [3], [2, 1, 3]]), toCategorical([0, 1, 1])];
    const train = async (input: TensorLike, targets: TensorLike, sampleWeight: TensorLike, workers: number) => {
      startOn(backend);
      const model = new Sequential([new Embedding(4, 3, { maskZero: true }), new LSTM(2), new Dense(2, { activation: 'softmax' })]);
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
      const { history } = await model.fit(input, targets, {
        sampleWeight,
        validationData: [input, targets],
        verbose: 0,
        epochs: 2,
        workers,
      });
      return [history, await model.evaluate(input, targets), await model.trainOnBatch(input, targets), model.getWeights()];
    };
    const weights = { shape: [3], data: Float32Array.of(1, 2, 3) };
    const json = { shape: [3], dtype: 'float32', data: [1, 2, 3] };
    const plain = await train(words, labels, weights, 0);
    for (const workers of [0, 1]) expect(await train(roundTrip(words), roundTrip(labels), json, workers)).toStrictEqual(plain);
  });

  test.each(['new', 'trained', 'diverged'])('a state makes the same model again, which trains on: %s', async (kind) => {
    const layers = [new Embedding(4, 3), new LSTM(2, { dropout: 0.2 }), new Dropout(0.1), new Dense(1)];
    const model = new Sequential(layers, { name: 'series' });
    model.build([null, null]);
    model.compile({ optimizer: new Adam({ learningRate: 0.1, clipnorm: 1 }), loss: 'mse', metrics: ['mae'] });
    const [ids, targets] = [
      [
        [1, 2],
        [3, 0],
      ],
      [0, 1],
    ];
    if (kind !== 'new') await model.fit(ids, targets, { verbose: 0 });
    const state = kind === 'diverged' ? withOddWeights(model.getState()) : model.getState();
    const restored = Sequential.fromState(roundTrip(Sequential.fromState(state).getState()));
    expect(restored.getState()).toStrictEqual(state);
    if (kind === 'diverged') return;
    expect(await restored.fit(ids, targets, { verbose: 0, epochs: 2 })).toEqual(await model.fit(ids, targets, { verbose: 0, epochs: 2 }));
    expect(restored.getWeights()).toStrictEqual(model.getWeights());
  });

  test('a state of a graph does too', async () => {
    const [source, target] = [Input({ shape: [null, 2], name: 'source' }), Input({ shape: [null, 2], name: 'target' })];
    const [, h, c] = new LSTM(3, { returnState: true }).apply(source);
    const outputs = new Dense(1).apply(new LSTM(3).apply(target, { initialState: [h, c] }));
    const model = new Model({ inputs: [source, target], outputs });
    const restored = Model.fromState(roundTrip(model.getState()));
    expect(restored.getState()).toStrictEqual(model.getState());
    const given = { shape: [2, 3, 2], data: Float32Array.from({ length: 12 }, (_, index) => index / 12) };
    expect(await restored.predict([{ ...given, data: [...given.data] }, given])).toStrictEqual(await model.predict([given, given]));
  });

  test('states of a stream come back, the stream itself does not', () => {
    const model = new Sequential([new LSTM(2, { inputShape: [null, 1], returnSequences: true }), new GRU(3), new Dense(1)]);
    const [stream, other] = [model.stream({ batchSize: 2 }), model.stream({ batchSize: 2 })];
    stream.step([0.5, -1]);
    const stored = JSON.stringify(stream.state);
    other.state = JSON.parse(stored);
    expect(other.state).toStrictEqual(stream.state);
    expect(other.step([1, 2])).toStrictEqual(stream.step([1, 2]));
    expect(JSON.parse(stored).gru.h).toMatchObject({ shape: [2, 3], dtype: backend.name === 'wasm' ? 'float32' : 'float64' });
    expect(() => JSON.stringify(stream)).toThrow(/^JSON\.stringify cannot write a stream: give it stream\.state$/);
    const broken = JSON.parse(stored);
    broken.lstm.c.data[1] = 'NaN';
    expect(() => (other.state = broken)).toThrow(DataError);
    expect(other.state).toStrictEqual(stream.state);
  });

  test('JSON.stringify refuses a model itself', async () => {
    const error = await caught(() => JSON.stringify({ saved: regressionModel() }));
    expectError(
      error,
      ArgumentError,
      /^JSON\.stringify cannot write model sequential: give it model\.getState\(\), or use modelToBytes\(model\)$/,
    );
  });

  test.each<[string, (state: ModelState & Record<string, never>) => unknown, RegExp]>([
    [
      'a number that is none',
      (state) => ({ ...state.weights[0], data: [null, 1, 2, 3] }),
      /description: weights\[0\]\.data\[0\] must be a number, got null$/,
    ],
    [
      'a copy that JSON spoiled',
      (state) => roundTrip({ ...state.weights[0] }),
      /weights\[0\]\.data should be a Float32Array .* but is an object with the keys 0, 1/,
    ],
    [
      'integers',
      (state) => ({ ...state.weights[0], dtype: 'int32', data: [1, 2] }),
      /weights\[0\]\.data should be a Float32Array .* but is an Int32Array of 2$/,
    ],
  ])('a state with %s is refused', async (_label, change, message) => {
    const state = regressionModel().getState();
    const weights = [change(state as never), ...state.weights.slice(1)];
    expectError(await caught(() => Sequential.fromState({ ...state, weights } as never)), FormatError, message);
  });
});
