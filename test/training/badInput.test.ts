import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  BacktimeError,
  DataError,
  Dense,
  Embedding,
  type FitOptions,
  type LossName,
  LSTM,
  readCSV,
  Sequential,
  ShapeError,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, samples } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { caught, type ErrorClass, expectError, expectRefused } from '../support/refusals.ts';
import { regression, regressionModel } from '../support/regression.ts';

const COUNT = 6;
const { x, y } = regression(COUNT);
const VOCABULARY = 10;
const texts = samples({ steps: 4, ids: VOCABULARY }, COUNT, new RandomArrays(1));
const yes = { shape: [COUNT, 1], data: Float32Array.of(0, 1, 1, 0, 1, 0) };

/** A tensor with one element replaced. */
function spoiled({ shape, data }: Tensor, index: number, value: number): Tensor {
  const values = Float64Array.from(data);
  values[index] = value;
  return { shape, data: values };
}

type BadData = [label: string, value: unknown, errorClass: ErrorClass, message: RegExp];

const endless: unknown[] = [];
endless.push(endless);

const BAD_FLOATS: BadData[] = [
  [
    'samples with other features',
    { shape: [6, 4], data: new Float32Array(24) },
    ShapeError,
    /^x has samples of shape \[4\], but layer dense \(Dense\) takes samples of shape \[3\] \(x has shape \[6, 4\]\)$/,
  ],
  [
    'samples without features',
    new Float32Array(6),
    ShapeError,
    /^x has samples of shape \[\], but layer dense .*: the first axis counts the samples, so wrap a single sample in an array, as in \[\[1, 2, 3\]\] \(x has shape \[6\]\)$/,
  ],
  [
    'samples with one axis too many',
    { shape: [6, 2, 3], data: new Float32Array(36) },
    ShapeError,
    /^x has samples of shape \[2, 3\], but layer dense/,
  ],
  [
    'a ragged array',
    [
      [1, 2, 3],
      [1, 2],
    ],
    ShapeError,
    /^x\[1\] has 2 elements where x\[0\] has 3: x is ragged/,
  ],
  ['a number among rows', [[1, 2, 3], 4], ShapeError, /^x\[1\] must be an array of 3 like its neighbours, got 4/],
  [
    'a row among numbers',
    [
      [1, 2, 3],
      [1, [2], 3],
    ],
    ShapeError,
    /^x\[1\]\[1\] is an array of 1 where a number was expected/,
  ],
  ['text', [[1, 2, '3']], ArgumentError, /^x\[0\]\[2\] must be a number, got '3'$/],
  ['a missing value', [[1, undefined, 3]], ArgumentError, /^x\[0\]\[1\] must be a number, got undefined$/],
  ['arrays that never end', endless, ShapeError, /^x is nested more than 32 arrays deep$/],
  ['null', null, ArgumentError, /^x must be a tensor, a typed array or nested arrays of numbers, got null$/],
  ['nothing', undefined, ArgumentError, /^x must be .* got undefined$/],
  ['a string', 'data', ArgumentError, /^x must be .* got 'data': begin the model with TextVectorization/],
  [
    '64-bit integers',
    new BigInt64Array(3),
    ArgumentError,
    /^x must be .* got a BigInt64Array of 3, which holds bigints: Float64Array\.from\(array, Number\) converts them$/,
  ],
  [
    'a tensor with too little data',
    { shape: [6, 3], data: new Float32Array(17) },
    ShapeError,
    /^x has shape \[6, 3\], which is 18 values, but data holds 17$/,
  ],
  ['a tensor whose data is a text', { shape: [1, 3], data: '123' }, ArgumentError, /^x\.data must be a typed array of numbers, got '123'$/],
  ['a tensor whose data has a text', { shape: [1, 3], data: [1, '2', 3] }, ArgumentError, /^x\.data\[1\] must be a number, got '2'$/],
  ['a tensor with a negative size', { shape: [-6, -3], data: new Float32Array(18) }, ShapeError, /^x\.shape must be an array of sizes/],
  ['no samples', [], DataError, /^x is empty: at least one sample is needed, got shape \[0\]$/],
  ['a tensor of no samples', { shape: [0, 3], data: new Float32Array(0) }, DataError, /^x is empty/],
  ['samples of nothing', [[], []], DataError, /^x has samples of shape \[0\], which have no values$/],
  ['NaN', spoiled(x, 7, Number.NaN), DataError, /^x\[2\]\[1\] is NaN: every value must be a finite float32/],
  ['Infinity', spoiled(x, 0, Number.POSITIVE_INFINITY), DataError, /^x\[0\]\[0\] is Infinity/],
  ['-Infinity', spoiled(x, 17, Number.NEGATIVE_INFINITY), DataError, /^x\[5\]\[2\] is -Infinity/],
  ['a number beyond float32', spoiled(x, 3, 1e39), DataError, /^x\[1\]\[0\] is 1e\+39/],
  ['NaN in a Float32Array', { shape: [1, 3], data: Float32Array.of(0, Number.NaN, 0) }, DataError, /^x\[0\]\[1\] is NaN/],
];

