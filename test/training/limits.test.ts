import { describe, expect, test } from 'vitest';
import {
  Adam,
  ArgumentError,
  Dense,
  Dropout,
  Embedding,
  GRU,
  generate,
  LSTM,
  loadBackend,
  OneHot,
  padSequences,
  RecurrentNetwork,
  RMSprop,
  Sequential,
  SimpleRNN,
  setRandomSeed,
  TextVectorization,
  toCategorical,
} from '../../ts/index.ts';
import { caught, expectError } from '../support/refusals.ts';

const x = [
  [0, 1],
  [1, 0],
];
const y = [1, 0];

function idsModel(truncate: number | null = null): Sequential {
  const model = new Sequential([new OneHot(2, { inputShape: [null] }), new LSTM(2, { truncate }), new Dense(2, { activation: 'softmax' })]);
  model.compile({ loss: 'sparseCategoricalCrossentropy' });
  return model;
}

const MOST = 2 ** 31 - 1;

type Sized = [owner: string, call: (size: number) => unknown];

describe('sizes that kernels cannot count are refused where they are given', () => {
  const everywhere: Sized[] = [
    ['Dense: units', (size) => new Dense(size)],
    ['SimpleRNN: units', (size) => new SimpleRNN(size)],
    ['LSTM: units', (size) => new LSTM(size)],
    ['GRU: truncate', (size) => new GRU(1, { truncate: size })],
    ['Embedding: inputDim', (size) => new Embedding(size, 1)],
    ['Embedding: outputDim', (size) => new Embedding(1, size)],
    ['OneHot: depth', (size) => new OneHot(size)],
    ['Dense: inputShape[0]', (size) => new Dense(1, { inputShape: [size] })],
    ['stream: batchSize', (size) => (size > MOST ? idsModel().stream({ batchSize: size }) : null)],
    ['evaluate: batchSize', (size) => idsModel().evaluate(x, y, { batchSize: size })],
    ['predict: batchSize', (size) => idsModel().predict(x, { batchSize: size })],
    ['fit: batchSize', (size) => idsModel().fit(x, y, { batchSize: size, verbose: 0 })],
    ['fit: validationBatchSize', (size) => idsModel().fit(x, y, { validationBatchSize: size, validationSplit: 0.5, verbose: 0 })],
    ['fit: validationFreq', (size) => idsModel().fit(x, y, { validationFreq: size, verbose: 0 })],
    ['fit: epochs', (size) => idsModel().fit(x, y, { epochs: size, initialEpoch: MOST, verbose: 0 })],
    ['fit: initialEpoch', (size) => idsModel().fit(x, y, { initialEpoch: size, verbose: 0 })],
    ['generate: length', (size) => generate(idsModel(), [1], { length: size })],
    ['padSequences: maxLength', (size) => padSequences([], { maxLength: size })],
    ['toCategorical: numClasses', (size) => toCategorical([], size)],
    ['TextVectorization: maxTokens', (size) => new TextVectorization({ maxTokens: size })],
    ['TextVectorization: outputSequenceLength', (size) => new TextVectorization({ outputSequenceLength: size })],
    ['RecurrentNetwork: nCells', (size) => new RecurrentNetwork({ nCells: size })],
    ['RecurrentNetwork: batchSize', (size) => new RecurrentNetwork({ batchSize: size })],
    ['RecurrentNetwork: truncate', (size) => new RecurrentNetwork({ truncate: size })],
  ];

  test.each(everywhere)('%s', async (owner, call) => {
    expect(await caught(() => call(MOST))).toBeUndefined();
    for (const size of [MOST + 1, 2 ** 32, 2 ** 53, 1e300]) {
      const error = await caught(() => call(size));
      expectError(error, ArgumentError, / must be at most 2147483647 \(2\^31 - 1\), got /);
      expect((error as Error).message).toMatch(owner);
    }
  });

  test('the largest truncate trains as none does', async () => {
    const train = async (truncate: number | null) => {
      setRandomSeed(1);
      const model = idsModel(truncate);
      await model.fit(x, y, { epochs: 2, verbose: 0 });
      return model.getWeights();
    };
    expect(await train(MOST)).toEqual(await train(null));
  });

  test.each(['fit', 'evaluate', 'predict'] as const)('%s: workers', async (method) => {
    const message = new RegExp(`^${method}: workers must be at most 1024, got 4294967296: each is a thread`);
    const run = () =>
      (idsModel()[method] as (...given: unknown[]) => unknown)(x, method === 'predict' ? { workers: 2 ** 32 } : y, { workers: 2 ** 32 });
    expectError(await caught(run), ArgumentError, message);
  });
});

