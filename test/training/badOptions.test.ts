import { beforeEach, describe, expect, test } from 'vitest';
import {
  Adam,
  ArgumentError,
  binaryCrossentropy,
  Dense,
  Embedding,
  Input,
  LSTM,
  LSTMCell,
  Model,
  modelToBytes,
  OneHot,
  OutOfMemoryError,
  padSequences,
  RecurrentNetwork,
  RMSprop,
  Sequential,
  SGD,
  ShapeError,
  SimpleRNN,
  StateError,
  setBackend,
  setRandomSeed,
  TextVectorization,
  TimeDistributed,
  trainValidationSplit,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { samples } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { caught, type ErrorClass, expectError, expectRefused } from '../support/refusals.ts';
import { regression, regressionModel } from '../support/regression.ts';

const { x, y } = regression(6);

class MisspeltCallback {
  onBatchEnd() {}
}

class IdleCallback {
  readonly count = 3;
  wait() {}
}

type BadCall = [label: string, call: () => unknown, message: RegExp, errorClass?: ErrorClass];

describe('bad arguments of functions and constructors', () => {
  const unknown = { unknownOption: 1 } as never;
  const tensor = Input({ shape: [3] });
  const calls: BadCall[] = [
    ['Sequential: unknown option', () => new Sequential([], unknown), /^Sequential: unknown option 'unknownOption'; the options are name$/],
    [
      'Sequential: no array',
      () => new Sequential(new Dense(1) as never),
      /^Sequential takes an array of layers, got an object \(Dense\): put the layers into one array/,
    ],
    [
      'Sequential: layers side by side',
      () => new Sequential(new LSTM(3) as never, new Dense(1) as never),
      /: put the layers into one array, new Sequential\(\[first, second\]\)$/,
    ],
    [
      'Model: tensors side by side',
      () => new Model(tensor as never, tensor as never),
      /^Model takes one object, new Model\(\{ inputs, outputs \}\), got an object \(SymbolicTensor\) and an object \(SymbolicTensor\)$/,
    ],
    [
      'Model: arrays side by side',
      () => new Model([tensor] as never, [tensor] as never),
      /^Model takes one object, new Model\(\{ inputs, outputs \}\), got an array/,
    ],
    ['Model: a tensor alone', () => new Model(tensor as never), /^Model takes one object, new Model\(\{ inputs, outputs \}\), got/],
    [
      'inputShape: a batch axis',
      () => new Sequential([new LSTM(2, { inputShape: [null, 5, 2] })]),
      /^layer lstm \(LSTM\) takes sequences .*, got samples of shape \[\?, 5, 2\]: leave out the batch axis, inputShape: \[5,2\]$/,
      ShapeError,
    ],
    [
      'inputShape: a batch axis of ids',
      () => new Sequential([new Embedding(9, 2, { inputShape: [null, 5] })]),
      /got samples of shape \[\?, 5\]: leave out the batch axis, inputShape: \[5\]$/,
      ShapeError,
    ],
    [
      'inputShape: too many axes',
      () => new Sequential([new LSTM(2, { inputShape: [3, 5, 2] })]),
      /got samples of shape \[3, 5, 2\]$/,
      ShapeError,
    ],
    [
      'Sequential: no layer',
      () => new Sequential([new Dense(1), undefined as never]),
      /^Sequential: layers\[1\] must be a layer, got undefined$/,
    ],
    ['Sequential: a class', () => new Sequential([Dense as never]), /^Sequential: layers\[0\] must be a layer, got class Dense$/],
    [
      'Sequential: a cell',
      () => new Sequential([new LSTMCell(2) as never]),
      /^Sequential: layers\[0\] must be a layer, got an object \(LSTMCell\): RNN makes a layer of a cell$/,
    ],
    [
      'TimeDistributed: a cell',
      () => new TimeDistributed(new LSTMCell(2) as never),
      /^TimeDistributed takes a layer, got an object \(LSTMCell\): RNN makes a layer of a cell$/,
    ],
    ['Sequential: a name that is no string', () => new Sequential([], { name: 5 as never }), /^Sequential: name must be a string, got 5$/],
    ['SGD: unknown option', () => new SGD(unknown), /^SGD: unknown option 'unknownOption'; the options are learningRate, clipnorm,/],
    [
      'SGD: Keras spelling',
      () => new SGD({ learning_rate: 1 } as never),
      /^SGD: unknown option 'learning_rate' \(did you mean 'learningRate'\?\); the/,
    ],
    ['SGD: a number', () => new SGD(0.1 as never), /^SGD takes an object of options, new SGD\(\{ learningRate: 0\.1 \}\), got 0\.1$/],
    ['SGD: a text', () => new SGD('0.1' as never), /^SGD: options must be an object, got '0\.1'$/],
    [
      'Adam: a number',
      () => new Adam(0.01 as never),
      /^Adam takes an object of options, new Adam\(\{ learningRate: 0\.01 \}\), got 0\.01$/,
    ],
    [
      'LSTM: one object',
      () => new LSTM({ units: 4 } as never),
      /^LSTM: units must be .*, got an object .*: write new LSTM\(units, options\)$/,
    ],
    ['Dense: one object', () => new Dense({ units: 4 } as never), /: write new Dense\(units, options\)$/],
    ['OneHot: one object', () => new OneHot({ depth: 4 } as never), /: write new OneHot\(depth, options\)$/],
    [
      'Embedding: one object',
      () => new (Embedding as unknown as new (options: object) => Embedding)({ inputDim: 9, outputDim: 4 }),
      /^Embedding: inputDim must be .*: write new Embedding\(inputDim, outputDim, options\)$/,
    ],
    [
      'a regularizer: a factor',
      () => new Dense(1, { kernelRegularizer: { l2: 0.1 } as never }),
      /^Dense: kernelRegularizer is .*: write new L2\(0\.1\); it must be/,
    ],
    [
      'a regularizer: another factor',
      () => new Dense(1, { kernelRegularizer: { l1: 0.1 } as never }),
      /: write new L1\(0\.1\); it must be/,
    ],
    [
      'a regularizer: two factors',
      () => new Dense(1, { kernelRegularizer: { l1: 0.1, l2: 0.2 } as never }),
      /: write new L1L2\(\{ l1: 0\.1, l2: 0\.2 \}\); it must be/,
    ],
    ['SGD: negative learningRate', () => new SGD({ learningRate: -0.1 }), /^SGD: learningRate must be a number of at least 0, got -0\.1$/],
    ['SGD: learningRate NaN', () => new SGD({ learningRate: Number.NaN }), /^SGD: learningRate .* got NaN$/],
    ['SGD: momentum above 1', () => new SGD({ momentum: 1.01 }), /^SGD: momentum must be a number from 0 to 1, got 1\.01$/],
    ['SGD: momentum below 0', () => new SGD({ momentum: -0.1 }), /^SGD: momentum must be a number from 0 to 1, got -0\.1$/],
    ['RMSprop: momentum of NaN', () => new RMSprop({ momentum: Number.NaN }), /^RMSprop: momentum must be a number from 0 to 1, got NaN$/],
    ['SGD: nesterov that is no boolean', () => new SGD({ nesterov: 1 as never }), /^SGD: nesterov must be one of true, false, got 1$/],
    ['SGD: clipnorm of 0', () => new SGD({ clipnorm: 0 }), /^SGD: clipnorm must be a number above 0, got 0$/],
    ['SGD: clipvalue NaN', () => new SGD({ clipvalue: Number.NaN }), /^SGD: clipvalue must be/],
    [
      'SGD: two kinds of clipping',
      () => new SGD({ clipnorm: 1, clipvalue: 1 }),
      /^SGD takes one of clipnorm, clipvalue and globalClipnorm, got several$/,
    ],
    ['RMSprop: unknown option', () => new RMSprop(unknown), /^RMSprop: unknown option/],
    ['RMSprop: rho of 1', () => new RMSprop({ rho: 1 }), /^RMSprop: rho must be/],
    ['RMSprop: centered that is no boolean', () => new RMSprop({ centered: 'yes' as never }), /^RMSprop: centered must be/],
    ['Adam: unknown option', () => new Adam(unknown), /^Adam: unknown option/],
    ['Adam: beta1 of 1', () => new Adam({ beta1: 1 }), /^Adam: beta1 must be/],
    ['Adam: beta2 of -1', () => new Adam({ beta2: -1 }), /^Adam: beta2 must be/],
    ['Adam: negative epsilon', () => new Adam({ epsilon: -1e-7 }), /^Adam: epsilon must be/],
    ['a loss: unknown option', () => binaryCrossentropy(unknown), /^binaryCrossentropy: unknown option/],
    [
      'a loss: fromLogits that is no boolean',
      () => binaryCrossentropy({ fromLogits: 1 as never }),
      /^binaryCrossentropy: fromLogits must be/,
    ],
    ['padSequences: unknown option', () => padSequences([[1]], unknown), /^padSequences: unknown option/],
    [
      'padSequences: maxLength of 0',
      () => padSequences([[1]], { maxLength: 0 }),
      /^padSequences: maxLength must be an integer of at least 1, got 0$/,
    ],
    ['padSequences: maxLength of -1', () => padSequences([[1]], { maxLength: -1 }), /^padSequences: maxLength/],
    ['padSequences: maxLength of 1.5', () => padSequences([[1]], { maxLength: 1.5 }), /^padSequences: maxLength/],
    [
      'padSequences: another padding',
      () => padSequences([[1]], { padding: 'left' as never }),
      /^padSequences: padding must be one of 'pre', 'post', got 'left'$/,
    ],
    ['TextVectorization: unknown option', () => new TextVectorization(unknown), /^TextVectorization: unknown option/],
    ['TextVectorization: maxTokens of 0', () => new TextVectorization({ maxTokens: 0 }), /^TextVectorization: maxTokens/],
    ['trainValidationSplit: unknown option', () => trainValidationSplit([1, 2], unknown), /^trainValidationSplit: unknown option/],
    ['RecurrentNetwork: unknown option', () => new RecurrentNetwork(unknown), /RecurrentNetwork: unknown option 'unknownOption'/],
    ['setBackend: another backend', () => setBackend('gpu' as never), /^setBackend: name must be one of 'wasm', 'reference', got 'gpu'$/],
    ['setBackend: unknown option', () => setBackend('wasm', unknown), /^setBackend: unknown option/],
    ['setRandomSeed: a fraction', () => setRandomSeed(1.5), /^Cannot use the random seed 1\.5/],
    ['setRandomSeed: NaN', () => setRandomSeed(Number.NaN), /^Cannot use the random seed NaN/],
    ['setRandomSeed: text', () => setRandomSeed('lucky' as never), /^Cannot use the random seed/],
  ];

  test.each(calls)('%s', async (_label, call, message, errorClass = ArgumentError) => {
    expectError(await caught(call), errorClass, message);
  });
});

describe.each(await availableBackends())('bad arguments of a model on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  const BAD_SIZES = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '4'];

  const refusedBy = (model: Sequential, call: () => unknown, message: RegExp, errorClass: ErrorClass = ArgumentError) =>
    expectRefused(model, call, errorClass, message, () => model.trainOnBatch(x, y));

  test.each(['batchSize', 'validationBatchSize', 'validationFreq'])('fit: %s', async (option) => {
    const model = regressionModel();
    const message = new RegExp(`^fit: ${option} must be an integer of at least 1, got `);
    for (const value of BAD_SIZES) await refusedBy(model, () => model.fit(x, y, { [option]: value, verbose: 0 }), message);
  });

  test('fit: epochs', async () => {
    const model = regressionModel();
    const message = /^fit: epochs must be an integer of at least 0, got /;
    for (const epochs of BAD_SIZES.filter((size) => size !== 0) as number[])
      await refusedBy(model, () => model.fit(x, y, { epochs, verbose: 0 }), message);
  });

  test('evaluate and predict: batchSize', async () => {
    const model = regressionModel();
    for (const batchSize of BAD_SIZES as number[]) {
      await refusedBy(model, () => model.evaluate(x, y, { batchSize }), /^evaluate: batchSize must be an integer/);
      await refusedBy(model, () => model.predict(x, { batchSize }), /^predict: batchSize must be an integer/);
    }
  });

  const BAD_FIT: [string, object | null, RegExp][] = [
    ['unknown option', { unknownOption: 1 }, /^fit: unknown option 'unknownOption'; the options are batchSize, epochs,/],
    ['Keras spelling', { batch_size: 3 }, /^fit: unknown option 'batch_size'/],
    ['__proto__', JSON.parse('{"__proto__": {"epochs": 3}}'), /^fit: unknown option '__proto__'/],
    ['no object', null, /^fit: options must be an object, got null$/],
    ['initialEpoch of -1', { initialEpoch: -1 }, /^fit: initialEpoch must be an integer of at least 0, got -1$/],
    ['initialEpoch of 0.5', { initialEpoch: 0.5 }, /^fit: initialEpoch/],
    ['validationSplit of 1', { validationSplit: 1 }, /^fit: validationSplit must be a number of at least 0 and below 1, got 1$/],
    ['negative validationSplit', { validationSplit: -0.1 }, /^fit: validationSplit/],
    ['validationSplit NaN', { validationSplit: Number.NaN }, /^fit: validationSplit/],
    [
      'a validationSplit that leaves nothing to train on',
      { validationSplit: 0.9 },
      /^fit: validationSplit 0\.9 of 6 samples leaves 0 to train on and 6/,
    ],
    ['both validations', { validationSplit: 0.5, validationData: [x, y] }, /^fit takes validationData or validationSplit, got both$/],
    ['another verbose', { verbose: 3 }, /^fit: verbose must be one of 'auto', 0, 1, 2, got 3$/],
    ['shuffle that is no boolean', { shuffle: 'batch' }, /^fit: shuffle must be one of true, false, got 'batch'$/],
    [
      'callbacks that are no array',
      { callbacks: { onEpochEnd() {} } },
      /^fit: callbacks must be an array, got an object with the key onEpochEnd$/,
    ],
    [
      'a callback that is a function',
      { callbacks: [() => {}] },
      /^fit: callbacks\[0\] must be an object with functions such as onEpochEnd/,
    ],
    ['a callback that is null', { callbacks: [{ onEpochEnd() {} }, null] }, /^fit: callbacks\[1\] must be an object/],
    [
      'a callback whose event is no function',
      { callbacks: [{ onEpochEnd: 5 }] },
      /^fit: onEpochEnd of callbacks\[0\] must be a function, got 5$/,
    ],
    [
      'a misspelt callback',
      { callbacks: [{ onEpochEnd() {} }, { onEpochEnds() {} }] },
      /^fit: callbacks\[1\] has a function onEpochEnds, which fit never calls \(did you mean 'onEpochEnd'\?\); fit calls onTrainBegin, /,
    ],
    ['a callback in Python spelling', { callbacks: [{ on_epoch_end() {} }] }, /on_epoch_end, .* \(did you mean 'onEpochEnd'\?\)/],
    ['a callback that fit has not', { callbacks: [{ onPredictBegin() {} }] }, /has a function onPredictBegin, which fit never calls/],
    [
      'a misspelt callback of a class',
      { callbacks: [new MisspeltCallback()] },
      /has a function onBatchEnd, which fit never calls \(did you mean 'onTrainBatchEnd'\?\)/,
    ],
    [
      'a callback in capitals',
      { callbacks: [{ onEpochEnd() {}, OnEpochBegin() {} }] },
      /OnEpochBegin, .* \(did you mean 'onEpochBegin'\?\)/,
    ],
    ['a callback in small letters', { callbacks: [{ ontrainend() {} }] }, /ontrainend, .* \(did you mean 'onTrainEnd'\?\)/],
    ["Keras' name for batches", { callbacks: [{ on_batch_end() {} }] }, /on_batch_end, .* \(did you mean 'onTrainBatchEnd'\?\)/],
    [
      'a callback without functions',
      { callbacks: [{}] },
      /^fit: callbacks\[0\], an empty object, has no function that fit calls; fit calls onTrainBegin, /,
    ],
    [
      'options in place of a callback',
      { callbacks: [{ onEpochEnd() {} }, { patience: 3, monitor: 'valLoss' }] },
      /^fit: callbacks\[1\], an object with the keys patience, monitor, has no function that fit calls \(did you mean new EarlyStopping\({ … }\)\?\); fit calls/,
    ],
    [
      "a callback without the 'on'",
      { callbacks: [{ epochEnd() {} }] },
      /the key epochEnd, has no function that fit calls \(did you mean 'onEpochEnd'\?\)/,
    ],
    [
      'another without it',
      { callbacks: [{ batch_end() {} }] },
      /the key batch_end, has no function that fit calls \(did you mean 'onTrainBatchEnd'\?\)/,
    ],
    [
      'a class without functions of fit',
      { callbacks: [new IdleCallback()] },
      /an object \(IdleCallback\), .*, only count, wait; fit calls/,
    ],
    [
      'a promise of a callback',
      { callbacks: [Promise.resolve({ onEpochEnd() {} })] },
      /a Promise, which was not awaited, has no function that fit/,
    ],
    ['a callback in an array too many', { callbacks: [[{ onEpochEnd() {} }]] }, /^fit: callbacks\[0\], an array of 1, has no function/],
    ['a class in place of its instance', { callbacks: [IdleCallback] }, /callbacks\[0\] must be an object .*, got class IdleCallback$/],
    ['a signal that is none', { signal: { aborted: false } }, /^fit: signal must be an AbortSignal, got an object with the key aborted$/],
    [
      'classWeight that is no object',
      { classWeight: 5 },
      /^fit: classWeight must be 'balanced', or an object or a Map from class indices to weights, got 5$/,
    ],
    ['classWeight that is an array', { classWeight: [1, 2] }, /^fit: classWeight must be 'balanced', or an object/],
    ['classWeight of another name', { classWeight: 'balance' }, /^fit: classWeight must be 'balanced', .* got 'balance'$/],
    [
      'classWeight of a name',
      { classWeight: { good: 2 } },
      /^fit: classWeight has 'good', which is not a class index: the classes are 0 to 1$/,
    ],
    [
      'classWeight of a class that is none',
      { classWeight: { 7: 2 } },
      /^fit: classWeight has '7', which is not a class index: the classes are 0 to 1$/,
    ],
    ['classWeight of such a class in a Map', { classWeight: new Map([[2, 2]]) }, /^fit: classWeight has 2, which is not a class index/],
    ['classWeight of strings in a Map', { classWeight: new Map([['a', 2]]) }, /^fit: classWeight has 'a', which is not a class index/],
    ['a negative classWeight', { classWeight: { 0: -1 } }, /^fit: classWeight\[0\] must be a number of at least 0, got -1$/],
    ['a classWeight NaN', { classWeight: { 1: Number.NaN } }, /^fit: classWeight\[1\]/],
    ['two weights', { classWeight: { 0: 1 }, sampleWeight: [1, 1, 1, 1, 1, 1] }, /^fit takes sampleWeight or classWeight, got both$/],
  ];

  test.each(BAD_FIT)('fit: %s', async (_label, options, message) => {
    const model = regressionModel();
    await refusedBy(model, () => model.fit(x, y, (options && { verbose: 0, ...options }) as never), message);
  });

  test('evaluate and predict: unknown options', async () => {
    const model = regressionModel();
    await refusedBy(
      model,
      () => model.evaluate(x, y, { epochs: 1 } as never),
      /^evaluate: unknown option 'epochs': 'epochs' is an option of fit; the options are batchSize, sampleWeight, verbose, workers$/,
    );
    await refusedBy(
      model,
      () => model.predict(x, { sampleWeight: [1] } as never),
      /^predict: unknown option 'sampleWeight': 'sampleWeight' is an option of fit; the options are batchSize, maxDelay, verbose, workers$/,
    );
    await refusedBy(model, () => model.predict(x, null as never), /^predict: options must be an object, got null$/);
  });

  const BAD_COMPILE: [string, unknown, RegExp][] = [
    [
      'unknown option',
      { loss: 'mse', lr: 1 },
      /^compile: unknown option 'lr': 'learningRate' is an option of an optimizer, as in new Adam\(\{ … \}\); the options are optimizer, loss, lossWeights, metrics, weightedMetrics$/,
    ],
    ['no loss', {}, /^compile: loss must be one of 'meanSquaredError', .* got undefined$/],
    ['nothing', undefined, /^compile: loss must be/],
    ['an unknown loss', { loss: 'overlap' }, /^compile: loss must be .* got 'overlap'$/],
    ['a loss called __proto__', { loss: '__proto__' }, /^compile: loss must be .* got '__proto__'$/],
    ['a loss called toString', { loss: 'toString' }, /^compile: loss must be/],
    [
      'a loss of another make',
      { loss: { name: 'mine', targetKind: 'floats' } },
      /^compile: loss must be .* got an object with the keys name, targetKind$/,
    ],
    [
      'a loss function that was not called',
      { loss: binaryCrossentropy },
      /^compile: loss is function binaryCrossentropy: call it, binaryCrossentropy\(\); it must be one of/,
    ],
    [
      'a loss in Python spelling',
      { loss: 'binary_crossentropy' },
      /^compile: loss is 'binary_crossentropy' \(did you mean 'binaryCrossentropy'\?\); it must/,
    ],
    [
      'a metric in Python spelling',
      { loss: 'mse', metrics: ['binary_accuracy'] },
      /^compile: metrics\[0\] is 'binary_accuracy' \(did you mean 'binaryAccuracy'\?\); it must/,
    ],
    [
      'an unknown optimizer',
      { loss: 'mse', optimizer: 'adams' },
      /^compile: optimizer is 'adams' \(did you mean 'adam'\?\); it must be one of 'sgd', 'rmsprop', 'adam', 'adadelta', .* or an Optimizer$/,
    ],
    ['an optimizer called __proto__', { loss: 'mse', optimizer: '__proto__' }, /^compile: optimizer must be/],
    [
      'an optimizer class',
      { loss: 'mse', optimizer: Adam },
      /^compile: optimizer is class Adam: make one, new Adam\(\); it must be one of/,
    ],
    ['metrics that are no array', { loss: 'mse', metrics: 5 }, /^compile: metrics must be an array of metrics, got 5$/],
    [
      'an unknown metric',
      { loss: 'mse', metrics: ['accuracy', 'jaccard'] },
      /^compile: metrics\[1\] must be 'accuracy', .* got 'jaccard'$/,
    ],
    ['a metric called constructor', { loss: 'mse', metrics: ['constructor'] }, /^compile: metrics\[0\] must be/],
    ['a metric twice', { loss: 'mse', metrics: ['mse', 'mse'] }, /^compile: metrics has 'mse' twice$/],
  ];

  test.each(BAD_COMPILE)('compile: %s; the model stays compiled as it was', async (_label, options, message) => {
    const model = regressionModel();
    await refusedBy(model, () => model.compile(options as never), message);
  });

  test('a metric that does not fit the loss is refused by compile of a built model, by fit of another', async () => {
    const options = { loss: 'mse', metrics: ['sparseCategoricalAccuracy'] } as const;
    const message =
      /^compile: metric 'sparseCategoricalAccuracy' does not fit loss 'meanSquaredError', which takes targets of the shape of the output$/;
    expectError(await caught(() => regressionModel().compile(options)), ArgumentError, message);
    const model = new Sequential([new Dense(1)]);
    model.compile(options);
    expectError(await caught(() => model.fit(x, y, { verbose: 0 })), ArgumentError, message);
  });

  const BAD_WEIGHTS: [string, (model: Sequential) => unknown, ErrorClass, RegExp][] = [
    ['too few', (model) => model.getWeights().slice(1), ShapeError, /^setWeights: model sequential has 4 weights, got an array of 3$/],
    ['no array', () => 5, ShapeError, /^setWeights: model sequential has 4 weights, got 5$/],
    [
      'another shape for the last',
      (model) => [...model.getWeights().slice(0, 3), [1, 2]],
      ShapeError,
      /^setWeights: weight 3, dense_1\/bias, has shape \[1\], got \[2\]$/,
    ],
    [
      'the values without the shape',
      (model) => model.getWeights().map(({ data }) => data),
      ShapeError,
      /^setWeights: weight 0, dense\/kernel, has shape \[3, 4\], got \[12\]$/,
    ],
    [
      'a ragged one',
      (model) => [[[1, 2], [3]], ...model.getWeights().slice(1)],
      ShapeError,
      /^setWeights: \S+: weights\[0\]\[1\] has 1 elements where \S+ \S+ weights\[0\]\[0\] has 2/,
    ],
    [
      'text',
      (model) => [...model.getWeights().slice(0, 3), ['a']],
      ArgumentError,
      /^setWeights: \S+: weights\[3\]\[0\] must be a number, got 'a'$/,
    ],
  ];

  test.each(BAD_WEIGHTS)('setWeights: %s', async (_label, weights, errorClass, message) => {
    const model = regressionModel();
    await refusedBy(model, () => model.setWeights(weights(model) as never), message, errorClass);
  });

  const BAD_SHAPES: [string, unknown, ErrorClass, RegExp][] = [
    ['no array', 3, ArgumentError, /^build takes a shape with the batch axis first, such as \[null, 100\], got 3$/],
    ['the batch axis alone', [null], ArgumentError, /^build takes a shape with the batch axis first/],
    ['a size of 0', [null, 0], ArgumentError, /^build: inputShape\[0\] must be an integer of at least 1, got 0$/],
    ['a negative size', [null, 4, -3], ArgumentError, /^build: inputShape\[1\] must be/],
    ['a fraction', [null, 1.5], ArgumentError, /^build: inputShape\[0\] must be/],
    [
      'free features',
      [null, null],
      ShapeError,
      /^layer dense \(Dense\) takes samples \[\.\.\., features\], got samples of shape \[\?\]: give all sizes of the samples$/,
    ],
    [
      'free features of several axes',
      [null, 2, 3, null],
      ShapeError,
      /^layer dense \(Dense\) takes samples \[\.\.\., features\], got samples of shape \[2, 3, \?\]: give all sizes of the samples$/,
    ],
  ];

  test.each(BAD_SHAPES)('build: %s; the model can be built for another', async (_label, shape, errorClass, message) => {
    const model = new Sequential([new Dense(2), new Dense(1)]);
    expectError(await caught(() => model.build(shape as never)), errorClass, message);
    expect(model.built).toBe(false);
    model.build([null, 3]);
    expect((await model.predict(x)).shape).toEqual([6, 1]);
  });

  test('build: layers that do not fit each other name the one that cannot take what comes', async () => {
    const model = new Sequential([new SimpleRNN(2), new SimpleRNN(2)]);
    expectError(
      await caught(() => model.build([null, 4, 3])),
      ShapeError,
      /^layer simple_rnn_1 \(SimpleRNN\) takes sequences \[steps, features\], got samples of shape \[2\]: a series of one feature .* returnSequences: true$/,
    );
    expect(model.layers.flatMap(({ weights }) => weights)).toEqual([]);
    const late = new Sequential([new Dense(2)]);
    expectError(
      await caught(() => late.add(new OneHot(3))),
      ArgumentError,
      /^a layer OneHot takes ids, so it must be the first layer of a Sequential model$/,
    );
  });

  test('build again for other features is refused', async () => {
    const model = regressionModel();
    await refusedBy(
      model,
      () => model.build([null, 4]),
      /^layer dense \(Dense\) was built for inputs with 3 features, got \[4\]$/,
      ShapeError,
    );
  });

  test('getLayer and save say what there is and what they take', async () => {
    const model = regressionModel();
    await refusedBy(model, () => model.getLayer('lstm'), /^model sequential has no layer 'lstm'; it has dense, dense_1$/);
    await refusedBy(model, () => model.getLayer(2), /^model sequential has no layer 2; it has/);
    await refusedBy(
      model,
      () => model.save('model.h5'),
      /^save takes a file name, or the URL of a file, that ends in \.keras or \.onnx or \.safetensors, got 'model\.h5'$/,
    );
    await refusedBy(model, () => model.save(5 as never), /^save takes a file name/);
    await refusedBy(model, () => model.summary(5 as never), /^summary: print must be a function, got 5$/);
    await refusedBy(model, () => modelToBytes({} as never), /^modelToBytes takes a model, got an empty object$/);
  });

  test('trainable is true or false, also when it is set', async () => {
    const model = regressionModel();
    const [layer] = model.layers;
    for (const value of ['no', 0, undefined, null]) {
      const set = () => {
        layer.trainable = value as never;
      };
      await refusedBy(model, set, /^Dense: trainable must be one of true, false, got/);
    }
    expect(layer.trainable).toBe(true);
  });

  describe('plans that no memory holds', () => {
    const STEPS = 2000;
    const BATCH = 64;
    const texts = samples({ steps: STEPS, ids: 5 }, BATCH, new RandomArrays(1));
    /**
     * Weights of a megabyte, outputs of 10 GB in float32 for a batch of 64 texts, and of 5 MB for
     * one text of two words.
     */
    const wide = () => {
      const model = new Sequential([new OneHot(5), new SimpleRNN(4, { returnSequences: true }), new Dense(20_000)]);
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
      model.build([null, STEPS]);
      return model;
    };
    const few: [number[][], number[][]] = [[[1, 2]], [[7, 8]]];

    test('of a program: the error says for which batches; the model keeps its weights and trains on smaller ones', async () => {
      const model = wide();
      const labels = { shape: [BATCH, STEPS], data: new Int32Array(BATCH * STEPS) };
      const message = (kind: string) =>
        new RegExp(`^Cannot allocate \\d+ bytes for a program to ${kind} on batches of shape \\[64, 2000\\]: `);
      const train = () => model.trainOnBatch(...few);
      await expectRefused(
        model,
        () => model.fit(texts, labels, { batchSize: BATCH, verbose: 0 }),
        OutOfMemoryError,
        message('train'),
        train,
      );
      await expectRefused(model, () => model.trainOnBatch(texts, labels), OutOfMemoryError, message('train'), train);
      await expectRefused(model, () => model.evaluate(texts, labels, { batchSize: BATCH }), OutOfMemoryError, message('evaluate'), train);
      await expectRefused(model, () => model.predict(texts, { batchSize: BATCH }), OutOfMemoryError, message('predict'), train);
      expect((await model.predict(few[0])).shape).toEqual([1, 2, 20_000]);
      model.dispose();
    });

    test('of the validation: found before the training begins', async () => {
      const model = wide();
      const labels = { shape: [BATCH, STEPS], data: new Int32Array(BATCH * STEPS) };
      const validate = () => model.fit(...few, { validationData: [texts, labels], validationBatchSize: BATCH, verbose: 0 });
      await expectRefused(model, validate, OutOfMemoryError, /a program to evaluate on batches of shape \[64, 2000\]/, () =>
        model.trainOnBatch(...few),
      );
      model.dispose();
    });

    test('of the weights: the error counts them, and the layers can be changed', async () => {
      const model = new Sequential([new Dense(40_000), new Dense(40_000)]);
      model.compile({ loss: 'mse' });
      for (const call of [() => model.predict(x), () => model.getWeights(), () => model.save('never.safetensors')]) {
        expectError(await caught(call), OutOfMemoryError, /^Cannot allocate \d+ bytes for 1600200000 parameters: /);
      }
      model.pop();
      model.pop();
      model.add(new Dense(1));
      await model.fit(x, y, { verbose: 0 });
      expectError(await caught(() => new Sequential().save('never.safetensors')), StateError, /no weights yet/);
    });
  });
});