const BAD_IDS: BadData[] = [
  [
    'a negative id',
    spoiled(texts, 5, -1),
    DataError,
    /^x\[1\]\[1\] is -1, expected an id of layer embedding \(Embedding\): integers 0 to 9$/,
  ],
  ['an id as large as the vocabulary', spoiled(texts, 0, VOCABULARY), DataError, /^x\[0\]\[0\] is 10, expected an id/],
  ['a fraction', spoiled(texts, 23, 1.5), DataError, /^x\[5\]\[3\] is 1\.5, expected an id/],
  ['NaN', spoiled(texts, 4, Number.NaN), DataError, /^x\[1\]\[0\] is NaN, expected an id/],
  ['Infinity', spoiled(texts, 4, Number.POSITIVE_INFINITY), DataError, /^x\[1\]\[0\] is Infinity, expected an id/],
  ['an id beyond 32 bits', spoiled(texts, 4, 2 ** 32 + 1), DataError, /^x\[1\]\[0\] is 4294967297, expected an id/],
  ['a negative id in an Int32Array', { shape: [1, 2], data: Int32Array.of(3, -2) }, DataError, /^x\[0\]\[1\] is -2/],
  [
    'texts of different lengths',
    [[1, 2, 3], [1]],
    ShapeError,
    /^x\[1\] has 1 elements where x\[0\] has 3: x is ragged\. padSequences pads /,
  ],
  [
    'words',
    [['good', 'film']],
    ArgumentError,
    /^x\[0\]\[0\] must be a number, got 'good': begin the model with TextVectorization or StringLookup/,
  ],
  [
    'records',
    [{ a: 1, b: 2 }],
    ArgumentError,
    /^x\[0\] must be a number, got an object .*: make an array of each record, rows\.map\(\(\{ a, b \}\) => \[a, b\]\)$/,
  ],
  ['records of other names', [{ 'a b': 1 }], ArgumentError, /^x\[0\] must be a number, got an object with the key a b$/],
  [
    'vectors instead of ids',
    { shape: [6, 4, 2], data: new Float32Array(48) },
    ShapeError,
    /^x has samples of shape \[4, 2\], but layer embedding \(Embedding\) takes samples of shape \[\?\] \(x has shape \[6, 4, 2\]\)$/,
  ],
  ['one id a sample without an axis', Int32Array.of(1, 2, 3), ShapeError, /^x has samples of shape \[\], but layer embedding/],
  ['texts without a word', { shape: [6, 0], data: new Int32Array(0) }, DataError, /^x has samples of shape \[0\], which have no values$/],
];

