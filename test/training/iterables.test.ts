import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  type BatchesLike,
  type BatchLike,
  type Callback,
  DataError,
  Dense,
  type FitOptions,
  LSTM,
  Sequential,
  SGD,
  ShapeError,
  type Tensor,
  TrainingControl,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { regression, regressionModel, rows } from '../support/regression.ts';
import { nextIdModel, nextIds } from '../support/workerCases.ts';

/** The batches of arrays, in order. */
function batchesOf(x: Tensor, y: Tensor, batchSize: number, weights?: Float64Array): BatchLike[] {
  const batches: BatchLike[] = [];
  for (let from = 0; from < x.shape[0]; from += batchSize) {
    const to = Math.min(from + batchSize, x.shape[0]);
    batches.push([rows(x, from, to), rows(y, from, to), ...(weights ? [weights.slice(from, to)] : [])] as never);
  }
  return batches;
}

const { x, y } = regression(11);
const items = batchesOf(x, y, 4);
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

/** The forms of an iterable of the same batches. */
const FORMS: readonly [string, () => BatchesLike][] = [
  ['a function of an array', () => () => items],
  [
    'a generator function',
    () =>
      function* () {
        yield* items;
      },
  ],
  ['a set', () => new Set(items)],
  [
    'an object with Symbol.asyncIterator',
    () => ({
      async *[Symbol.asyncIterator]() {
        for (const item of items) {
          await pause();
          yield item;
        }
      },
    }),
  ],
  [
    'a generator that uses its arrays again',
    () =>
      function* () {
        const x = new Float32Array(4 * 3);
        const y = new Float32Array(4);
        for (const [bx, by] of items as [Tensor, Tensor][]) {
          x.set(bx.data);
          y.set(by.data);
          const count = bx.shape[0];
          yield [
            { shape: [count, 3], data: x.subarray(0, count * 3) },
            { shape: [count, 1], data: y.subarray(0, count) },
          ] as const;
        }
      },
  ],
];

