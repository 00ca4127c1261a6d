import { describe, expect, onTestFinished, test } from 'vitest';
import {
  Activation,
  Adam,
  Add,
  Average,
  BacktimeError,
  Bidirectional,
  binaryCrossentropy,
  Concatenate,
  Dense,
  Dropout,
  EarlyStopping,
  ElementwiseLoss,
  ElementwiseOptimizer,
  Embedding,
  type FitOptions,
  Flatten,
  GRU,
  generate,
  Input,
  LSTM,
  loadBackend,
  loadModel,
  Masking,
  Metric,
  Model,
  modelToBytes,
  OneHot,
  ops,
  Permute,
  padSequences,
  RecurrentNetwork,
  RepeatVector,
  Reshape,
  RMSprop,
  registerClass,
  Sequential,
  SGD,
  SimpleRNN,
  setBackend,
  setRandomSeed,
  setWarningHandler,
  setWorker,
  setWorkerUrl,
  TextVectorization,
  TimeDistributed,
  toCategorical,
  trainValidationSplit,
} from '../../ts/index.ts';
import '../../ts/formats/entry.ts';
import { caught } from '../support/refusals.ts';

const detached = new Float32Array(4);
structuredClone(null, { transfer: [detached.buffer] });
function* numbers() {
  yield 1;
}
const hostile = {
  valueOf() {
    throw new Error('valueOf was called');
  },
  toString() {
    throw new Error('toString was called');
  },
};

/** What no argument is meant to be; none of them trains for long where it is taken. */
const ODD: readonly [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['NaN', Number.NaN],
  ['-0', -0],
  ['Infinity', Infinity],
  ['2^31', 2 ** 31],
  ['2^32', 2 ** 32],
  ['2^53', 2 ** 53],
  ['1e300', 1e300],
  ['1e-300', 1e-300],
  ['1n', 1n],
  ['a long bigint', 10n ** 400n],
  ['a symbol', Symbol('odd')],
  ['a text', 'odd'],
  ['a long text', 'odd'.repeat(1e5)],
  ['a function', () => 1],
  ['a class', Dense],
  ['a date', new Date(0)],
  ['a Map', new Map()],
  ['a Set', new Set([1])],
  ['a promise', Promise.resolve(1)],
  ['a generator', numbers()],
  ['a regular expression', /odd/],
  ['an error', new Error('odd')],
  ['an empty object', {}],
  ['an object without a prototype', Object.create(null)],
  ['an object without a text', hostile],
  ['an object with numbers as keys', { 0: 1, 1: 2, length: 2 }],
  ['an empty array', []],
  ['an array of bigints', [[1n]]],
  ['an array of symbols', [Symbol('odd')]],
  ['an array of objects', [hostile]],
  ['an array of nothing', [null, undefined]],
  ['a sparse array', new Array(3)],
  ['64-bit integers', BigInt64Array.of(1n, 2n)],
  ['rows of 64-bit integers', [BigInt64Array.of(1n, 2n)]],
  ['a buffer', new ArrayBuffer(8)],
  ['a view', new DataView(new ArrayBuffer(8))],
  ['a detached array', detached],
  ['a tensor of a detached array', { shape: [2, 2], data: detached }],
  ['a tensor of bigints', { shape: [2], data: BigInt64Array.of(1n, 2n) }],
  ['a tensor of no shape', { shape: null, data: null }],
  ['a tensor of a shape of symbols', { shape: [Symbol('odd')], data: new Float32Array(1) }],
  ['a tensor of a shape of bigints', { shape: [1n], data: new Float32Array(1) }],
  ['a tensor of a long shape', { shape: new Array(1e5).fill(1), data: new Float32Array(2) }],
];

const x = [
  [1, 2],
  [3, 4],
];
const y = [1, 0];

function floatsModel(): Sequential {
  const model = new Sequential([new Dense(1, { inputShape: [2], activation: 'sigmoid' })]);
  model.compile({ loss: 'binaryCrossentropy' });
  return model;
}

