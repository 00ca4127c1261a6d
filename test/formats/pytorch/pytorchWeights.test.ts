import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readFloats, rowMajor } from '../../../ts/formats/pytorch/foreignTensor.ts';
import { readSafetensors } from '../../../ts/formats/safetensors.ts';
import {
  ArgumentError,
  BatchNormalization,
  Bidirectional,
  Conv1D,
  Conv2D,
  CRF,
  Dense,
  Embedding,
  Flatten,
  FormatError,
  GRU,
  GRUCell,
  Input,
  type Layer,
  LayerNormalization,
  LSTM,
  LSTMCell,
  Model,
  RNN,
  type Sequential,
  SimpleRNN,
  StackedRNNCells,
  setWarningHandler,
  type Tensor,
  TimeDistributed,
} from '../../../ts/index.ts';
import { availableBackends } from '../../support/backends.ts';
import { startOn } from '../../support/modelBackends.ts';
import { builtModel } from '../../support/models.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { caught, expectError } from '../../support/refusals.ts';

const steps = { returnSequences: true } as const;
const torchEpsilon = { epsilon: 1e-5 } as const;
const weightsOf = (model: Model) => model.getWeights().map(({ data }) => Array.from(data, Math.fround));

const LAYERS: Readonly<Record<string, { readonly sample: readonly number[]; make(): Layer[] }>> = {
  recurrent: {
    sample: [5],
    make: () => [
      new Embedding(7, 3),
      new Bidirectional(new LSTM(2, steps)),
      new TimeDistributed(new Dense(3)),
      new Bidirectional(new GRU(3, { ...steps, useBias: false })),
      new SimpleRNN(4, steps),
      new RNN(new StackedRNNCells([new LSTMCell(2), new GRUCell(3)])),
      new Dense(1, { useBias: false }),
    ],
  },
  images: {
    sample: [6, 5, 2],
    make: () => [
      new Conv2D(4, [2, 3], { groups: 2 }),
      new BatchNormalization(torchEpsilon),
      new TimeDistributed(new Conv1D(3, 2)),
      new LayerNormalization({ ...torchEpsilon, center: false }),
      new Flatten(),
      new Dense(2),
    ],
  },
};

const backends = await availableBackends();

