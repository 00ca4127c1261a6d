import { beforeEach, describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import {
  Bidirectional,
  binaryCrossentropy,
  type CompileOptions,
  Dense,
  Dropout,
  Embedding,
  GRU,
  type Layer,
  LSTM,
  loadModel,
  modelToBytes,
  Reshape,
  Sequential,
  SimpleRNN,
  setWarningHandler,
  sparseCategoricalCrossentropy,
} from '../../ts/index.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';

beforeEach(async () => startOn(await loadBackend('wasm', { build: 'simd128' })));

const x = [
  [1, 2],
  [3, 4],
];
const yes = [0, 1];

/** How a model comes to be compiled and built, in either order, or by its data. */
type Way = [name: string, settle: (model: Sequential, options: CompileOptions) => unknown];

const WAYS: Way[] = [
  [
    'compiled after it was built',
    (model, options) => {
      model.build([null, 2]);
      model.compile(options);
    },
  ],
  [
    'built by fit',
    async (model, options) => {
      model.compile(options);
      await model.fit(x, targetsFor(options), { verbose: 0 });
    },
  ],
  [
    'built by trainOnBatch',
    async (model, options) => {
      model.compile(options);
      await model.trainOnBatch(x, targetsFor(options));
    },
  ],
  [
    'built by evaluate',
    async (model, options) => {
      model.compile(options);
      await model.evaluate(x, targetsFor(options));
    },
  ],
];

const THREE = [
  [1, 0, 0],
  [0, 1, 0],
];

function targetsFor({ loss }: CompileOptions) {
  return loss === 'categoricalCrossentropy' ? THREE : yes;
}

const dense = (units: number, activation?: 'linear' | 'relu' | 'tanh' | 'sigmoid' | 'softmax') => new Dense(units, { activation });

type Case = [what: string, layers: () => Layer[], loss: CompileOptions['loss'], message: RegExp];

const WRONG: Case[] = [
  ['a softmax over one value', () => [dense(1, 'softmax')], 'binaryCrossentropy', /^layer dense \(Dense\) has a softmax over one value/],
  ['the same with MSE', () => [dense(3), dense(1, 'softmax')], 'mse', /^layer dense_1 \(Dense\) .* use activation 'sigmoid' and loss/],
  ['the same in a hidden layer', () => [dense(1, 'softmax'), dense(1)], 'mse', /^layer dense \(Dense\) has a softmax over one value/],
  ['binary cross-entropy of any number', () => [dense(1)], 'binaryCrossentropy', /^loss 'binaryCrossentropy' .* layer dense .* 'linear'/],
  ['binary cross-entropy of a relu', () => [dense(1, 'relu')], 'binaryCrossentropy', /'relu'.*activation 'sigmoid'.*fromLogits: true/],
  ['binary cross-entropy of a tanh', () => [dense(1, 'tanh')], 'binaryCrossentropy', /'tanh'/],
  ['the same made by its function', () => [dense(1)], binaryCrossentropy(), /'linear'/],
  ['the same before a dropout', () => [dense(1), new Dropout(0.5)], 'binaryCrossentropy', /layer dense \(Dense\) has activation 'linear'/],
  ['categorical cross-entropy of any numbers', () => [dense(3)], 'categoricalCrossentropy', /activation 'softmax'.*fromLogits: true/],
  ['sparse cross-entropy of relus', () => [dense(3, 'relu')], 'sparseCategoricalCrossentropy', /'relu'.*activation 'softmax'/],
  [
    'a sigmoid taken for scores',
    () => [dense(1, 'sigmoid')],
    binaryCrossentropy({ fromLogits: true }),
    /takes scores, but layer dense \(Dense\) already applies activation 'sigmoid'/,
  ],
  ['a softmax taken for scores', () => [dense(3, 'softmax')], sparseCategoricalCrossentropy({ fromLogits: true }), /already .* 'softmax'/],
  ['a relu taken for scores', () => [dense(1, 'relu')], binaryCrossentropy({ fromLogits: true }), /below one half/],
];

const RIGHT: [what: string, layers: () => Layer[], loss: CompileOptions['loss']][] = [
  ['binary cross-entropy of a sigmoid', () => [dense(1, 'sigmoid')], 'binaryCrossentropy'],
  ['the same before a dropout', () => [dense(1, 'sigmoid'), new Dropout(0.5)], 'binaryCrossentropy'],
  ['binary cross-entropy of scores', () => [dense(1)], binaryCrossentropy({ fromLogits: true })],
  ['categorical cross-entropy of a softmax', () => [dense(3, 'softmax')], 'categoricalCrossentropy'],
  ['sparse cross-entropy of sigmoids', () => [dense(3, 'sigmoid')], 'sparseCategoricalCrossentropy'],
  ['sparse cross-entropy of scores', () => [dense(3)], sparseCategoricalCrossentropy({ fromLogits: true })],
  ['MSE of any number', () => [dense(1)], 'mse'],
  ['MSE of a relu', () => [dense(1, 'relu')], 'mse'],
  ['MAE of a tanh', () => [dense(1, 'tanh')], 'mae'],
];

describe.each(WAYS)('a model %s', (_way, settle) => {
  test.each(WRONG)('is warned of once: %s', async (_what, layers, loss, message) => {
    const warnings = givenWarnings();
    const model = new Sequential(layers());
    await settle(model, { loss, optimizer: 'sgd' });
    await model.fit(x, targetsFor({ loss }), { epochs: 2, verbose: 0 });
    model.compile({ loss, optimizer: 'sgd' });
    await model.evaluate(x, targetsFor({ loss }));
    expect(warnings.map((warning) => warning.message)).toEqual([expect.stringMatching(message)]);
    const code = /softmax over one/.test(warnings[0]?.message as string) ? 'CONSTANT_OUTPUT' : 'LOSS_AND_ACTIVATION';
    expect(warnings[0]?.code).toBe(code);
  });

  test.each(RIGHT)('is not warned of: %s', async (_what, layers, loss) => {
    const warnings = givenWarnings();
    const model = new Sequential(layers());
    await settle(model, { loss, optimizer: 'sgd' });
    await model.evaluate(x, targetsFor({ loss }));
    expect(warnings).toEqual([]);
  });
});

describe('warnings of training that cannot work', () => {
  test.each<[string, () => Layer]>([
    ['LSTM', () => new LSTM(1)],
    ['GRU', () => new GRU(1)],
    ['SimpleRNN', () => new SimpleRNN(1, { activation: 'relu' })],
  ])('name a last layer that is a %s', async (name, layer) => {
    const warnings = givenWarnings();
    const model = new Sequential([new Embedding(5, 2), layer()]);
    model.compile({ loss: 'binaryCrossentropy' });
    await model.evaluate([[1, 2]], [[1]]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toContain(`(${name}) has activation`);
  });

  test('name the fault that another loss brings, and each model', async () => {
    const warnings = givenWarnings();
    for (let count = 0; count < 2; count++) {
      const model = new Sequential([new Dense(2, { inputShape: [2] })]);
      for (const loss of ['binaryCrossentropy', 'categoricalCrossentropy', 'binaryCrossentropy'] as const) {
        model.compile({ loss });
        await model.evaluate([[0, 1]], [[0, 1]]);
      }
    }
    const losses = warnings.map(({ message }) => /^loss '(\w+)'/.exec(message)?.[1]);
    expect(losses).toEqual(['binaryCrossentropy', 'categoricalCrossentropy', 'binaryCrossentropy', 'categoricalCrossentropy']);
  });

  test('come again for a model that was loaded, when it trains', async () => {
    const warnings = givenWarnings();
    const model = new Sequential([new Dense(1, { inputShape: [2] })]);
    model.compile({ loss: 'binaryCrossentropy' });
    await model.evaluate(x, yes);
    const again = await loadModel(await modelToBytes(model));
    expect(warnings).toHaveLength(1);
    await again.fit(x, yes, { verbose: 0 });
    expect(warnings).toHaveLength(2);
  });

  test.each([0, 1, 2])('come from this thread, once, with %i workers', async (workers) => {
    const warnings = givenWarnings();
    const model = new Sequential([new Dense(1)]);
    model.compile({ loss: 'binaryCrossentropy', optimizer: 'sgd' });
    await model.fit(x, yes, { epochs: 2, verbose: 0, workers });
    expect(warnings.map(({ code }) => code)).toEqual(['LOSS_AND_ACTIVATION']);
  });

  test('do not come for data that is refused', async () => {
    const warnings = givenWarnings();
    const model = new Sequential([new Dense(1)]);
    model.compile({ loss: 'binaryCrossentropy' });
    await expect(model.fit(x, [0, 2], { verbose: 0 })).rejects.toMatchObject({ code: 'DATA' });
    expect(warnings).toEqual([]);
  });

  test('a handler that throws ends fit before its first step, each time', async () => {
    const model = new Sequential([new Dense(1)]);
    const options = { loss: 'binaryCrossentropy' } as const;
    setWarningHandler((message) => {
      throw new RangeError(message);
    });
    try {
      model.compile(options);
      for (let time = 0; time < 2; time++) await expect(model.fit(x, yes, { verbose: 0 })).rejects.toBeInstanceOf(RangeError);
      expect(model.iterations).toBe(0);
    } finally {
      setWarningHandler(null);
    }
  });
});

test.each(['trainStep', 'train_step'])('a method %s, which fit does not call, is warned of once', async (method) => {
  class Stepped extends Sequential {}
  Object.defineProperty(Stepped.prototype, method, { value: () => ({ loss: 0 }) });
  const warnings = givenWarnings();
  const model = new Stepped([new Dense(1)]);
  model.compile({ loss: 'mse' });
  for (let time = 0; time < 2; time++) await model.fit([[1], [2]], [1, 2], { verbose: 0 });
  expect(warnings).toEqual([
    {
      code: 'UNCALLED_STEP',
      message: expect.stringMatching(new RegExp(`has a method ${method}, which fit does not call, .*forward, backward and applyGradients`)),
    },
  ]);
});

describe('training without trainable weights', () => {
  const frozen = () => new Sequential([new Dense(2, { trainable: false }), new Dropout(0.1)]);

  test.each<[string, (model: Sequential) => Promise<unknown>]>([
    ['fit', (model) => model.fit(x, x, { verbose: 0 })],
    ['trainOnBatch', (model) => model.trainOnBatch(x, x)],
  ])('is warned of once, by %s', async (_name, train) => {
    const warnings = givenWarnings();
    const model = frozen();
    model.compile({ loss: 'mse' });
    await train(model);
    const before = flatWeights(model);
    await train(model);
    expect(flatWeights(model)).toEqual(before);
    expect(warnings).toEqual([{ code: 'NOTHING_TRAINED', message: expect.stringMatching(/^model sequential has no trainable weights/) }]);
  });

  test('is not warned of when the model is only evaluated, nor when one layer trains', async () => {
    const warnings = givenWarnings();
    const model = frozen();
    model.compile({ loss: 'mse' });
    await model.evaluate(x, x);
    model.add(new Dense(1));
    await model.fit(x, yes, { verbose: 0 });
    expect(warnings).toEqual([]);
  });
});

describe('data from which nothing can be learned', () => {
  const far = [512.5, -300];

  const OUT: [string, () => Layer[], CompileOptions['loss'], number[], RegExp][] = [
    [
      'tanh',
      () => [dense(1, 'tanh')],
      'mse',
      far,
      /^2 of 2 targets, such as 512\.5, are outside of -1 to 1, the outputs of layer dense \(Dense\)/,
    ],
    ['sigmoid', () => [dense(1, 'sigmoid')], 'mae', [-1, -1], /outside of 0 to 1, .* 'sigmoid', .* Scale the targets, or end the model/],
    ['relu', () => [dense(1, 'relu')], 'mse', [-1, -2], /outside of 0 to Infinity/],
    ['tanh before a dropout', () => [dense(1, 'tanh'), new Dropout(0.1)], 'mse', far, /layer dense \(Dense\)/],
  ];

  test.each(OUT)('targets that %s never gives are warned of once, by fit and by trainOnBatch', async (_name, layers, loss, y, message) => {
    for (const train of [
      (model: Sequential) => model.fit(x, y, { verbose: 0 }),
      (model: Sequential) => model.trainOnBatch(x, y),
      (model: Sequential) => model.fit(x, y, { verbose: 0, workers: 1 }),
    ]) {
      const warnings = givenWarnings();
      const model = new Sequential(layers());
      model.compile({ loss, optimizer: 'sgd' });
      for (let time = 0; time < 2; time++) {
        await train(model);
        expect(warnings).toEqual([{ code: 'TARGETS_OUT_OF_RANGE', message: expect.stringMatching(message) }]);
      }
    }
  });

  test('the last value of an LSTM is limited, too', async () => {
    const warnings = givenWarnings();
    const series = [
      [[1], [2]],
      [[3], [4]],
    ];
    for (const layer of [new LSTM(1), new LSTM(1, { recurrentActivation: 'relu' }), new LSTM(1, { activation: 'linear' })]) {
      const model = new Sequential([layer]);
      model.compile({ loss: 'mse', optimizer: 'sgd' });
      await model.fit(series, [10, 20], { verbose: 0 });
    }
    expect(warnings.map(({ code }) => code)).toEqual(['TARGETS_OUT_OF_RANGE']);
  });

  test.each<[string, () => Layer[], CompileOptions['loss'], number[]]>([
    ['half of them, as the labels -1 and 1', () => [dense(1, 'sigmoid')], 'mse', [-1, 1]],
    ['those at its ends', () => [dense(1, 'tanh')], 'mse', [-1, 1]],
    ['any, with a linear output', () => [dense(1)], 'mse', far],
    ['those of a relu', () => [dense(1, 'relu')], 'mse', [5, 1000]],
    ['the classes of a sparse loss', () => [dense(3, 'softmax')], 'sparseCategoricalCrossentropy', [2, 2]],
  ])('targets are not warned of: %s', async (_name, layers, loss, y) => {
    const warnings = givenWarnings();
    const model = new Sequential(layers());
    model.compile({ loss, optimizer: 'sgd' });
    await model.fit(x, y, { verbose: 0 });
    expect(warnings).toEqual([]);
  });

  test.each<[string, object]>([
    ['sampleWeight', { sampleWeight: [0, 0] }],
    ['classWeight', { classWeight: { 0: 0, 1: 0 } }],
  ])('weights that are all 0 are warned of once: %s', async (_name, weights) => {
    const warnings = givenWarnings();
    const model = new Sequential([dense(1, 'sigmoid')]);
    model.compile({ loss: 'binaryCrossentropy', optimizer: 'sgd' });
    for (let time = 0; time < 2; time++) await model.fit(x, yes, { ...weights, verbose: 0 });
    expect(warnings).toEqual([{ code: 'NOTHING_TRAINED', message: expect.stringMatching(/^every sample weighs 0/) }]);
    const other = new Sequential([dense(1, 'sigmoid')]);
    other.compile({ loss: 'binaryCrossentropy', optimizer: 'sgd' });
    await other.fit(x, yes, { sampleWeight: [0, 1], verbose: 0 });
    expect(warnings).toHaveLength(1);
  });
});

describe('trainable, changed after compile', () => {
  const model = () => new Sequential([new Dense(2, { name: 'first' }), new Dense(1, { name: 'last' })]);
  const TRAIN: [string, (trained: Sequential) => Promise<unknown>][] = [
    ['fit', (trained) => trained.fit(x, yes, { verbose: 0 })],
    ['trainOnBatch', (trained) => trained.trainOnBatch(x, yes)],
  ];

  test.each(TRAIN)('%s warns once for each compile, and names the layer', async (_name, train) => {
    const warnings = givenWarnings();
    const trained = model();
    const first = trained.layers[0] as Layer;
    trained.compile({ loss: 'mse', optimizer: 'sgd' });
    await train(trained);
    expect(warnings).toEqual([]);
    first.trainable = false;
    for (let time = 0; time < 2; time++) await train(trained);
    const still = /^layer first \(Dense\) is trained, although it is frozen now: a change of trainable counts from the next compile\.$/;
    expect(warnings).toEqual([{ code: 'TRAINABLE_CHANGED', message: expect.stringMatching(still) }]);
    trained.compile({ loss: 'mse', optimizer: 'sgd' });
    await train(trained);
    expect(warnings).toHaveLength(1);
    first.trainable = true;
    await train(trained);
    expect(warnings[1]?.message).toMatch(/^layer first \(Dense\) is not trained, although it is trainable now/);
  });

  test.each(TRAIN)('%s names a layer inside another', async (_name, train) => {
    const warnings = givenWarnings();
    const trained = new Sequential([new Reshape([1, 2]), new Bidirectional(new GRU(1)), new Dense(1)]);
    trained.compile({ loss: 'mse', optimizer: 'sgd' });
    await train(trained);
    const [inside] = trained.getLayer('bidirectional').sublayers as [Layer];
    inside.trainable = false;
    await train(trained);
    const still = new RegExp(`^layer ${inside.name} .GRU. is trained, although it is frozen now`);
    expect(warnings).toEqual([{ code: 'TRAINABLE_CHANGED', message: expect.stringMatching(still) }]);
  });

  test('evaluate does not warn', async () => {
    const warnings = givenWarnings();
    const trained = model();
    trained.compile({ loss: 'mse', optimizer: 'sgd' });
    (trained.layers[0] as Layer).trainable = false;
    await trained.evaluate(x, yes);
    expect(warnings).toEqual([]);
  });
});

describe('options with which fit does not do what they say', () => {
  test.each<[string, object, string, RegExp]>([
    [
      'initialEpoch of epochs',
      { initialEpoch: 3, epochs: 3 },
      'NOTHING_TRAINED',
      /^fit: initialEpoch 3 is not below epochs 3, so no epoch is trained/,
    ],
    [
      'validationFreq alone',
      { validationFreq: 2 },
      'NO_VALIDATION',
      /^fit: validationFreq has no effect without validationData or validationSplit/,
    ],
  ])('are warned of once: %s', async (_name, options, code, message) => {
    const warnings = givenWarnings();
    const model = new Sequential([new Dense(1)]);
    model.compile({ loss: 'mse', optimizer: 'sgd' });
    for (let time = 0; time < 2; time++) await model.fit(x, yes, { verbose: 0, ...options });
    expect(warnings).toEqual([{ code, message: expect.stringMatching(message) }]);
  });

  test.each<[string, object]>([
    ['initialEpoch below epochs', { initialEpoch: 2, epochs: 3 }],
    ['validationFreq with data', { validationFreq: 2, validationData: [x, yes] }],
    ['validationFreq with a split', { validationFreq: 2, validationSplit: 0.5 }],
  ])('others are not: %s', async (_name, options) => {
    const warnings = givenWarnings();
    const model = new Sequential([new Dense(1)]);
    model.compile({ loss: 'mse', optimizer: 'sgd' });
    await model.fit(x, yes, { verbose: 0, ...options });
    expect(warnings).toEqual([]);
  });
});