async function appliedGradients(optimizer: unknown): Promise<void> {
  const model = floatsModel();
  (await model.forward(x)).backward([[1], [1]]);
  model.applyGradients(optimizer as never);
}

function idsModel(): Sequential {
  return new Sequential([new OneHot(3, { inputShape: [null] }), new LSTM(2), new Dense(3, { activation: 'softmax' })]);
}

function pairModel(): Model {
  const [left, right] = [Input({ shape: [2], name: 'left' }), Input({ shape: [2], name: 'right' })];
  return new Model({ inputs: [left, right], outputs: new Add().apply([left, right]) });
}

const STOPPING = ['monitor', 'minDelta', 'patience', 'verbose', 'mode', 'baseline', 'restoreBestWeights', 'startFromEpoch'];

type Call = (value: never) => unknown;

/** Models with code of a user's own that returns this value, or is described by it. */
const OWN: readonly [string, Call][] = [
  ['an activation of one’s own', (value) => new Dense(2, { activation: () => value })],
  [
    'a loss of one’s own',
    (value) => {
      class Own extends ElementwiseLoss {
        call() {
          return value;
        }
      }
      const model = floatsModel();
      model.compile({ loss: new Own() });
      return model.fit(x, y, { verbose: 0 });
    },
  ],
  [
    'a metric of one’s own, state and name',
    (value) => {
      class Own extends Metric {
        update() {}
        result() {
          return 0;
        }
      }
      return [new Own(1, value), new Own(value)];
    },
  ],
  [
    'an optimizer of one’s own, update and slots',
    (value) => {
      for (const [updated, slotNames] of [
        [value, []],
        [{ parameter: value }, []],
        [{ parameter: 0, slots: { m: value } }, ['m']],
        [{ parameter: 0, slots: value }, ['m']],
        [{ parameter: 0 }, [value]],
      ] as const) {
        class Own extends ElementwiseOptimizer {
          override readonly slotNames = slotNames as never;
          update() {
            return updated as never;
          }
        }
        floatsModel().compile({ optimizer: new Own(), loss: 'mse' });
      }
    },
  ],
];

/** Calls that take an option each. */
function options(owner: string, names: readonly string[], call: (options: never) => unknown): [string, Call][] {
  return names.map((name) => [`${owner}, ${name}`, (value) => call({ [name]: value } as never)]);
}

const RECURRENT = ['name', 'trainable', 'inputShape', 'activation', 'useBias', 'kernelInitializer', 'recurrentInitializer'];
const MORE_RECURRENT = ['biasInitializer', 'dropout', 'returnSequences', 'goBackwards', 'zeroOutputForMask', 'truncate'];
const CLIPPING = ['learningRate', 'clipnorm', 'clipvalue', 'globalClipnorm'];
const FIT: readonly (keyof FitOptions)[] = [
  ...(['batchSize', 'epochs', 'initialEpoch', 'verbose', 'callbacks', 'validationData', 'validationSplit', 'validationBatchSize'] as const),
  ...(['validationFreq', 'shuffle', 'sampleWeight', 'classWeight', 'signal', 'control', 'workers'] as const),
];