describe.each(backends)('weights for PyTorch on $label', ({ backend }) => {
  let folder = '';
  let given: string[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backtime-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(() => {
    startOn(backend);
    given = [];
    setWarningHandler((message, code) => given.push(`${code} ${message}`));
  });
  afterEach(() => setWarningHandler(null));

  const saved = async (model: Model, names?: Record<string, string | string[]>) => {
    const path = join(folder, 'model.safetensors');
    await model.saveWeights(path, { format: 'pytorch', ...(names ? { names } : {}) });
    return new Uint8Array(await readFile(path));
  };
  const shapesIn = (bytes: Uint8Array) => Object.fromEntries(readSafetensors(bytes, '').entries.map(({ name, shape }) => [name, shape]));

  test.each(Object.entries(LAYERS))('of %s come back as they were', async (_name, { sample, make }) => {
    const [first, second] = [1, 2].map((seed) => builtModel(make(), sample, new RandomArrays(seed))) as [Sequential, Sequential];
    // The file has the names of the layers.
    await second.loadWeights(await saved(first), { format: 'pytorch' });
    expect(weightsOf(second)).toEqual(weightsOf(first));
    expect(given).toEqual([]);
  });

  test('have the names and shapes of its modules', async () => {
    const model = builtModel(
      [new Embedding(7, 3), new Bidirectional(new LSTM(2, steps)), new Bidirectional(new LSTM(2)), new Dense(1)],
      [5],
      new RandomArrays(1),
    );
    const bytes = await saved(model, { 'encoder.rnn': ['bidirectional', 'bidirectional_1'], fc: 'dense' });
    const levels = (level: number, features: number) =>
      ['', '_reverse'].flatMap((direction) => [
        [`encoder.rnn.weight_ih_l${level}${direction}`, [8, features]],
        [`encoder.rnn.weight_hh_l${level}${direction}`, [8, 2]],
        [`encoder.rnn.bias_ih_l${level}${direction}`, [8]],
        [`encoder.rnn.bias_hh_l${level}${direction}`, [8]],
      ]);
    expect(shapesIn(bytes)).toEqual(
      Object.fromEntries([['embedding.weight', [7, 3]], ...levels(0, 3), ...levels(1, 4), ['fc.weight', [1, 4]], ['fc.bias', [1]]]),
    );
    // The second bias adds nothing.
    const { entries } = readSafetensors(bytes, '');
    expect(Array.from(entries.find(({ name }) => name === 'encoder.rnn.bias_hh_l1')?.bytes ?? [])).toEqual(
      Array(entries[0]?.type === 'F64' ? 64 : 32).fill(0),
    );
  });

  const dense = (...units: number[]) =>
    builtModel(
      units.map((each) => new Dense(each)),
      [3],
      new RandomArrays(1),
    );

  test('are matched by name, by the only layer that fits, and not otherwise', async () => {
    const arrays = (names: readonly string[], units: readonly number[]) =>
      Object.fromEntries(
        names.flatMap((name, index) => {
          const [rows, columns] = [units[index] as number, units[index - 1] ?? 3];
          const filled = (shape: number[]): Tensor => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)).fill(index + 1) });
          return [
            [`${name}.weight`, filled([rows, columns])],
            [`${name}.bias`, filled([rows])],
          ];
        }),
      );
    const biases = (model: Model) => model.layers.map((layer) => layer.getWeights()[1]?.data[0]);
    // In order: an object has one.
    const equal = dense(3, 3, 3);
    await equal.loadWeights(arrays(['a', 'b', 'c'], [3, 3, 3]), { format: 'pytorch' });
    expect(biases(equal)).toEqual([1, 2, 3]);
    // By name first, although the order says otherwise.
    await equal.loadWeights(arrays(['dense_2', 'dense', 'dense_1'], [3, 3, 3]), { format: 'pytorch' });
    expect(biases(equal)).toEqual([2, 3, 1]);
    // By names, and the others in order.
    await equal.loadWeights(arrays(['a', 'b', 'c'], [3, 3, 3]), { format: 'pytorch', names: { a: 'dense_1' } });
    expect(biases(equal)).toEqual([2, 1, 3]);
    // Another order, where only one layer fits each module.
    const { 'b.weight': second, ...rest } = arrays(['a', 'b'], [4, 2]);
    const different = dense(4, 2);
    await different.loadWeights({ 'b.weight': second as Tensor, ...rest }, { format: 'pytorch' });
    expect(biases(different)).toEqual([1, 2]);
    // A file without an order, in which two layers fit a module.
    const sorted = await saved(equal, { a: 'dense', b: 'dense_1', c: 'dense_2' });
    const before = weightsOf(equal);
    const error = await caught(() => equal.loadWeights(sorted, { format: 'pytorch' }));
    expectError(
      error,
      FormatError,
      /module 'a', module 'b', module 'c' fit layer dense .*equally well\. Say which is which: names: \{ 'a': 'dense'/,
    );
    await equal.loadWeights(sorted, { format: 'pytorch', names: { a: 'dense', c: 'dense_2' } });
    expect(weightsOf(equal)).toEqual(before);
  });

  test('that do not fit are refused with all reasons, or loaded as far as they fit', async () => {
    const file = await saved(builtModel([new LSTM(2, steps), new GRU(3)], [5, 3], new RandomArrays(1)), { rnn: 'lstm', more: 'gru' });
    const model = builtModel([new LSTM(2, { ...steps, useBias: false }), new GRU(4), new Dense(2)], [5, 3], new RandomArrays(2));
    const before = weightsOf(model);
    const names = { rnn: 'lstm', more: 'gru' };
    const error = await caught(() => model.loadWeights(file, { format: 'pytorch', names }));
    expectError(error, FormatError, /layer lstm \(LSTM\) has no use for 'rnn\.bias_ih_l0': give the layer useBias: true/);
    expectError(error, FormatError, /'more\.weight_ih_l0' has shape \[9, 2\], but layer gru \(GRU\) needs \[12, 2\]/);
    expectError(error, FormatError, /No weight has changed$/);
    expect(weightsOf(model)).toEqual(before);
    const other = builtModel([new LSTM(2, steps), new GRU(4), new Dense(2)], [5, 3], new RandomArrays(2));
    const report = await other.loadWeights(file, { format: 'pytorch', names: { rnn: 'lstm' }, skipMismatch: true });
    expect(report).toEqual({
      loaded: ['lstm/kernel', 'lstm/recurrentKernel', 'lstm/bias'],
      missing: ['gru/kernel', 'gru/recurrentKernel', 'gru/bias', 'dense/kernel', 'dense/bias'],
      unexpected: ['more.weight_ih_l0', 'more.weight_hh_l0', 'more.bias_ih_l0', 'more.bias_hh_l0'],
    });
    const left = await caught(() => other.loadWeights(file, { format: 'pytorch', names: { rnn: 'lstm' } }));
    expectError(
      left,
      FormatError,
      /no layer takes module 'more' with weight_ih \[9, 2\].*no module fits layer dense \(Dense\), which needs weight \[2, 4\], bias \[2\]/,
    );
  });

  test('names that are not there are refused', async () => {
    const model = builtModel([new LSTM(2, steps), new LSTM(2), new Dense(1)], [5, 3], new RandomArrays(1));
    const file = await saved(model, { rnn: ['lstm', 'lstm_1'] });
    for (const [names, message] of [
      [{ gru: 'lstm' }, /names has 'gru', but the file has no such module; it has rnn, dense/],
      [{ rnn: ['lstm', 'gru'] }, /names has the layer 'gru', but the model has no such layer with weights; it has lstm, lstm_1, dense/],
      [{ rnn: 'lstm' }, /gives module 'rnn' 1 layers, but it has 2: give an array of 2 names/],
      [{ rnn: ['lstm', 'lstm'] }, /names has layer lstm \(LSTM\) twice/],
    ] as const)
      expectError(await caught(() => model.loadWeights(file, { format: 'pytorch', names })), ArgumentError, message);
    expectError(
      await caught(() => saved(model, { all: ['dense', 'lstm'] })),
      ArgumentError,
      /several layers for 'all', but layer dense \(Dense\) is no layer/,
    );
    expectError(await caught(() => saved(model, { a: 'dense', b: 'dense' })), ArgumentError, /names has layer dense \(Dense\) twice/);
    expectError(
      await caught(() => model.loadWeights(file, { format: 'pytorch', byName: true })),
      ArgumentError,
      /byName is not for PyTorch/,
    );
    expectError(await caught(() => model.loadWeights({ w: [1] })), ArgumentError, /need the option format/);
  });

  test('of layers that PyTorch does not have are refused by name', async () => {
    const before = builtModel([new GRU(2, { resetAfter: false })], [5, 3], new RandomArrays(1));
    const refused =
      /layer gru \(GRU\) has resetAfter: false, but nn\.GRU applies the reset gate after the product: give it resetAfter: true/;
    expectError(await caught(() => saved(before)), ArgumentError, refused);
    const file = await saved(builtModel([new GRU(2)], [5, 3], new RandomArrays(1)));
    expectError(await caught(() => before.loadWeights(file, { format: 'pytorch' })), FormatError, refused);
    const tagger = builtModel([new CRF(3)], [5, 3], new RandomArrays(1));
    expectError(await caught(() => saved(tagger)), ArgumentError, /layer crf \(CRF\) has no counterpart/);
    const both = builtModel([new Bidirectional(new GRU(2, { resetAfter: false }))], [5, 3], new RandomArrays(1));
    expectError(await caught(() => saved(both)), ArgumentError, /layer bidirectional \(Bidirectional\) has resetAfter: false/);
  });

  test('a shared layer and a model inside of a model are there once', async () => {
    const inner = builtModel([new Dense(3, { name: 'inside' })], [3], new RandomArrays(1));
    const build = () => {
      const x = Input({ shape: [3] });
      const shared = new Dense(3, { name: 'shared' });
      return new Model({ inputs: x, outputs: shared.apply(inner.apply(shared.apply(x))) });
    };
    const model = build();
    expect(Object.keys(shapesIn(await saved(model, { net: inner.asLayer().name, first: 'shared' }))).sort()).toEqual([
      'first.bias',
      'first.weight',
      'net.bias',
      'net.weight',
    ]);
  });

  test('warns of what the file does not tell, once', async () => {
    const make = (epsilon: number) =>
      builtModel([new LayerNormalization({ epsilon }), new LSTM(2, { activation: 'relu' })], [5, 3], new RandomArrays(1));
    const file = await saved(make(1e-5));
    const model = make(1e-3);
    await model.loadWeights(file, { format: 'pytorch' });
    await model.loadWeights(file, { format: 'pytorch' });
    expect(given).toEqual([
      expect.stringMatching(
        /^PYTORCH_DIFFERS loadWeights: layer layer_normalization .* has the epsilon 0\.001, but PyTorch's default is 1e-5/,
      ),
      expect.stringMatching(
        /^PYTORCH_DIFFERS loadWeights: layer lstm \(LSTM\) has the activations relu and sigmoid, but nn\.LSTM has tanh and sigmoid/,
      ),
    ]);
  });
});