describe.each(await availableBackends())('on $label an iterable gives the bits of its arrays', ({ backend }) => {
  async function run(make: () => Sequential, train: (model: Sequential) => Promise<{ history: object }>) {
    startOn(backend);
    const model = make();
    const { history } = await train(model);
    return { history, weights: flatWeights(model), iterations: model.iterations };
  }

  test.each(FORMS)('%s', async (_label, batches) => {
    const options: FitOptions = { epochs: 3, verbose: 0 };
    const arrays = await run(regressionModel, (model) =>
      model.fit(x, y, { ...options, batchSize: 4, shuffle: false, validationData: [x, y], validationBatchSize: 4 }),
    );
    const iterated = await run(regressionModel, (model) =>
      model.fit(batches(), { ...options, validationData: [x, y], validationBatchSize: 4 }),
    );
    expect(iterated).toEqual(arrays);
    const validated = await run(regressionModel, (model) =>
      model.fit(x, y, { ...options, batchSize: 4, shuffle: false, validationData: batches() }),
    );
    const same = await run(regressionModel, (model) =>
      model.fit(x, y, { ...options, batchSize: 4, shuffle: false, validationData: [x, y], validationBatchSize: 4 }),
    );
    expect(validated).toEqual(same);
    const model = regressionModel();
    expect(await model.evaluate(batches())).toEqual(await model.evaluate(x, y, { batchSize: 4 }));
    expect(await model.predict(batches())).toEqual(await model.predict(x, { batchSize: 4 }));
  });

  test('masks, dropout and weights of samples', async () => {
    const { x, y } = nextIds(11);
    const weights = new RandomArrays(4).float32s(11, 0, 2);
    const options: FitOptions = { epochs: 2, verbose: 0 };
    const arrays = await run(nextIdModel, (model) => model.fit(x, y, { ...options, batchSize: 4, shuffle: false, sampleWeight: weights }));
    const iterated = await run(nextIdModel, (model) => model.fit(() => batchesOf(x, y, 4, weights), options));
    expect(iterated).toEqual(arrays);
  });

  test('weights of classes', async () => {
    const ids = tensor([8, 2], new RandomArrays(5));
    const labels = { shape: [8], data: Int32Array.of(0, 1, 1, 0, 0, 1, 0, 1) };
    const make = () => {
      const model = new Sequential([new Dense(2, { activation: 'softmax' })]);
      model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
      return model;
    };
    const options: FitOptions = { classWeight: { 0: 3 }, verbose: 0 };
    const arrays = await run(make, (model) => model.fit(ids, labels, { ...options, batchSize: 4, shuffle: false }));
    const iterated = await run(make, (model) => model.fit(() => batchesOf(ids, labels, 4), options));
    expect(iterated).toEqual(arrays);
  });

  test('stateful layers, and sequences in windows', async () => {
    const random = new RandomArrays(6);
    const [sx, sy] = [tensor([4, 5, 2], random), tensor([4, 1], random)];
    const stateful = () => {
      const model = new Sequential([new LSTM(3, { stateful: true }), new Dense(1)]);
      model.compile({ optimizer: new SGD(), loss: 'meanSquaredError' });
      return model;
    };
    const options: FitOptions = { epochs: 2, verbose: 0 };
    const arrays = await run(stateful, (model) => model.fit(sx, sy, { ...options, batchSize: 2, shuffle: false }));
    expect(await run(stateful, (model) => model.fit(() => batchesOf(sx, sy, 2), options))).toEqual(arrays);
    await expect(run(stateful, (model) => model.fit(() => batchesOf(sx, sy, 3), options))).rejects.toThrow(
      /fit: batch 1: .*keeps the states of 3 sequences/,
    );
    const [lx, ly] = [tensor([2, 600, 2], random), tensor([2, 1], random)];
    const truncated = () => {
      const model = new Sequential([new LSTM(3, { truncate: 50 }), new Dense(1)]);
      model.compile({ optimizer: new SGD(), loss: 'meanSquaredError' });
      return model;
    };
    const long = await run(truncated, (model) => model.fit(lx, ly, { ...options, batchSize: 1, shuffle: false }));
    expect(await run(truncated, (model) => model.fit(() => batchesOf(lx, ly, 1), options))).toEqual(long);
  });

  test('batches of different numbers of samples', async () => {
    const random = new RandomArrays(8);
    const groups = [2, 4, 1, 3].map((count): [Tensor, Tensor] => [tensor([count, 3], random), tensor([count, 1], random)]);
    const iterated = await run(regressionModel, (model) => model.fit(() => groups, { verbose: 0 }));
    startOn(backend);
    const model = regressionModel();
    for (const [gx, gy] of groups) await model.trainOnBatch(gx, gy);
    expect(iterated.weights).toEqual(flatWeights(model));
    const predicted = (await model.predict(() => groups)) as Tensor;
    expect([...predicted.data]).toEqual(
      (await Promise.all(groups.map(async ([gx]) => [...((await model.predict(gx)) as Tensor).data]))).flat(),
    );
  });

  test('batches of different lengths', async () => {
    const random = new RandomArrays(7);
    const lengths = [3, 5, 3];
    const groups = lengths.map((steps): [Tensor, Tensor] => [tensor([2, steps, 2], random), tensor([2, 1], random)]);
    const make = () => {
      const model = new Sequential([new LSTM(3), new Dense(1)]);
      model.compile({ optimizer: new SGD(), loss: 'meanSquaredError' });
      return model;
    };
    const iterated = await run(make, (model) => model.fit(() => groups, { verbose: 0 }));
    startOn(backend);
    const model = make();
    for (const [gx, gy] of groups) await model.trainOnBatch(gx, gy);
    expect(iterated.weights).toEqual(flatWeights(model));
    expect((await model.predict(() => groups)).shape).toEqual([6, 1]);
  });

  test('shuffleBuffer: another order for each epoch, by the seed of the model', async () => {
    const seen: number[][] = [];
    const order = async (seed: number, shuffleBuffer: number) => {
      startOn(backend, seed);
      const model = regressionModel();
      seen.length = 0;
      const many = Array.from({ length: 6 }, (_, number): BatchLike => [tensor([1, 3], new RandomArrays(number + 1)), [[number]]]);
      const losses: number[] = [];
      await model.fit(() => many, {
        epochs: 2,
        shuffleBuffer,
        verbose: 0,
        callbacks: [{ onTrainBatchEnd: (_batch, logs) => void losses.push(logs.loss as number) }],
      });
      return losses;
    };
    expect(await order(1, 4)).toEqual(await order(1, 4));
    expect(await order(1, 4)).not.toEqual(await order(2, 4));
    expect(await order(1, 1)).toEqual(await order(2, 1));
  });
});

/** What a run read of a counted iterable, and how it ended. */
function counted(count: number, each: () => Promise<void> | void = () => {}) {
  const log = { begun: 0, read: 0, closed: 0 };
  const batches = () => {
    log.begun++;
    return (async function* () {
      try {
        for (let index = 0; index < count; index++) {
          log.read++;
          await each();
          yield items[index % 2];
        }
      } finally {
        log.closed++;
      }
    })();
  };
  return { log, batches };
}