const CALLS: readonly [string, Call][] = [
  ['Sequential, layers', (value) => new Sequential(value)],
  ['Sequential, a layer', (value) => new Sequential([value])],
  ...options('Sequential', ['name'], (given) => new Sequential([], given)),
  ['Dense, units', (value) => new Dense(value)],
  ['Dense, options', (value) => new Dense(2, value)],
  ...options('Dense', ['name', 'inputShape', 'activation', 'useBias', 'kernelInitializer'], (given) => new Dense(2, given)),
  ['Dropout, rate', (value) => new Dropout(value)],
  ['Embedding, inputDim', (value) => new Embedding(value, 2)],
  ['Embedding, outputDim', (value) => new Embedding(2, value)],
  ...options('Embedding', ['maskZero', 'embeddingsInitializer'], (given) => new Embedding(2, 2, given)),
  ['OneHot, depth', (value) => new OneHot(value)],
  ['SimpleRNN, units', (value) => new SimpleRNN(value)],
  ...options('LSTM', [...RECURRENT, ...MORE_RECURRENT, 'recurrentActivation', 'unitForgetBias'], (given) => new LSTM(2, given)),
  ...options('GRU', [...MORE_RECURRENT, 'resetAfter'], (given) => new GRU(2, given)),
  ['Masking, options', (value) => new Masking(value)],
  ...options('Masking', ['maskValue'], (given) => new Masking(given)),
  ['Activation', (value) => new Activation(value)],
  ['RepeatVector', (value) => new RepeatVector(value)],
  ['Reshape', (value) => new Reshape(value)],
  ['Permute', (value) => new Permute(value)],
  ['TimeDistributed', (value) => new TimeDistributed(value)],
  ['Bidirectional', (value) => new Bidirectional(value)],
  ...options('Bidirectional', ['mergeMode', 'backwardLayer'], (given) => new Bidirectional(new LSTM(1), given)),
  ...options('Concatenate', ['axis'], (given) => new Concatenate(given)),
  ['Input', (value) => Input(value)],
  ...options('Input', ['shape', 'dtype', 'name', 'batchSize'], (given) => Input({ shape: [2], ...(given as object) })),
  ['apply', (value) => new Dense(1).apply(value)],
  ['apply to an array', (value) => new Add().apply([value, value])],
  ['apply to one of two', (value) => new Average().apply([Input({ shape: [2] }), value])],
  ['apply, options', (value) => new LSTM(2).apply(Input({ shape: [null, 2] }), value)],
  ...options('apply', ['initialState', 'mask', 'training'], (given) => new LSTM(2).apply(Input({ shape: [null, 2] }), given)),
  ['Model', (value) => new Model(value)],
  ...options('Model', ['inputs', 'outputs', 'name'], (given) => {
    const input = Input({ shape: [2] });
    return new Model({ inputs: input, outputs: new Flatten().apply(input), ...(given as object) });
  }),
  ['predict, inputs of a record', (value) => pairModel().predict({ left: value, right: value })],
  ['predict, inputs of an array', (value) => pairModel().predict([value, value])],
  ['predict, inputs', (value) => pairModel().predict(value)],
  ['EarlyStopping, options', (value) => new EarlyStopping(value)],
  ...options('EarlyStopping', STOPPING, (given) => new EarlyStopping(given)),
  ...options('SGD', [...CLIPPING, 'momentum', 'nesterov'], (given) => new SGD(given)),
  ...options('RMSprop', [...CLIPPING, 'rho', 'momentum', 'epsilon', 'centered'], (given) => new RMSprop(given)),
  ...options('Adam', [...CLIPPING, 'beta1', 'beta2', 'epsilon'], (given) => new Adam(given)),
  ['Adam, options', (value) => new Adam(value)],
  ['a learning rate that is a function', (value) => new Adam({ learningRate: () => value }).learningRateAt(0)],
  ...options('binaryCrossentropy', ['fromLogits'], (given) => binaryCrossentropy(given)),
  ['compile, options', (value) => floatsModel().compile(value)],
  ...options('compile', ['optimizer', 'loss', 'metrics', 'lossWeights', 'weightedMetrics'], (given) =>
    floatsModel().compile({ loss: 'mse', ...(given as object) }),
  ),
  ['build', (value) => floatsModel().build(value)],
  ['getLayer', (value) => floatsModel().getLayer(value)],
  ['summary', (value) => floatsModel().summary(value === undefined ? ((() => {}) as never) : value)],
  ['setWeights', (value) => floatsModel().setWeights(value)],
  ['setWeights, a weight', (value) => floatsModel().setWeights([value, value])],
  ['add', (value) => floatsModel().add(value)],
  ['fit, x', (value) => floatsModel().fit(value, y, { verbose: 0 })],
  ['fit, x and y', (value) => floatsModel().fit(value, value, { verbose: 0 })],
  ['fit, y', (value) => floatsModel().fit(x, value, { verbose: 0 })],
  ['fit, options', (value) => floatsModel().fit(x, y, value)],
  ...options('fit', FIT, (given) => floatsModel().fit(x, y, { verbose: 0, ...(given as object) })),
  ['evaluate, x', (value) => floatsModel().evaluate(value, y)],
  ['evaluate, options', (value) => floatsModel().evaluate(x, y, value)],
  ...options('evaluate', ['batchSize', 'sampleWeight', 'verbose', 'workers'], (given) => floatsModel().evaluate(x, y, given)),
  ['predict, x', (value) => floatsModel().predict(value)],
  ['predict, ids', (value) => idsModel().predict(value)],
  ['predictOnBatch, x', (value) => floatsModel().predictOnBatch(value)],
  ['trainOnBatch, x', (value) => floatsModel().trainOnBatch(value, y)],
  ['forward, x', (value) => floatsModel().forward(value)],
  ...options('forward', ['training'], (given) => floatsModel().forward(x, given)),
  ['backward, gradients', async (value) => (await floatsModel().forward(x)).backward(value)],
  ['applyGradients, optimizer', (value) => appliedGradients(value)],
  ['trainOnBatch, sampleWeight', (value) => floatsModel().trainOnBatch(x, y, value)],
  ['testOnBatch, y', (value) => floatsModel().testOnBatch(x, value)],
  ['save', (value) => floatsModel().save(value)],
  ['save, options', (value) => floatsModel().save('/nowhere/at/all.safetensors', value)],
  ...options('save', ['includeOptimizer', 'metadata'], (given) => floatsModel().save('/nowhere/at/all.safetensors', given)),
  ...options('modelToBytes', ['includeOptimizer', 'metadata'], (given) => modelToBytes(floatsModel(), given)),
  ['setWarningHandler', (value) => setWarningHandler(value)],
  ...OWN,
  ...Object.entries(ops).map(([name, operation]): [string, Call] => [
    `ops.${name}`,
    (value) => (operation as (...given: unknown[]) => unknown)(value, value, value),
  ]),
  ['registerClass', (value) => registerClass(value, { name: 'odd' })],
  ['registerClass, options', (value) => registerClass(() => 1, value)],
  ...options('registerClass', ['package', 'name'], (given) => registerClass(() => 1, given)),
  ['setWorker', (value) => setWorker(typeof value === 'function' ? null : value)],
  ...options('loadModel', ['customObjects'], async (given) => loadModel(await modelToBytes(floatsModel()), given)),
  ['loadModel, an own object', async (value) => loadModel(await modelToBytes(floatsModel()), { customObjects: { odd: value } })],
  ...options('Sequential.fromState, compile', ['loss', 'lossConfig', 'metrics', 'weightedMetrics', 'optimizer'], (given) => {
    const state = floatsModel().getState();
    return Sequential.fromState({ ...state, compile: { ...state.compile, ...(given as object) } as never });
  }),
  [
    'Sequential.fromState, a metric',
    (value) => {
      const state = floatsModel().getState();
      return Sequential.fromState({
        ...state,
        compile: { ...state.compile, metrics: [value, { className: value, config: value }] } as never,
      });
    },
  ],
  ['Sequential.fromState', (value) => Sequential.fromState(value)],
  ...options('Sequential.fromState', ['name', 'seed', 'layers', 'inputShape', 'weights', 'compile'], (given) =>
    Sequential.fromState({ ...floatsModel().getState(), ...(given as object) }),
  ),
  ...options('stream', ['batchSize'], (given) => idsModel().stream(given)),
  ['stream, step', (value) => idsModel().stream().step(value)],
  ['stream, out', (value) => idsModel().stream().step(1, value)],
  ['stream, state', (value) => Object.assign(idsModel().stream(), { state: value })],
  ['stream, the state of a layer', (value) => Object.assign(idsModel().stream(), { state: { lstm: value } })],
  ['stream, a state', (value) => Object.assign(idsModel().stream(), { state: { lstm: { h: value, c: value } } })],
  ['generate, model', (value) => generate(value, [1], { length: 1 })],
  ['generate, prompt', (value) => generate(idsModel(), value, { length: 1 })],
  ['generate, options', (value) => generate(idsModel(), [1], value)],
  ...options('generate', ['length', 'temperature', 'seed'], (given) => generate(idsModel(), [1], { length: 1, ...(given as object) })),
  ['loadModel', (value) => loadModel(value)],
  ['modelToBytes', (value) => modelToBytes(value)],
  ['loadBackend', (value) => loadBackend(value)],
  ['setBackend', (value) => setBackend(value)],
  ...options('setBackend', ['deterministic'], (given) => setBackend('wasm', given)),
  ['setRandomSeed', (value) => setRandomSeed(value)],
  ['setWorkerUrl', (value) => setWorkerUrl(value)],
  ['padSequences', (value) => padSequences(value)],
  ['padSequences, a sequence', (value) => padSequences([value])],
  ['padSequences, an id', (value) => padSequences([[value]])],
  ...options('padSequences', ['maxLength', 'padding', 'truncating', 'value', 'dtype'], (given) => padSequences([[1]], given)),
  ['toCategorical', (value) => toCategorical(value)],
  ['toCategorical, numClasses', (value) => toCategorical([0], value)],
  ['trainValidationSplit', (value) => trainValidationSplit(value)],
  ...options('trainValidationSplit', ['validationSplit', 'testSplit', 'stratify', 'shuffle', 'seed'], (given) =>
    trainValidationSplit([1, 2, 3, 4], given),
  ),
  ['TextVectorization', (value) => new TextVectorization(value)],
  ...options('TextVectorization', ['maxTokens', 'standardize', 'split', 'outputSequenceLength', 'vocabulary'], (given) => {
    new TextVectorization(given);
  }),
  ['TextVectorization, fromConfig', (value) => TextVectorization.fromConfig(value)],
  ['TextVectorization, adapt', (value) => new TextVectorization().adapt(value)],
  ['TextVectorization, a text', (value) => new TextVectorization({ vocabulary: ['a'] }).call([value])],
  ...options('RecurrentNetwork', ['nCells', 'batchSize', 'learningRate', 'truncate', 'seed'], (given) => new RecurrentNetwork(given)),
  ['RecurrentNetwork, x', (value) => new RecurrentNetwork().fit(value, y)],
  ['RecurrentNetwork, ids', (value) => new RecurrentNetwork().fit({ ids: value, depth: 3 }, y)],
  ['RecurrentNetwork, depth', (value) => new RecurrentNetwork().fit({ ids: [[1], [2]], depth: value }, y, { epochs: 1 })],
  ['RecurrentNetwork, y', (value) => new RecurrentNetwork().fit({ ids: [[1], [2]], depth: 3 }, value, { epochs: 1 })],
  ['RecurrentNetwork, setWeights', (value) => new RecurrentNetwork().setWeights(value)],
  ...options('RecurrentNetwork, fit', ['epochs', 'xVal', 'yVal', 'onBatch', 'onEpoch'], (given) =>
    new RecurrentNetwork().fit({ ids: [[1], [2]], depth: 3 }, y, { epochs: 1, ...(given as object) }),
  ),
];

describe('a value that is not meant is taken, or refused by a typed error', () => {
  test.each(CALLS)('%s', async (_label, call) => {
    const wrong: string[] = [];
    onTestFinished(() => setWarningHandler(null));
    for (const [label, value] of ODD) {
      const error = await caught(() => call(value as never));
      setWarningHandler(() => {});
      if (error === undefined) continue;
      const { message } = error as Error;
      // Where a function may be given, a class is one that throws.
      if (error instanceof TypeError && message.startsWith('Class constructor Dense')) continue;
      const isReadable = message.length < 1000 && !/\[object |object \(\)/.test(message);
      if (!(error instanceof BacktimeError && isReadable)) wrong.push(`${label}: ${String(error).slice(0, 200)}`);
    }
    expect(wrong).toEqual([]);
  });
});