test('floats of 16 bits have the values of IEEE 754 and of bfloat16', () => {
  const read = (type: string, ...words: number[]) => {
    const bytes = new Uint8Array(Uint16Array.from(words).buffer);
    return Array.from(readFloats(bytes, type, [words.length], 0, rowMajor([words.length]), 'the test'));
  };
  expect(read('F16', 0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x3555, 0x7c00, 0xfc00, 0x7e00)).toEqual([
    1,
    -2,
    65504,
    2 ** -24,
    1023 * 2 ** -24,
    2 ** -14,
    0.333251953125,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ]);
  expect(Object.is(read('F16', 0x8000)[0], -0)).toBe(true);
  expect(read('BF16', 0x3f80, 0xc000, 0x7f80, 0x7fc0, 0x0001)).toEqual([1, -2, Number.POSITIVE_INFINITY, Number.NaN, 2 ** -133]);
});

test('elements are read by their strides', () => {
  const bytes = new Uint8Array(Float32Array.from({ length: 12 }, (_, index) => index).buffer);
  const read = (shape: number[], offset: number, strides: number[]) =>
    Array.from(readFloats(bytes, 'F32', shape, offset, strides, 'the test'));
  expect(read([2, 3], 1, [1, 4])).toEqual([1, 5, 9, 2, 6, 10]);
  expect(read([2, 2, 2], 0, [6, 0, 1])).toEqual([0, 1, 0, 1, 6, 7, 6, 7]);
  expect(read([], 11, [])).toEqual([11]);
  expect(read([0, 3], 100, [3, 1])).toEqual([]);
  expect(() => read([2], 11, [1])).toThrow(/^the test reaches to element 12 of a storage of 12 elements$/);
});
