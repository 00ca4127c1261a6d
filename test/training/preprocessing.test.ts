import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  CategoryEncoding,
  Concatenate,
  DataError,
  Dense,
  Discretization,
  Embedding,
  Flatten,
  Hashing,
  Input,
  IntegerLookup,
  type Layer,
  LSTM,
  loadModel,
  Model,
  modelToBytes,
  Normalization,
  type PreprocessingLayer,
  padSequences,
  registerClass,
  Sequential,
  ShapeError,
  StateError,
  StringLookup,
  type SymbolicTensor,
  type Tensor,
  TextVectorization,
  timeseriesDatasetFromArray,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const TEXTS = ['a fine film', 'a bad film', 'fine acting, a fine script', 'bad bad bad'];
const LABELS = [1, 0, 1, 0];

function adaptedBins(): PreprocessingLayer[] {
  const bins = new Discretization({ numBins: 4 });
  bins.adapt([
    [0.5, 3, -2],
    [1, 0, 7],
  ]);
  return [bins];
}

function vectorization(options = {}): TextVectorization {
  const made = new TextVectorization(options);
  made.adapt(TEXTS);
  return made;
}

describe.each(await availableBackends())('on $label a pipeline is its model after the preprocessing', ({ backend }) => {
  const compiled = (model: Sequential | Model, loss: 'binaryCrossentropy' | 'meanSquaredError' = 'binaryCrossentropy') => {
    model.compile({ optimizer: 'adam', loss });
    return model;
  };

  test('texts into ids: the bits of ids, saved and loaded', async () => {
    startOn(backend);
    const words = vectorization();
    const tail = () => [new Embedding(words.vocabularySize, 4, { maskZero: true }), new LSTM(3), new Dense(1, { activation: 'sigmoid' })];
    const pipeline = compiled(new Sequential([words, ...tail()]));
    await pipeline.fit(TEXTS, LABELS, { epochs: 2, batchSize: 2, verbose: 0 });
    startOn(backend);
    const plain = compiled(new Sequential(tail()));
    const ids = padSequences(words.encode(TEXTS), { padding: 'post' });
    await plain.fit(ids, LABELS, { epochs: 2, batchSize: 2, verbose: 0 });
    expect(flatWeights(pipeline)).toEqual(flatWeights(plain));
    expect(await pipeline.evaluate(TEXTS, LABELS)).toEqual(await plain.evaluate(ids, LABELS));
    const answer = await pipeline.predict(['a fine film', 'unseen words']);
    expect(answer).toEqual(await plain.predict(words.call(['a fine film', 'unseen words'])));
    expect(pipeline.layers.map(({ className }) => className)).toEqual(['TextVectorization', 'Embedding', 'LSTM', 'Dense']);

    const path = join(mkdtempSync(join(tmpdir(), 'backtime-')), 'pipeline.safetensors');
    await pipeline.save(path);
    const loaded = await loadModel(path);
    expect(await loaded.predict(['a fine film', 'unseen words'])).toEqual(answer);
    await loaded.fit(TEXTS, LABELS, { verbose: 0 });
    const again = await loadModel(await modelToBytes(loaded));
    expect(await again.predict(['a fine film'])).toEqual(await loaded.predict(['a fine film']));
  });

  test('texts into counts, tokens into ids, and texts without tokens', async () => {
    startOn(backend);
    const counts = compiled(new Sequential([vectorization({ outputMode: 'tfIdf' }), new Dense(1, { activation: 'sigmoid' })]));
    await counts.fit(TEXTS, LABELS, { verbose: 0 });
    expect((await counts.predict(['', 'a film'])).shape).toEqual([2, 1]);
    const tags = new StringLookup({ maskToken: '' });
    tags.adapt([['noun', 'verb']]);
    const tagged = new Sequential([tags, new Embedding(tags.vocabularySize, 2, { maskZero: true }), new LSTM(2)]);
    expect(
      (
        await tagged.predict([
          ['noun', ''],
          ['verb', 'noun'],
        ])
      ).shape,
    ).toEqual([2, 2]);
    const empty = new Sequential([vectorization(), new Embedding(20, 2, { maskZero: true }), new LSTM(2)]);
    expect((await empty.predict(['', ' '])).data.every(Number.isFinite)).toBe(true);
  });

  test.each<[string, () => PreprocessingLayer[], 'string' | undefined, unknown, () => Layer[]]>([
    [
      'Hashing of texts',
      () => [new Hashing(9, { maskValue: '' })],
      'string',
      [
        ['a', 'b'],
        ['c', ''],
      ],
      () => [new Embedding(9, 3, { maskZero: true }), new LSTM(2)],
    ],
    [
      'Hashing of numbers',
      () => [new Hashing(9, { outputMode: 'count', salt: 3 })],
      undefined,
      [
        [12, 5],
        [7, 12],
      ],
      () => [],
    ],
    [
      'IntegerLookup',
      () => [new IntegerLookup({ vocabulary: [12, 7], numOovIndices: 2 })],
      undefined,
      [
        [12, 5],
        [7, 12],
      ],
      () => [new Embedding(4, 3), new LSTM(2)],
    ],
    [
      'CategoryEncoding',
      () => [new CategoryEncoding(4, { outputMode: 'oneHot' })],
      undefined,
      [
        [0, 3],
        [2, 1],
      ],
      () => [new LSTM(2)],
    ],
    [
      'Discretization',
      adaptedBins,
      undefined,
      [
        [0.5, 3],
        [-2, 1],
      ],
      () => [new Embedding(4, 3), new LSTM(2)],
    ],
    [
      'Discretization into rows',
      () => [new Discretization({ binBoundaries: [0, 1], outputMode: 'multiHot' })],
      undefined,
      [
        [0.5, 3],
        [-2, 1],
      ],
      () => [],
    ],
    [
      'StringLookup and CategoryEncoding',
      () => [new StringLookup({ vocabulary: ['a', 'b'], numOovIndices: 3 }), new CategoryEncoding(5)],
      'string',
      [
        ['a', 'x'],
        ['b', 'b'],
      ],
      () => [],
    ],
  ])('%s, saved with its model', async (_, make, dtype, data, computing) => {
    const processed = make().reduce((value, layer) => layer.process(value, 'data'), data) as Tensor;
    const y = [[0.5], [-1]];
    startOn(backend);
    const plain = compiled(new Sequential([...computing(), new Dense(1)]), 'meanSquaredError');
    await plain.fit(processed, y, { epochs: 2, verbose: 0 });
    const input = () => Input({ shape: [2], ...(dtype ? { dtype } : {}) });
    for (const first of [[], [input()]]) {
      startOn(backend);
      const model = compiled(new Sequential([...first, ...make(), ...computing(), new Dense(1)]), 'meanSquaredError');
      await model.fit(data as never, y, { epochs: 2, verbose: 0 });
      expect(flatWeights(model)).toEqual(flatWeights(plain));
      const loaded = await loadModel(await modelToBytes(model));
      expect(await loaded.predict(data as never)).toEqual(await plain.predict(processed));
    }
    startOn(backend);
    const given = input();
    const prepared = make().reduce<SymbolicTensor>((value, layer) => layer.apply(value) as SymbolicTensor, given);
    const graph = new Model({
      inputs: given,
      outputs: new Dense(1).apply(computing().reduce((value, layer) => layer.apply(value) as SymbolicTensor, prepared)),
    });
    expect((await graph.predict(data as never)).shape).toEqual([2, 1]);
  });

  test('numbers that are not scaled: arrays, iterables and series, in Sequential and in a graph', async () => {
    startOn(backend);
    const random = new RandomArrays(3);
    const [x, y] = [tensor([12, 4, 3], random, 100, 300), tensor([12, 1], random)];
    const scale = new Normalization();
    scale.adapt(x);
    const scaled = scale.call(x);
    const train = async (model: Model | Sequential, data: typeof x) => {
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      await model.fit(data, y, { batchSize: 4, shuffle: false, verbose: 0 });
      return model;
    };
    startOn(backend);
    const pipeline = await train(new Sequential([scale, new LSTM(3), new Dense(1)]), x);
    startOn(backend);
    const withInput = await train(new Sequential([Input({ shape: [null, 3] }), scale, new LSTM(3), new Dense(1)]), x);
    startOn(backend);
    const input = Input({ shape: [4, 3] });
    const graph = await train(new Model({ inputs: input, outputs: new Dense(1).apply(new LSTM(3).apply(scale.apply(input))) }), x);
    startOn(backend);
    const plain = await train(new Sequential([new LSTM(3), new Dense(1)]), scaled);
    for (const model of [pipeline, withInput, graph]) {
      expect(flatWeights(model)).toEqual(flatWeights(plain));
      expect(await model.predict(x)).toEqual(await plain.predict(scaled));
      const loaded = await loadModel(await modelToBytes(model));
      expect(await loaded.predict(x)).toEqual(await plain.predict(scaled));
    }
    expect(await pipeline.predict(() => [[x]])).toEqual(await plain.predict(scaled));
    const series = tensor([20, 3], random, 100, 300);
    const options = { sequenceLength: 4, sequenceStride: 3, samplingRate: 2, startIndex: 1 };
    expect(await pipeline.predict(timeseriesDatasetFromArray(series, null, options))).toEqual(
      await plain.predict(timeseriesDatasetFromArray(scale.call(series), null, options)),
    );
  });

  test('several inputs of a graph, each with its own preparation, in workers too', async () => {
    startOn(backend);
    const words = vectorization({ outputSequenceLength: 4 });
    const scale = new Normalization({ mean: [2, 3], variance: [4, 1] });
    const text = Input({ shape: [], dtype: 'string', name: 'text' });
    const numbers = Input({ shape: [2], name: 'numbers' });
    const state = new LSTM(3).apply(new Embedding(words.vocabularySize, 2).apply(words.apply(text)));
    const joined = new Concatenate().apply([state, scale.apply(numbers)]);
    const model = compiled(new Model({ inputs: [text, numbers], outputs: new Dense(1, { activation: 'sigmoid' }).apply(joined) }));
    const x = { text: TEXTS, numbers: tensor([4, 2], new RandomArrays(5)) };
    await model.fit(x, LABELS, { batchSize: 2, workers: 1, verbose: 0 });
    const loaded = await loadModel(await modelToBytes(model));
    expect(await loaded.predict(x)).toEqual(await model.predict(x, { workers: 1 }));
    expect(model.layers.map(({ className }) => className)).toContain('Normalization');
  });
});

