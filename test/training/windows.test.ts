import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Add,
  Concatenate,
  Dense,
  Dropout,
  Embedding,
  GRU,
  Input,
  type Layer,
  LSTM,
  MaxNorm,
  Model,
  Sequential,
  SGD,
  SimpleRNN,
  type Tensor,
} from '../../ts/index.ts';
import { Windows } from '../../ts/run/windows.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { WORKERS_FLOAT32, WORKERS_FLOAT64 } from '../support/tolerances.ts';

/** Three windows of 300 steps, and a first one of 60. */
const STEPS = 960;
const [COUNT, FEATURES, VOCABULARY] = [5, 2, 6];
const random = new RandomArrays(4);
const SERIES = tensor([COUNT, STEPS, FEATURES], random);
/** Padded in front, by up to two windows, and here and there. */
const IDS: Tensor = {
  shape: [COUNT, STEPS],
  data: random.integers(COUNT * STEPS, VOCABULARY).map((id, index) => (index % STEPS < 200 * Math.floor(index / STEPS) ? 0 : id)),
};
const LAST = tensor([COUNT, 2], random);
const EACH = tensor([COUNT, STEPS, 2], random);
const WEIGHTS = tensor([COUNT, STEPS], random, 0, 2);

const long = { truncate: 100, returnSequences: true } as const;
const embedding = () => new Embedding(VOCABULARY, 3, { maskZero: true });

/** Layers, their samples, targets and weights of samples. */
const CASES: [string, () => Layer[], Tensor, Tensor, Tensor?][] = [
  ['the last output of an LSTM', () => [new LSTM(3, { truncate: 100 }), new Dense(2)], SERIES, LAST],
  ['every output of a SimpleRNN', () => [new SimpleRNN(3, long), new Dense(2)], SERIES, EACH],
  ['every output, weighted', () => [new GRU(3, long), new Dense(2)], SERIES, EACH, WEIGHTS],
  [
    'penalties on weights, and constraints',
    () => [
      new LSTM(3, { ...long, kernelRegularizer: 'l2', recurrentConstraint: new MaxNorm({ maxValue: 0.5 }) }),
      new Dense(2, { kernelRegularizer: 'l1', biasConstraint: 'nonNeg' }),
    ],
    SERIES,
    EACH,
  ],
  ['two layers of different lengths', () => [new GRU(3, long), new LSTM(2, { truncate: 150 }), new Dense(2)], SERIES, LAST],
  ['two layers, every output', () => [new GRU(3, long), new LSTM(2, { ...long, truncate: 75 }), new Dense(2)], SERIES, EACH],
  ['a mask, the last output', () => [embedding(), new GRU(3, long), new LSTM(3, { truncate: 100 }), new Dense(2)], IDS, LAST],
  ['a mask, every output', () => [embedding(), new LSTM(3, long), new Dense(2)], IDS, EACH],
  ['a mask, weighted', () => [embedding(), new LSTM(3, { ...long, zeroOutputForMask: true }), new Dense(2)], IDS, EACH, WEIGHTS],
  [
    'dropout of steps',
    () => [new Dense(3), new Dropout(0.3), new GRU(3, { ...long, dropout: 0.2 }), new Dropout(0.2), new Dense(2)],
    SERIES,
    EACH,
  ],
  [
    'dropout, the last output',
    () => [new Dropout(0.3), new GRU(3, { ...long, dropout: 0.2 }), new LSTM(3, { truncate: 100 }), new Dense(2)],
    SERIES,
    LAST,
  ],
  [
    'a model as a layer',
    () => [new Sequential([new GRU(3, long), new Dense(3)]).asLayer(), new LSTM(2, { truncate: 150 }), new Dense(2)],
    SERIES,
    LAST,
  ],
];

