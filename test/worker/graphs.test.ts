import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Add,
  Bidirectional,
  Concatenate,
  Dense,
  Embedding,
  GRU,
  Input,
  LSTM,
  Masking,
  Model,
  RepeatVector,
  Sequential,
  SGD,
  StateError,
  TimeDistributed,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

const random = new RandomArrays(1);
const SERIES = tensor([9, 4, 3], random);
const IDS = { shape: [9, 5], data: random.integers(45, 7) };
const Y = tensor([9, 4, 2], random);
const NEXT = tensor([9, 4, 2], random);
const TAGS = { shape: [9, 5], data: random.integers(45, 3) };
const SCORES = tensor([9, 1], random);
const TAG_WEIGHTS = { shape: [9, 5], data: Float64Array.from({ length: 45 }, (_, index) => (index % 4) / 2) };
const SCORE_WEIGHTS = Float64Array.from({ length: 9 }, (_, index) => 0.5 + (index % 3));

/** Two inputs, a layer used twice, wrappers, states from one layer to another, and dropout. */
function network(): Model {
  const [ids, series] = [Input({ shape: [5], name: 'ids' }), Input({ shape: [4, 3], name: 'series' })];
  const shared = new Dense(3, { activation: 'tanh' });
  const read = new Bidirectional(new GRU(2, { dropout: 0.2 })).apply(new Embedding(7, 3).apply(ids));
  const [, h, c] = new LSTM(4, { returnState: true }).apply(new Add().apply([shared.apply(series), shared.apply(shared.apply(series))]));
  const decoded = new LSTM(4, { returnSequences: true }).apply(new RepeatVector(4).apply(read), { initialState: [h, c] });
  const model = new Model({
    inputs: [ids, series],
    outputs: new TimeDistributed(new Dense(2)).apply(new Concatenate().apply([decoded, series])),
  });
  model.compile({ optimizer: new SGD({ learningRate: 0.1, momentum: 0.9 }), loss: 'mse', metrics: ['mae'] });
  return model;
}

/** Steps of the series that are zeros are masked: some of each row, all of rows 2 and 7. */
const MASKED_SERIES = {
  shape: [9, 4, 3],
  data: SERIES.data.map((value, index) =>
    [2, 7].includes(Math.floor(index / 12)) || index % 12 >= 12 - 3 * (Math.floor(index / 12) % 3) ? 0 : value,
  ),
};

/** Two outputs whose losses count different rows, and one that counts them all. */
function maskedNetwork(lossWeights: Record<string, number>): Model {
  const [series, other] = [Input({ shape: [4, 3], name: 'series' }), Input({ shape: [5], name: 'other' })];
  const read = new LSTM(4, { returnSequences: true }).apply(new Masking().apply(series));
  const last = new GRU(3).apply(read);
  const words = new GRU(3, { returnSequences: true }).apply(new Embedding(7, 3, { maskZero: true }).apply(other));
  const model = new Model({
    inputs: [series, other],
    outputs: [
      new Dense(2, { name: 'next' }).apply(read),
      new Dense(3, { name: 'tags', activation: 'softmax' }).apply(words),
      new Dense(1, { name: 'score' }).apply(last),
    ],
  });
  model.compile({
    optimizer: new SGD({ learningRate: 0.1, momentum: 0.9 }),
    loss: { next: 'mse', tags: 'sparseCategoricalCrossentropy', score: 'mse' },
    lossWeights,
    metrics: { next: ['mae'], tags: ['accuracy'], score: [] },
    weightedMetrics: { next: ['mse'], tags: [], score: ['mae'] },
  });
  return model;
}