describe('the batches of an epoch', () => {
  test('stepsPerEpoch goes on where the last epoch ended, and begins anew at the end', async () => {
    const { log, batches } = counted(5);
    const model = regressionModel();
    await model.fit(batches, { epochs: 3, stepsPerEpoch: 2, verbose: 0 });
    expect(model.iterations).toBe(6);
    expect(log.begun).toBe(2);
  });

  test('an endless iterator takes stepsPerEpoch, and no more is read than one batch ahead', async () => {
    const { log, batches } = counted(Number.POSITIVE_INFINITY);
    const model = regressionModel();
    let ahead = 0;
    await model.fit(batches(), {
      epochs: 3,
      stepsPerEpoch: 4,
      verbose: 0,
      callbacks: [
        {
          async onTrainBatchEnd() {
            await pause();
            ahead = Math.max(ahead, log.read - model.iterations);
          },
        },
      ],
    });
    expect(model.iterations).toBe(12);
    expect(ahead).toBe(1);
    expect(log).toEqual({ begun: 1, read: 12, closed: 1 });
  });

  test('validationSteps takes the first batches each time', async () => {
    const { log, batches } = counted(5);
    const model = regressionModel();
    const { history } = await model.fit(x, y, { epochs: 2, validationData: batches, validationSteps: 2, verbose: 0 });
    expect(log.begun).toBe(2);
    const fresh = regressionModel();
    fresh.setWeights(model.getWeights());
    expect((await fresh.evaluate(() => items.slice(0, 2))).loss).toBe(history.valLoss[1]);
  });

  test('the plan of callbacks, with unknown and with known steps', async () => {
    const plans: unknown[] = [];
    const watch: Callback = { onTrainBegin: ({ steps, samples, batchSize }) => void plans.push([steps, samples, batchSize]) };
    const model = regressionModel();
    await model.fit(() => items, { callbacks: [watch], verbose: 0 });
    await model.fit(() => items, { stepsPerEpoch: 2, callbacks: [watch], verbose: 0 });
    expect(plans).toEqual([
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 4],
      [2, Number.POSITIVE_INFINITY, 4],
    ]);
  });

  test('stopTraining, a signal and a pause', async () => {
    const model = regressionModel();
    const { log, batches } = counted(10);
    await model.fit(batches, {
      verbose: 0,
      callbacks: [{ onTrainBatchEnd: (batch, _logs, of) => void Object.assign(of, { stopTraining: batch === 2 }) }],
    });
    expect(model.iterations).toBe(3);
    expect(log.closed).toBe(1);
    const abort = new AbortController();
    const waiting = model.fit(
      async function* () {
        yield items[0];
        await new Promise(() => {});
      },
      {
        signal: abort.signal,
        verbose: 0,
        callbacks: [{ onTrainBatchEnd: () => void setTimeout(() => abort.abort(new Error('enough')), 5) }],
      },
    );
    await expect(waiting).rejects.toThrow('enough');
    expect(model.iterations).toBe(4);
    const control = new TrainingControl();
    control.pause();
    setTimeout(() => control.resume(), 5);
    await model.fit(() => items, { control, verbose: 0 });
    expect(model.iterations).toBe(7);
  });
});