describe('numbers that are other ones as a float32 are refused where they are given', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['a dropout of nearly 1', () => new Dropout(1 - 1e-9), /^Dropout: rate must be below 1, got 0\.999999999, which is 1 as a float32$/],
    ['one of a layer', () => new LSTM(1, { dropout: 1 - 1e-9 }), /^LSTM: dropout must be below 1/],
    [
      'epsilon',
      () => new RMSprop({ epsilon: 1e39 }),
      /^RMSprop: epsilon must be a number of at least 0 and below 3\.4028234663852886e\+38, got 1e\+39$/,
    ],
    [
      'a loss weight',
      () => idsModel().compile({ loss: 'mse', lossWeights: 1e39 }),
      /^compile: lossWeights must be .* below 3\.40.*, got 1e\+39$/,
    ],
    ['clipnorm', () => new Adam({ clipnorm: 1e39 }), /^Adam: clipnorm is 1e\+39, outside the range of float32/],
    ['a clipvalue of nearly 0', () => new Adam({ clipvalue: 1e-46 }), /^Adam: clipvalue is 1e-46, outside the range of float32/],
    ['a clipvalue without an end', () => new Adam({ clipvalue: Infinity }), /^Adam: clipvalue is Infinity, outside the range of float32/],
    [
      'a class weight',
      () => idsModel().fit(x, y, { classWeight: { 1: 1e39 } }),
      /^fit: classWeight\[1\] must be .* below 3\.40.*, got 1e\+39$/,
    ],
  ])('%s', async (_label, call, message) => {
    expectError(await caught(call), ArgumentError, message);
  });

  test('but not what only comes near to it', () => {
    expect(new Dropout(1 - 2 ** -24).rate).toBeLessThan(1);
    expect(new Adam({ beta2: 1 - 1e-9 }).beta2).toBe(1 - 1e-9);
  });
});

describe('a seed has 64 bits', () => {
  test.each([2n ** 64n, -(2n ** 63n) - 1n])('%s is refused', (seed) => {
    expect(() => setRandomSeed(seed)).toThrow(/^Cannot use the random seed the bigint -?\d+n: expected .* a bigint of at most 64\.$/);
  });

  test.each([2n ** 64n - 1n, -(2n ** 63n), 2 ** 53 - 1])('%s is taken', (seed) => {
    expect(() => setRandomSeed(seed)).not.toThrow();
  });
});

describe('what holds nothing that is looked for is refused', () => {
  const detached = new Float32Array(2);
  structuredClone(null, { transfer: [detached.buffer] });

  test.each<[string, () => unknown, RegExp]>([
    ['options in a Map', () => idsModel().fit(x, y, new Map([['epochs', 5]]) as never), /^fit: options must be an object, got a Map of 1$/],
    [
      'options in a promise',
      () => new Adam(Promise.resolve({}) as never),
      /^Adam: options must be an object, got a Promise, which was not awaited$/,
    ],
    ['classWeight of NaN', () => idsModel().fit(x, y, { classWeight: Number.NaN as never }), /^fit: classWeight must be .* got NaN$/],
    [
      'classWeight in a Set',
      () => idsModel().fit(x, y, { classWeight: new Set([1]) as never }),
      /^fit: classWeight must be .* got a Set of 1$/,
    ],
    ['validationData of 0', () => idsModel().fit(x, y, { validationData: 0 as never }), /^fit: validationData must be .* got 0$/],
    ['a backend of another name', () => loadBackend('gpu' as never), /^loadBackend: name must be one of 'wasm', 'reference', got 'gpu'$/],
    [
      'data whose memory was transferred',
      () => idsModel().fit(detached, y),
      /^x is a detached Float32Array: its buffer was transferred, as to a worker: post a copy, array\.slice\(\)$/,
    ],
    ['such data in a tensor', () => idsModel().predict({ shape: [2, 1], data: detached }), /^x\.data is a detached Float32Array/],
    ['such a sequence', () => padSequences([[1], detached]), /^padSequences: sequences\[1\] is a detached Float32Array/],
    ['weights of the article that are left out', () => new RecurrentNetwork().setWeights(undefined as never), /takes the five weights/],
  ])('%s', async (_label, call, message) => {
    expectError(await caught(call), ArgumentError, message);
  });
});