describe.each(await availableBackends())('windows of truncated sequences on $label', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? WORKERS_FLOAT64 : WORKERS_FLOAT32;
  beforeEach(() => startOn(backend));
  afterEach(() => vi.restoreAllMocks());

  async function trained(
    make: () => Model,
    x: unknown,
    y: Tensor,
    sampleWeight: Tensor | undefined,
    options: { whole?: boolean; workers?: number },
  ) {
    const of = options.whole ? vi.spyOn(Windows, 'of').mockReturnValue(null) : null;
    try {
      startOn(backend, 3);
      const model = make();
      model.compile({
        optimizer: new SGD({ learningRate: 0.1, momentum: 0.9, clipnorm: 1 }),
        loss: 'mse',
        metrics: ['mae'],
        weightedMetrics: ['mse'],
      });
      const { workers = 0 } = options;
      const { history } = await model.fit(x as Tensor, y, {
        batchSize: 3,
        epochs: 2,
        shuffle: false,
        verbose: 0,
        workers,
        ...(sampleWeight && { sampleWeight }),
      });
      const evaluated = await model.evaluate(x as Tensor, y, { batchSize: 3, workers, ...(sampleWeight && { sampleWeight }) });
      const predicted = ((await model.predict(x as Tensor, { batchSize: 3, workers })) as Tensor).data;
      return { weights: flatWeights(model), history, evaluated, predicted };
    } finally {
      of?.mockRestore();
    }
  }

  function expectSame(a: Awaited<ReturnType<typeof trained>>, b: typeof a): void {
    expectClose(a.weights, b.weights, tolerance, 'weights');
    expect(Object.keys(a.history)).toEqual(Object.keys(b.history));
    for (const [name, values] of Object.entries(b.history)) expectClose(a.history[name] as number[], values, tolerance, name);
    expectClose(Object.values(a.evaluated), Object.values(b.evaluated), tolerance, 'evaluate');
    expectClose(a.predicted, b.predicted, tolerance, 'predict');
  }

  test.each(CASES)('%s: trains as one program for all steps', async (_label, layers, x, y, sampleWeight) => {
    const used = vi.spyOn(Windows.prototype, 'computeGradients');
    const windowed = await trained(() => new Sequential(layers()), x, y, sampleWeight, {});
    expect(used).toHaveBeenCalledTimes(4);
    expectSame(windowed, await trained(() => new Sequential(layers()), x, y, sampleWeight, { whole: true }));
    expect(used).toHaveBeenCalledTimes(4);
  });

  /** Two inputs, one without steps, joined after the last step; a layer used twice. */
  const graph = () => {
    const [a, b, place] = [Input({ shape: [null, FEATURES] }), Input({ shape: [STEPS], dtype: 'int32' }), Input({ shape: [2] })];
    const shared = new GRU(2, long);
    const sum = new Add().apply([shared.apply(a), shared.apply(new Embedding(VOCABULARY, FEATURES).apply(b))]);
    const last = new LSTM(3, { truncate: 100 }).apply(sum);
    return new Model({ inputs: [a, b, place], outputs: new Dense(2).apply(new Concatenate().apply([last, place])) });
  };
  const GRAPH_X = [SERIES, IDS, LAST];

  test('a graph of several inputs', async () => {
    const used = vi.spyOn(Windows.prototype, 'computeGradients');
    const windowed = await trained(graph, GRAPH_X, LAST, undefined, {});
    expect(used).toHaveBeenCalledTimes(4);
    expectSame(windowed, await trained(graph, GRAPH_X, LAST, undefined, { whole: true }));
  });

  test('predict of several outputs, of every step and of the last', async () => {
    const [a, place] = [Input({ shape: [null, FEATURES] }), Input({ shape: [2] })];
    const [each, state] = new GRU(3, { ...long, returnState: true, stateful: true }).apply(a);
    const model = new Model({ inputs: [a, place], outputs: [new Dense(2).apply(each), new Concatenate().apply([state, place])] });
    const predict = async () => (await model.predict([SERIES, LAST], { batchSize: 5 })).flatMap(({ data }) => Array.from(data));
    const used = vi.spyOn(Windows.prototype, 'run');
    const windowed = [await predict(), await predict()];
    expect(used).toHaveBeenCalledTimes(2);
    expect(windowed[0]).not.toEqual(windowed[1]);
    model.resetStates();
    vi.spyOn(Windows, 'of').mockReturnValue(null);
    for (const values of windowed) expectClose(await predict(), values, tolerance, 'outputs');
  });

  test('stateful layers go on from batch to batch', async () => {
    const make = () => {
      const model = new Sequential([new GRU(3, { ...long, stateful: true }), new LSTM(2, long), new Dense(2)]);
      model.build([null, STEPS, FEATURES]);
      return model;
    };
    const train = async (whole: boolean) => {
      const of = whole ? vi.spyOn(Windows, 'of').mockReturnValue(null) : null;
      startOn(backend, 3);
      const model = make();
      model.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss: 'mse' });
      const losses: number[] = [];
      for (let batch = 0; batch < 3; batch++) losses.push((await model.trainOnBatch(SERIES, EACH)).loss as number);
      of?.mockRestore();
      const { data } = await model.predict(SERIES);
      return { losses, data, weights: flatWeights(model) };
    };
    const [windowed, whole] = [await train(false), await train(true)];
    expectClose(windowed.losses, whole.losses, tolerance, 'losses');
    expectClose(windowed.weights, whole.weights, tolerance, 'weights');
    expectClose(windowed.data, whole.data, tolerance, 'what follows');
  });

  test.each([1, 2, 4])('%i workers', async (workers) => {
    for (const [, layers, x, y, sampleWeight] of [CASES[7], CASES[8], CASES[0]]) {
      const make = () => new Sequential(layers());
      expectSame(await trained(make, x, y, sampleWeight, { workers }), await trained(make, x, y, sampleWeight, {}));
    }
  });

  test('what cannot be cut is trained in one program', async () => {
    const used = vi.spyOn(Windows.prototype, 'computeGradients');
    const models: Layer[][] = [
      [new GRU(3, { returnSequences: true }), new LSTM(3, { truncate: 100 }), new Dense(2)],
      [new GRU(3, { goBackwards: true, truncate: 100 }), new Dense(2)],
      [new Sequential([new GRU(3, { returnSequences: true })]).asLayer(), new LSTM(3, { truncate: 100 }), new Dense(2)],
    ];
    for (const layers of models) await trained(() => new Sequential(layers), SERIES, LAST, undefined, {});
    expect(used).not.toHaveBeenCalled();
  });
});