describe('what cannot work is an error', () => {
  const compiled = () => regressionModel();
  const nan: Tensor = { shape: [1, 3], data: Float32Array.of(1, Number.NaN, 2) };

  test.each<[string, BatchesLike, new (...args: never[]) => Error, string | RegExp]>([
    ['a value', () => [items[0], [nan, [[1]]]], DataError, 'fit: batch 1: x[0][1] is NaN'],
    ['a shape', () => [items[0], items[1], [[[1, 2]], [[1]]]], ShapeError, /^fit: batch 2: .*\[1, 2\]/],
    ['the targets', () => [items[0], [[[1, 2, 3]], [[1, 2]]]], ShapeError, /^fit: batch 1: y has shape \[1, 2\]/],
    ['no pair', () => [items[0], x as never], ArgumentError, /^fit: batch 1 must be \[x, y\] or \[x, y, sampleWeight\], got/],
    ['no targets', () => [items[0], [x]], ArgumentError, /^fit: batch 1 must be \[x, y\]/],
  ])('%s: the batch is named and the weights are those of the step before', async (_label, batches, type, message) => {
    const model = compiled();
    const before = flatWeights(model);
    const run = model.fit(batches, { verbose: 0 });
    await expect(run).rejects.toThrow(type);
    await expect(run).rejects.toThrow(message);
    const steps = message.toString().includes('batch 2') ? 2 : 1;
    expect(model.iterations).toBe(steps);
    const other = compiled();
    for (const [bx, by] of items.slice(0, steps) as [Tensor, Tensor][]) await other.trainOnBatch(bx, by);
    expect(flatWeights(model)).toEqual(flatWeights(other));
    expect(flatWeights(model)).not.toEqual(before);
    // The model trains on.
    await model.fit(() => items, { verbose: 0 });
  });

  test('an error of the iterable is thrown as it is, and what it holds is freed', async () => {
    const { log, batches } = counted(9, () => {
      if (log.read === 3) throw new RangeError('the file ended');
    });
    const model = compiled();
    await expect(model.fit(batches, { verbose: 0 })).rejects.toThrow(new RangeError('the file ended'));
    expect(model.iterations).toBe(2);
    expect(log.closed).toBe(1);
  });

  function* once() {
    yield* items;
  }

  test.each<[string, () => Promise<unknown>, new (...args: never[]) => Error, string | RegExp]>([
    [
      'an iterator for several epochs',
      () => compiled().fit(once(), { epochs: 2 }),
      ArgumentError,
      /^fit is an iterator, which can be read once only, but there are 2 epochs/,
    ],
    [
      'an iterator that is too short',
      () => compiled().fit(once(), { epochs: 2, stepsPerEpoch: 2, verbose: 0 }),
      DataError,
      /ended after 3 batches.*lower stepsPerEpoch, which is 2/,
    ],
    [
      'an iterator to validate with',
      () => compiled().fit(x, y, { epochs: 2, validationData: once() }),
      ArgumentError,
      /validationData is an iterator/,
    ],
    ['no batches', () => compiled().fit(() => []), DataError, /gives no batches/],
    [
      'the same iterator for each epoch',
      () => {
        const same = once();
        return compiled().fit(() => same, { epochs: 2, verbose: 0 });
      },
      DataError,
      /gives no batches: an iterable must start again for each epoch/,
    ],
    ['a function of no iterable', () => compiled().fit((() => 5) as never), ArgumentError, /iterable of batches.* that returns 5/],
    [
      'a batchSize',
      () => compiled().fit(() => items, { batchSize: 4 }),
      ArgumentError,
      /batchSize is for arrays; with an iterable each item is a batch/,
    ],
    ['shuffle', () => compiled().fit(() => items, { shuffle: true }), ArgumentError, /use shuffleBuffer/],
    ['validationSplit', () => compiled().fit(() => items, { validationSplit: 0.5 }), ArgumentError, /use validationData/],
    ['sampleWeight', () => compiled().fit(() => items, { sampleWeight: [1] }), ArgumentError, /the items are \[x, y, sampleWeight\]/],
    [
      "classWeight 'balanced'",
      () => compiled().fit(() => items, { classWeight: 'balanced' }),
      ArgumentError,
      /give the weight of each class/,
    ],
    ['targets beside it', () => compiled().fit((() => items) as never, y), ArgumentError, /have their targets/],
    ['stepsPerEpoch for arrays', () => compiled().fit(x, y, { stepsPerEpoch: 2 }), ArgumentError, /stepsPerEpoch is for an iterable/],
    ['shuffleBuffer for arrays', () => compiled().fit(x, y, { shuffleBuffer: 2 }), ArgumentError, /shuffleBuffer is for an iterable/],
    [
      'validationSteps for arrays',
      () => compiled().fit(x, y, { validationSteps: 2 }),
      ArgumentError,
      /validationSteps is for validationData that is an iterable/,
    ],
    [
      'a batch of evaluate',
      () => compiled().evaluate(() => [items[0], [nan, [[1]]] as BatchLike]),
      DataError,
      'evaluate: batch 1: x[0][1] is NaN',
    ],
    ['a batch of predict', () => compiled().predict(() => [items[0], [nan] as BatchLike]), DataError, 'predict: batch 1: x[0][1] is NaN'],
  ])('%s', async (_label, call, type, message) => {
    const run = call();
    await expect(run).rejects.toThrow(type);
    await expect(run).rejects.toThrow(message);
  });

  test('outputs of different lengths are no single array', async () => {
    const model = new Sequential([new LSTM(1, { returnSequences: true })]);
    const random = new RandomArrays(8);
    await expect(model.predict(() => [[tensor([1, 2, 2], random)], [tensor([1, 3, 2], random)]])).rejects.toThrow(
      /batch 1 have shape \[1, 3, 1\], but those of batch 0 have \[1, 2, 1\]/,
    );
  });
});