describe.each(await availableBackends())('bad data on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  const reader = () => {
    const model = builtModel(
      [new Embedding(VOCABULARY, 3), new LSTM(2), new Dense(1, { activation: 'sigmoid' })],
      [4],
      new RandomArrays(2),
    );
    model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });
    return model;
  };

  test.each([
    ['built', [null, null, 1]],
    ['not built', null],
  ])('series without their last axis: the error says how they are given, to a model that is %s', async (_label, shape) => {
    const model = new Sequential([new LSTM(2)]);
    if (shape) model.build(shape);
    const series = { shape: [6, 10], data: new Float32Array(60) };
    expectError(
      await caught(() => model.predict(series)),
      ShapeError,
      /: a series of one feature is \[samples, steps, 1\].* \(x has shape \[6, 10\]\)$/,
    );
  });

  test('one sequence that is not wrapped: the error says what shape it is to have', async () => {
    const model = builtModel([new LSTM(2)], [4, 3], new RandomArrays(1));
    const sequence = { shape: [4, 3], data: new Float32Array(12) };
    expectError(
      await caught(() => model.predict(sequence)),
      ShapeError,
      /: the first axis counts the samples, so wrap a single sample in an array: shape \[1, \?, 3\] \(x has shape \[4, 3\]\)$/,
    );
    expectError(
      await caught(() => model.predict([1, 2, 3])),
      ShapeError,
      /: give the values of a flat array with their shape, \{ shape: \[samples, steps, 3\], data \} \(x has shape \[3\]\)$/,
    );
  });

  test('one sample that is not wrapped, given to a model that is not built', async () => {
    const error = await caught(() => new Sequential([new Dense(2)]).predict([1, 2, 3]));
    expectError(
      error,
      ShapeError,
      /got samples of shape \[\]: .* wrap a single sample in an array, as in \[\[1, 2, 3\]\] \(x has shape \[3\]\)$/,
    );
    const ids = await caught(() => new Sequential([new Embedding(4, 2), new LSTM(2)]).predict([1, 2, 3]));
    expectError(
      ids,
      ShapeError,
      /takes samples of ids \[steps\], got samples of shape \[\]: .* as in \[\[1, 2, 3\]\] \(x has shape \[3\]\)$/,
    );
    const flat = await caught(() => new Sequential([new LSTM(2)]).predict([1, 2, 3]));
    expectError(flat, ShapeError, /flat array with their shape, \{ shape: \[samples, steps, features\], data \} \(x has shape \[3\]\)$/);
  });

  test('a recurrent layer below another that gives only its last step', () => {
    const model = new Sequential([new LSTM(2), new LSTM(2)]);
    expect(() => model.build([null, null, 3])).toThrow(
      /^layer lstm_1 \(LSTM\) takes .* got samples of shape \[2\]: .* returnSequences: true$/,
    );
  });

  /** Every method that takes samples. */
  const takers = (model: Sequential, bad: never, targets: Tensor): [string, () => unknown][] => [
    ['fit', () => model.fit(bad, targets, { verbose: 0 })],
    ['evaluate', () => model.evaluate(bad, targets)],
    ['predict', () => model.predict(bad)],
    ['trainOnBatch', () => model.trainOnBatch(bad, targets)],
    ['testOnBatch', () => model.testOnBatch(bad, targets)],
    ['predictOnBatch', () => model.predictOnBatch(bad)],
  ];

  test.each(BAD_FLOATS)('samples: %s', async (_label, bad, errorClass, message) => {
    const model = regressionModel();
    for (const [, call] of takers(model, bad as never, y)) {
      await expectRefused(model, call, errorClass, message, () => model.trainOnBatch(x, y));
    }
  });

  test.each(BAD_IDS)('ids: %s', async (_label, bad, errorClass, message) => {
    const model = reader();
    for (const [, call] of takers(model, bad as never, yes)) {
      await expectRefused(model, call, errorClass, message, () => model.trainOnBatch(texts, yes));
    }
  });

  // A model that is not built takes any features.
  const badForAny = BAD_FLOATS.filter(([label]) => label !== 'samples with other features' && label !== 'samples with one axis too many');

  test.each(badForAny)('samples for a model that is not built yet: %s; it can be built for good ones', async (_label, bad, errorClass) => {
    const model = new Sequential([new Dense(1)]);
    model.compile({ loss: 'mse' });
    expect(await caught(() => model.fit(bad as never, y, { verbose: 0 }))).toBeInstanceOf(errorClass);
    await model.fit(x, y, { verbose: 0 });
    expect((await model.predict(x)).shape).toEqual([COUNT, 1]);
  });

  const BAD_TARGETS: BadData[] = [
    [
      'another number of samples',
      new Float32Array(5),
      ShapeError,
      /^y has shape \[5\], but 6 samples with outputs of shape \[1\] and loss 'meanSquaredError' take targets of shape \[6, 1\] or \[6\]$/,
    ],
    ['more outputs than the model has', { shape: [6, 2], data: new Float32Array(12) }, ShapeError, /^y has shape \[6, 2\], but 6 samples/],
    ['a ragged array', [[1], [1, 2], [1], [1], [1], [1]], ShapeError, /^y\[1\] has 2 elements where y\[0\] has 1: y is ragged/],
    ['NaN', spoiled(y, 4, Number.NaN), DataError, /^y\[4\]\[0\] is NaN/],
    ['Infinity', spoiled(y, 1, Number.POSITIVE_INFINITY), DataError, /^y\[1\]\[0\] is Infinity/],
    ['nothing', undefined, ArgumentError, /^y must be a tensor/],
  ];

  test.each(BAD_TARGETS)('targets: %s', async (_label, bad, errorClass, message) => {
    const model = regressionModel();
    const calls = [
      () => model.fit(x, bad as never, { verbose: 0 }),
      () => model.evaluate(x, bad as never),
      () => model.trainOnBatch(x, bad as never),
      () => model.testOnBatch(x, bad as never),
    ];
    for (const call of calls) await expectRefused(model, call, errorClass, message, () => model.trainOnBatch(x, y));
  });

  const oneHot = { shape: [COUNT, 3], data: Float32Array.from({ length: 18 }, (_, index) => (index % 3 === 0 ? 1 : 0)) };
  const indices = { shape: [COUNT], data: Int32Array.of(0, 1, 2, 0, 1, 2) };
  const BAD_LABELS: [LossName, number, Tensor, Tensor, ErrorClass, RegExp][] = [
    [
      'binaryCrossentropy',
      1,
      yes,
      spoiled(yes, 2, 2),
      DataError,
      /^y\[2\]\[0\] is 2, but loss 'binaryCrossentropy' takes targets between 0 and 1$/,
    ],
    ['binaryCrossentropy', 1, yes, spoiled(yes, 0, -1), DataError, /^y\[0\]\[0\] is -1/],
    ['binaryCrossentropy', 1, yes, spoiled(yes, 0, Number.NaN), DataError, /^y\[0\]\[0\] is NaN/],
    ['categoricalCrossentropy', 3, oneHot, spoiled(oneHot, 4, 1.5), DataError, /^y\[1\]\[1\] is 1\.5, but loss 'categoricalCrossentropy'/],
    [
      'categoricalCrossentropy',
      3,
      oneHot,
      indices,
      ShapeError,
      /^y has shape \[6\], but .* take targets of shape \[6, 3\]: for indices of classes use 'sparseCategoricalCrossentropy'$/,
    ],
    [
      'sparseCategoricalCrossentropy',
      3,
      indices,
      spoiled(indices, 5, 3),
      DataError,
      /^y\[5\] is 3, expected a class of the output: integers 0 to 2$/,
    ],
    ['sparseCategoricalCrossentropy', 3, indices, spoiled(indices, 0, -1), DataError, /^y\[0\] is -1, expected a class/],
    ['sparseCategoricalCrossentropy', 3, indices, spoiled(indices, 1, 0.5), DataError, /^y\[1\] is 0\.5, expected a class/],
    ['sparseCategoricalCrossentropy', 3, indices, spoiled(indices, 1, Number.NaN), DataError, /^y\[1\] is NaN, expected a class/],
    [
      'sparseCategoricalCrossentropy',
      3,
      indices,
      oneHot,
      ShapeError,
      /^y has shape \[6, 3\], but .* take targets of shape \[6\] or \[6, 1\]: for one-hot targets use 'categoricalCrossentropy'$/,
    ],
  ];

  test.each(BAD_LABELS)('labels outside the range of %s (%i outputs)', async (loss, units, good, bad, errorClass, message) => {
    const model = builtModel([new Dense(units, { activation: units === 1 ? 'sigmoid' : 'softmax' })], [3], new RandomArrays(2));
    model.compile({ optimizer: 'sgd', loss });
    await expectRefused(
      model,
      () => model.fit(x, bad, { verbose: 0 }),
      errorClass,
      message,
      () => model.trainOnBatch(x, good),
    );
    await expectRefused(
      model,
      () => model.evaluate(x, bad),
      errorClass,
      message,
      () => model.trainOnBatch(x, good),
    );
  });

  const BAD_WEIGHTS: BadData[] = [
    ['another number of samples', [1, 1], ShapeError, /^sampleWeight must have shape \[6\], got \[2\]$/],
    [
      'weights of steps that are not there',
      { shape: [6, 2], data: new Float32Array(12) },
      ShapeError,
      /^sampleWeight must have shape \[6\], got \[6, 2\]$/,
    ],
    ['a negative weight', [1, 1, -1, 1, 1, 1], DataError, /^sampleWeight has the weight -1/],
    ['NaN', [1, 1, Number.NaN, 1, 1, 1], DataError, /^sampleWeight has the weight NaN/],
    ['Infinity', [1, 1, 1, 1, 1, Number.POSITIVE_INFINITY], DataError, /^sampleWeight has the weight Infinity/],
    ['a string', 'balanced', ArgumentError, /^sampleWeight must be a tensor/],
  ];

  test('labels that are texts: the error says what makes numbers of them', async () => {
    const model = regressionModel();
    for (const y of [
      ['cat', 'dog'],
      [['cat'], ['dog']],
    ])
      await expect(
        model.fit(
          [
            [1, 2, 3],
            [1, 2, 3],
          ],
          y as never,
          { verbose: 0 },
        ),
      ).rejects.toThrow(
        /^y\[0\](\[0\])? must be a number, got 'cat': make numbers of the classes: a table's classes\(name\)\.labels, or new StringLookup/,
      );
    const table = await readCSV(new TextEncoder().encode('a,b\n1,2\n3,4\n'));
    await expect(model.predict(table as never)).rejects.toThrow(/got an object \(Table\): a table gives numbers by matrix\(names\)/);
  });

  test.each(BAD_WEIGHTS)('sampleWeight: %s', async (_label, bad, errorClass, message) => {
    const model = regressionModel();
    const sampleWeight = bad as never;
    const calls = [
      () => model.fit(x, y, { sampleWeight, verbose: 0 }),
      () => model.evaluate(x, y, { sampleWeight }),
      () => model.trainOnBatch(x, y, sampleWeight),
      () => model.testOnBatch(x, y, sampleWeight),
    ];
    for (const call of calls) await expectRefused(model, call, errorClass, message, () => model.trainOnBatch(x, y));
  });

  const BAD_VALIDATION: BadData[] = [
    [
      'a number',
      5,
      ArgumentError,
      /^fit: validationData must be \[x, y\], \[x, y, sampleWeight\], a data set or an iterable of batches, got 5$/,
    ],
    ['samples alone', [x], ArgumentError, /^fit: validationData must be \[x, y\]/],
    ['four things', [x, y, null, null], ArgumentError, /^fit: validationData must be \[x, y\]/],
    [
      'samples of another shape',
      [{ shape: [2, 4], data: new Float32Array(8) }, [0, 0]],
      ShapeError,
      /^validationData\[0\] has samples of shape \[4\], but layer dense/,
    ],
    ['no samples', [[], []], DataError, /^validationData\[0\] is empty/],
    ['NaN in samples', [spoiled(x, 1, Number.NaN), y], DataError, /^validationData\[0\]\[0\]\[1\] is NaN/],
    ['NaN in targets', [x, spoiled(y, 1, Number.NaN)], DataError, /^validationData\[1\]\[1\]\[0\] is NaN/],
    ['targets of another shape', [x, [1, 2]], ShapeError, /^validationData\[1\] has shape \[2\]/],
    ['bad weights', [x, y, [1]], ShapeError, /^validationData\[2\] must have shape \[6\], got \[1\]$/],
    ['no targets', [x, undefined], ArgumentError, /^validationData\[1\] must be a tensor/],
  ];

  test.each(BAD_VALIDATION)('validationData: %s', async (_label, validationData, errorClass, message) => {
    const model = regressionModel();
    const options = { validationData, verbose: 0 } as FitOptions;
    await expectRefused(
      model,
      () => model.fit(x, y, options),
      errorClass,
      message,
      () => model.trainOnBatch(x, y),
    );
  });

  /** Whatever is wrong besides the samples. */
  const BAD_BESIDE_SAMPLES: [string, (model: Sequential) => unknown, ErrorClass][] = [
    ['fit: targets of another shape', (model) => model.fit(x, [1, 2], { verbose: 0 }), ShapeError],
    ['fit: NaN in targets', (model) => model.fit(x, spoiled(y, 0, Number.NaN), { verbose: 0 }), DataError],
    ['fit: weights', (model) => model.fit(x, y, { sampleWeight: [1], verbose: 0 }), ShapeError],
    ['fit: classes', (model) => model.fit(x, y, { classWeight: 5 as never, verbose: 0 }), ArgumentError],
    ['fit: validation samples', (model) => model.fit(x, y, { validationData: [[[1, 2]], [1]], verbose: 0 }), ShapeError],
    ['fit: validation targets', (model) => model.fit(x, y, { validationData: [x, [1]], verbose: 0 }), ShapeError],
    ['fit: a split that leaves nothing', (model) => model.fit(x, y, { validationSplit: 0.9, verbose: 0 }), ArgumentError],
    ['fit: workers', (model) => model.fit(x, y, { workers: -1, verbose: 0 }), ArgumentError],
    ['evaluate: targets', (model) => model.evaluate(x, [1, 2]), ShapeError],
    ['trainOnBatch: targets', (model) => model.trainOnBatch(x, [1, 2]), ShapeError],
    ['trainOnBatch: weights', (model) => model.trainOnBatch(x, y, [1]), ShapeError],
    ['testOnBatch: targets', (model) => model.testOnBatch(x, [1, 2]), ShapeError],
  ];

  test.each(BAD_BESIDE_SAMPLES)('a model that was not built is not built for refused data: %s', async (_label, call, errorClass) => {
    const built = new Dense(2);
    built.setName('built');
    built.declare([{ shape: [4], kind: 'floats' }]);
    const model = new Sequential([new Dense(4), built, new Dense(1)]);
    model.compile({ loss: 'mse' });
    expectError(await caught(() => call(model)), errorClass, /./);
    expect(model.built).toBe(false);
    expect(model.layers.map((layer) => layer.weights.length)).toEqual([0, 2, 0]);
    // Samples of another shape are as good as the first ones would have been.
    await model.trainOnBatch([[1, 2, 3, 4, 5]], [1]);
    expect(model.getWeights().map(({ shape }) => shape)).toEqual([[5, 4], [4], [4, 2], [2], [2, 1], [1]]);
  });

  test.each([
    ['a loss that compares classes', { loss: 'categoricalCrossentropy' }],
    ['a metric that compares classes', { loss: 'mse', metrics: ['categoricalCrossentropy'] }],
    ['a metric that takes other targets', { loss: 'mse', metrics: ['sparseCategoricalAccuracy'] }],
  ])('a model that was not built is not built for %s of an output that does not fit it', async (_label, options) => {
    const model = new Sequential([new Dense(1)]);
    model.compile(options as never);
    for (const call of [() => model.fit(x, y, { verbose: 0 }), () => model.evaluate(x, y), () => model.trainOnBatch(x, y)]) {
      expect(await caught(call)).toBeInstanceOf(BacktimeError);
      expect(model.built).toBe(false);
    }
  });
});