describe('what a pipeline holds', () => {
  test('a split of one’s own is saved under its registered name', async () => {
    const split = (text: string) => text.split('-');
    const made = new TextVectorization({ split });
    made.adapt(['a-b', 'b']);
    const model = new Sequential([made, new Embedding(4, 2), new LSTM(1)]);
    const answer = await model.predict(['b-a']);
    await expect(modelToBytes(model)).rejects.toThrow(/split is a function, which has no registered name.*registerClass/);
    registerClass(split, { package: 'test', name: 'splitAtDashes' });
    expect(await (await loadModel(await modelToBytes(model))).predict(['b-a'])).toEqual(answer);
    const wrong = new TextVectorization({ split: (() => 5) as never });
    expect(() => wrong.adapt(['a'])).toThrow(/split must give an array of strings, got 5 for texts\[0\]/);
  });

  test('Normalization turns answers back', () => {
    const scale = new Normalization();
    const x = tensor([5, 2], new RandomArrays(1), 10, 20);
    scale.adapt(x);
    const back = new Normalization({ mean: scale.mean, variance: scale.variance, invert: true });
    const { data } = back.call(scale.call(x));
    for (const [index, value] of [...data].entries()) expect(value).toBeCloseTo(x.data[index], 9);
  });

  test('IntegerLookup turns ids back into numbers', () => {
    const shops = new IntegerLookup({ vocabulary: [400, 7], maskToken: 0, numOovIndices: 2 });
    expect(shops.getVocabulary()).toEqual([0, -1, -1, 400, 7]);
    expect(
      shops.tokens([
        [4, 3],
        [2, 0],
      ]),
    ).toEqual({ shape: [2, 2], data: Float64Array.of(7, 400, -1, 0) });
    expect(() => shops.tokens([5])).toThrow(/id 5 at place 0 is not in the vocabulary: expected 0 to 4/);
  });

  test('StringLookup turns ids back into tokens', () => {
    const tags = new StringLookup({ vocabulary: ['noun', 'verb'] });
    expect(
      tags.tokens([
        [2, 1],
        [0, 1],
      ]),
    ).toEqual([
      ['verb', 'noun'],
      ['[UNK]', 'noun'],
    ]);
    expect(tags.tokens(Int32Array.of(1))).toEqual(['noun']);
    expect(() => tags.tokens([3])).toThrow(/id 3 at place 0 is not in the vocabulary: expected 0 to 2/);
  });

  test.each<[string, () => unknown, new (...args: never[]) => Error, RegExp]>([
    [
      'a preprocessing layer after another layer',
      () => new Sequential([new Dense(1), new Normalization()]),
      ArgumentError,
      /Normalization prepares data, so it must come before layer dense/,
    ],
    [
      'texts after numbers',
      () => new Sequential([new Normalization(), new TextVectorization()]),
      ArgumentError,
      /TextVectorization prepares data.*must come before layer normalization/,
    ],
    [
      'an output of a layer',
      () => new Normalization().apply(new Dense(1).apply(Input({ shape: [2] }))),
      ArgumentError,
      /stands only between an Input and the first computing layer/,
    ],
    [
      'texts without an input of texts',
      () => new TextVectorization().apply(Input({ shape: [] })),
      ArgumentError,
      /takes texts, an Input of dtype 'string', but .* has dtype 'float32'/,
    ],
    [
      'numbers from an input of texts',
      () => new Normalization().apply(Input({ shape: [1], dtype: 'string' })),
      ArgumentError,
      /takes numbers, but/,
    ],
    [
      'texts for a computing layer',
      () => {
        const input = Input({ shape: [2], dtype: 'string' });
        return new Model({ inputs: input, outputs: new Dense(1).apply(input) });
      },
      ArgumentError,
      /has dtype 'string', so a preprocessing layer such as TextVectorization must follow/,
    ],
    [
      'an input that is prepared twice',
      () => {
        const input = Input({ shape: [2] });
        const scale = (mean: number) => new Normalization({ mean, variance: 1 }).apply(input);
        return new Model({ inputs: input, outputs: new Concatenate().apply([scale(1), scale(2)]) });
      },
      ArgumentError,
      /is prepared in two ways: make an Input for each/,
    ],
    [
      'a pipeline inside of a model',
      () =>
        new Sequential([new Sequential([new Normalization({ mean: 0, variance: 1 }), new Dense(1, { inputShape: [2] })])]).build([null, 2]),
      ArgumentError,
      /cannot be a layer of another model/,
    ],
    [
      'no room for tokens',
      () => new StringLookup({ numOovIndices: 3, maxTokens: 3 }),
      ArgumentError,
      /maxTokens must be above 3, the special tokens, got/,
    ],
    [
      'so many ids of unknown tokens that a vocabulary would not fit into memory',
      () => new StringLookup({ numOovIndices: 1_000_000_000 }),
      ArgumentError,
      /StringLookup: numOovIndices must be at most 1000000, got 1000000000/,
    ],
    ['a salt that is none', () => new StringLookup({ numOovIndices: 2, salt: 0.5 }), ArgumentError, /salt must be an integer, two of them/],
    ['a salt of three', () => new Hashing(5, { salt: [1, 2, 3] as never }), ArgumentError, /salt must be an integer, two of them/],
    [
      'a token that repeats the name of unknown ones',
      () => new StringLookup({ vocabulary: ['a', '[UNK]'] }),
      ArgumentError,
      /repeated or reserved token '\[UNK\]'/,
    ],
    [
      'a mask token that is none',
      () => new IntegerLookup({ maskToken: 'a' as never }),
      ArgumentError,
      /IntegerLookup: maskToken must be an integer, got 'a'/,
    ],
    [
      'a salt for remainders',
      () => new IntegerLookup({ salt: 5, oovMethod: 'floormod' }),
      ArgumentError,
      /oovMethod with salt must be one of 'farmhash'/,
    ],
    [
      'a vocabulary of texts',
      () => new IntegerLookup({ vocabulary: ['a'] as never }),
      ArgumentError,
      /vocabulary must hold integers, got 'a' for id 1/,
    ],
    [
      'a number that is not whole',
      () => new IntegerLookup({ vocabulary: [1] }).call([[1], [0.5]]),
      DataError,
      /IntegerLookup: value 1 of data is 0\.5, expected an integer/,
    ],
    [
      'an unknown number',
      () => new IntegerLookup({ vocabulary: [1], numOovIndices: 0 }).call([[1], [7]]),
      DataError,
      /data\[1\]\[0\] is 7, which is not in the vocabulary/,
    ],
    [
      'a number that is hashed and not whole',
      () => new Hashing(5).call([[1, Number.NaN]]),
      DataError,
      /Hashing: value 1 of values is NaN, expected a text or an integer/,
    ],
    [
      'a mask value that is none',
      () => new Hashing(5, { maskValue: true as never }),
      ArgumentError,
      /maskValue must be a string, an integer or null/,
    ],
    [
      'an id that is too large',
      () => new CategoryEncoding(3).call([[0, 3]]),
      DataError,
      /value 1 of ids is 3, expected an integer from 0 to 2/,
    ],
    [
      'weights without counts',
      () => new CategoryEncoding(3).call([[0]], [[1]]),
      ArgumentError,
      /countWeights are for outputMode 'count', which is 'multiHot'/,
    ],
    [
      'weights of another shape',
      () => new CategoryEncoding(3, { outputMode: 'count' }).call([[0, 1]], [[1]]),
      ShapeError,
      /must have the shape of ids, \[1, 2\], got \[1, 1\]/,
    ],
    ['neither boundaries nor bins', () => new Discretization({}), ArgumentError, /needs binBoundaries, or numBins for adapt, and not both/],
    ['boundaries and bins', () => new Discretization({ binBoundaries: [1], numBins: 2 }), ArgumentError, /and not both/],
    ['falling boundaries', () => new Discretization({ binBoundaries: [2, 1] }), ArgumentError, /binBoundaries must be increasing numbers/],
    ['no boundaries yet', () => new Discretization({ numBins: 2 }).call([1]), StateError, /call adapt\(data\) first/],
    [
      'boundaries that were given',
      () => new Discretization({ binBoundaries: [1] }).adapt([1]),
      StateError,
      /needs numBins, and not binBoundaries/,
    ],
    ['a value in no bin', () => new Discretization({ binBoundaries: [1] }).call([1, Number.NaN]), DataError, /value 1 of data is NaN/],
    [
      'an unknown token without an id',
      () => new StringLookup({ vocabulary: ['a'], numOovIndices: 0 }).call([['a', 'b']]),
      DataError,
      /texts\[0\]\[1\] is 'b', which is not in the vocabulary/,
    ],
    [
      'ragged texts',
      () => new StringLookup({ vocabulary: ['a'] }).call([['a'], ['a', 'a']]),
      DataError,
      /texts\[1\] must be an array of 1 strings/,
    ],
    ['no vocabulary', () => new StringLookup().call(['a']), StateError, /call adapt/],
    ['no mean', () => new Normalization().call([[1]]), StateError, /call adapt/],
    ['a mean without a variance', () => new Normalization({ mean: 1 }), ArgumentError, /must be given together/],
    [
      'another number of features',
      () => new Normalization({ mean: [1, 2], variance: [1, 1] }).call([[1, 2, 3]]),
      Error,
      /has 2 means and variances, but data of shape \[1, 3\] has 3 places/,
    ],
    [
      'tfIdf without weights',
      () => new TextVectorization({ vocabulary: ['a'], outputMode: 'tfIdf' }).call(['a']),
      StateError,
      /needs idfWeights/,
    ],
    [
      'a length of counts',
      () => new TextVectorization({ outputMode: 'count', outputSequenceLength: 4 }),
      ArgumentError,
      /outputSequenceLength is for outputMode 'int'/,
    ],
  ])('%s is refused', (_label, make, type, message) => {
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });

  test('wrong data is named', async () => {
    const model = new Sequential([vectorization(), new Embedding(20, 2), new Flatten()]);
    await expect(model.predict(['a', 5 as never])).rejects.toThrow('TextVectorization: x[1] must be a string, got 5');
    const numbers = new Sequential([new Normalization({ mean: 0, variance: 1 }), new Dense(1)]);
    await expect(numbers.predict([[1, Number.NaN]])).rejects.toThrow('x[0][1] is NaN');
    await numbers.predict([[1, 2]]);
    expect(() => numbers.stream()).toThrow(/Normalization/);
  });
});