describe.each(await availableBackends())('graphs in workers on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => vi.unstubAllGlobals());

  const MASKED_CASES = [
    { workers: 2, shared: true, weighted: false, lossWeights: { next: 1, tags: 1, score: 1 } },
    { workers: 3, shared: true, weighted: true, lossWeights: { next: 2, tags: 0.5, score: 1 } },
    { workers: 3, shared: false, weighted: true, lossWeights: { next: 1, tags: 0, score: 3 } },
  ];
  test.each(MASKED_CASES)('outputs of different masks: %o train as on this thread', async ({ workers, shared, weighted, lossWeights }) => {
    // Batches of four: one worker of three gets two samples, and the last batch has one sample for
    // all of them.
    const y = { next: NEXT, tags: TAGS, score: SCORES };
    const options = {
      epochs: 3,
      batchSize: 4,
      verbose: 0,
      ...(weighted ? { sampleWeight: { tags: TAG_WEIGHTS, score: SCORE_WEIGHTS } } : {}),
    } as const;
    const run = async (where: number) => {
      startOn(backend, 7);
      const model = maskedNetwork(lossWeights);
      const { history } = await model.fit([MASKED_SERIES, IDS], y, { ...options, workers: where });
      return { model, history };
    };
    const here = await run(0);
    if (!shared) vi.stubGlobal('SharedArrayBuffer', undefined);
    const there = await run(workers);
    const tolerance = { absolute: 1e-5, ...TRAIN_STEP_FLOAT32 };
    expectClose(flatWeights(there.model), flatWeights(here.model), tolerance, 'weights');
    expect(Object.keys(there.history)).toEqual(Object.keys(here.history));
    for (const [name, values] of Object.entries(here.history)) expectClose(there.history[name] as number[], values, tolerance, name);
  });

  test.each([1, 2, 3])('%i workers train, evaluate and predict as this thread does', async (workers) => {
    const run = async (where: number) => {
      startOn(backend, 7);
      const model = network();
      const { history } = await model.fit({ series: SERIES, ids: IDS }, Y, { epochs: 3, batchSize: 4, verbose: 0, workers: where });
      return { model, history };
    };
    const [here, there] = [await run(0), await run(workers)];
    const tolerance = { absolute: 1e-5, ...TRAIN_STEP_FLOAT32 };
    expectClose(flatWeights(there.model), flatWeights(here.model), tolerance, 'weights');
    expectClose(there.history.loss, here.history.loss, tolerance, 'loss');
    const x = [IDS, SERIES];
    expect((await here.model.predict(x, { workers, batchSize: 2 })).data).toEqual((await here.model.predict(x, { batchSize: 2 })).data);
    expect(await here.model.evaluate(x, Y, { workers, batchSize: 2 })).toEqual(await here.model.evaluate(x, Y, { batchSize: 2 }));
  });

  test('workers give every output', async () => {
    const input = Input({ shape: [4, 3] });
    const model = new Model({ inputs: input, outputs: [new GRU(2).apply(input), new Dense(2).apply(input)] });
    const [here, there] = [await model.predict(SERIES, { batchSize: 2 }), await model.predict(SERIES, { batchSize: 2, workers: 2 })];
    expect(there.map(({ shape }) => shape)).toEqual([
      [9, 2],
      [9, 4, 2],
    ]);
    expect(there).toEqual(here);
  });

  test('workers know the names of one’s own', async () => {
    const input = Input({ shape: [4, 3] });
    const outputs = { state: new GRU(2).apply(input), steps: new Dense(2).apply(input) };
    const model = new Model({ inputs: { readings: input }, outputs });
    model.compile({ optimizer: 'sgd', loss: 'mse', metrics: { state: ['mae'] } });
    const y = { steps: Y, state: tensor([9, 2], random) };
    const { history } = await model.fit({ readings: SERIES }, y, { verbose: 0, workers: 2 });
    expect(Object.keys(history)).toEqual(['loss', 'stateLoss', 'stepsLoss', 'stateMae']);
    const { steps } = await model.predict({ readings: SERIES }, { workers: 2 });
    expect(steps).toEqual((await model.predict({ readings: SERIES })).steps);
  });

  test.each([0, 1])('two fits at once on models that share a layer are refused, %i workers', async (workers) => {
    const shared = new Dense(3, { name: 'shared' });
    const make = (name: string) => {
      const model = new Sequential([shared, new Dense(2, { name })]);
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      return model;
    };
    const [first, second] = [make('first'), make('second')];
    const [x, y] = [tensor([6, 3], random), tensor([6, 2], random)];
    await first.fit(x, y, { verbose: 0 });
    await second.fit(x, y, { verbose: 0 });
    const training = first.fit(x, y, { verbose: 0, epochs: 3, workers });
    const failure = await second.fit(x, y, { verbose: 0 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StateError);
    expect((failure as Error).message).toMatch(
      /^fit: layer shared \(Dense\) is being trained by the fit of model sequential: await it first$/,
    );
    await training;
    await second.fit(x, y, { verbose: 0 });
  });
});
