import { beforeEach, describe, expect, test } from 'vitest';
import {
  Adam,
  ArgumentError,
  CTC,
  ctcDecode,
  DataError,
  Dense,
  GRU,
  Input,
  LSTM,
  loadModel,
  Masking,
  Model,
  modelToBytes,
  Sequential,
  SGD,
  ShapeError,
  type Tensor,
  type Workers,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient } from '../support/modelGradients.ts';
import { builtModel, flatWeights, samples, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { TRAIN_STEP_FLOAT32, WORKERS_FLOAT32, WORKERS_FLOAT64 } from '../support/tolerances.ts';

const [STEPS, FEATURES, CLASSES] = [6, 3, 4];
const PADDING = 9;
const random = new RandomArrays(5);
/** Sample n begins with n modulo 6 masked steps. */
const x = samples({ shape: [STEPS, FEATURES], padding: PADDING }, 7, random);
/** No sample has more labels than its valid steps can hold. */
const y = [
  [1, 2, 3],
  [2, 2, 0],
  [1, 3, 0],
  [0, 3, 0],
  [0, 0, 2],
  [0, 0, 0],
  [3, 1, 3],
];
const weights = { shape: [7], data: Float64Array.of(1, 0.5, 2, 0, 1.5, 3, 1) };
const stepWeights = { shape: [7, STEPS], data: Float64Array.from({ length: 7 * STEPS }, (_, index) => (index % 5) / 2) };

const masked = () =>
  builtModel(
    [new Masking({ maskValue: PADDING }), new GRU(5, { returnSequences: true }), new Dense(CLASSES)],
    [STEPS, FEATURES],
    new RandomArrays(7),
  );

/** The probability that T steps read as labels: the sum over all C^T paths. */
function probabilityOf(rows: readonly (readonly number[])[], labels: readonly number[]): number {
  const classes = rows[0]?.length ?? 0;
  let total = 0;
  const extend = (path: readonly number[], probability: number): void => {
    const row = rows[path.length];
    if (row) for (const [k, p] of row.entries()) extend([...path, k], probability * p);
    const read = path.filter((k, t) => k !== 0 && k !== path[t - 1]);
    if (!row && read.join() === labels.join()) total += probability;
  };
  expect(classes ** rows.length).toBeLessThan(10_000);
  extend([], 1);
  return total;
}

/** The valid steps of each sample as probabilities. */
function rowsOf({ shape: [count, steps, classes], data }: Tensor, isValid: (sample: number, step: number) => boolean) {
  return Array.from({ length: count as number }, (_, b) =>
    Array.from({ length: steps as number }, (_, t) => t)
      .filter((t) => isValid(b, t))
      .map((t) => {
        const powers = Array.from({ length: classes as number }, (_, k) => Math.exp(data[(b * steps + t) * classes + k]));
        const sum = powers.reduce((a, c) => a + c);
        return powers.map((value) => value / sum);
      }),
  );
}

describe.each(await availableBackends())('CTC on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test('is the negative logarithm of the sum over all paths that read as the labels, without masked steps', async () => {
    const model = masked();
    model.compile({ loss: new CTC(), metrics: [new CTC()], weightedMetrics: [new CTC()] });
    const rows = rowsOf(await model.predict(x), (b, t) => t >= b % STEPS);
    const losses = rows.map(
      (row, b) =>
        -Math.log(
          probabilityOf(
            row,
            (y[b] as number[]).filter((label) => label !== 0),
          ),
        ),
    );
    const mean = (of: readonly number[]) => of.reduce((a, c) => a + c) / of.length;
    const plain = await model.evaluate(x, y, { batchSize: 3, verbose: 0 });
    expectClose([plain.loss, plain.ctc], [mean(losses), mean(losses)], TRAIN_STEP_FLOAT32, 'plain');
    for (const sampleWeight of [weights, stepWeights]) {
      // A sample weighs the mean of the weights of its valid steps.
      const of = losses.map((_, b) => {
        const own =
          sampleWeight === weights ? [weights.data[b]] : Array.from(stepWeights.data.subarray(b * STEPS + (b % STEPS), (b + 1) * STEPS));
        return mean(own as number[]);
      });
      const weighted = losses.map((loss, b) => loss * (of[b] as number));
      const logs = await model.evaluate(x, y, { sampleWeight, verbose: 0 });
      const expected = [mean(weighted), mean(losses), mean(weighted) / mean(of)];
      expectClose([logs.loss, logs.ctc, logs.weightedCtc] as number[], expected, TRAIN_STEP_FLOAT32, 'weighted');
    }
  });

  test('reads no labels, one step and padding anywhere', async () => {
    const model = builtModel([new Dense(3)], [4, 2], new RandomArrays(3));
    model.compile({ loss: new CTC() });
    const input = tensor([1, 4, 2], random);
    const rows = rowsOf(await model.predict(input), () => true)[0] as number[][];
    for (const [target, labels] of [
      [[0, 0], []],
      [
        [0, 2, 0, 1],
        [2, 1],
      ],
      [
        [2, 1, 0, 0, 0, 0],
        [2, 1],
      ],
      [[1], [1]],
      [
        [1, 1, 0],
        [1, 1],
      ],
    ] as const) {
      const { loss } = await model.evaluate(input, [target], { verbose: 0 });
      expectClose([loss], [-Math.log(probabilityOf(rows, labels))], TRAIN_STEP_FLOAT32, target.join());
    }
  });

  test('stays exact where probabilities are smaller than any float', async () => {
    const model = new Sequential([new Dense(2, { inputShape: [2000, 1], useBias: false })]);
    model.setWeights([[[0, 1]]]);
    model.compile({ loss: new CTC(), optimizer: new SGD({ learningRate: 1e-6 }) });
    // Class 1 at each step has the probability 1 / (1 + e^30): one label over 1,000 steps of 2,000.
    const data = new Float32Array(2000).fill(-30).fill(30, 500, 1500);
    const { loss } = await model.trainOnBatch({ shape: [1, 2000, 1], data }, [[0]]);
    expectClose([loss], [1000 * Math.log1p(Math.exp(30)) + 1000 * Math.log1p(Math.exp(-30))], TRAIN_STEP_FLOAT32, 'loss');
    expect(flatWeights(model).every(Number.isFinite)).toBe(true);
  });

  test('a sample with more labels than its steps hold does not count, and a warning says so once', async () => {
    const warnings = givenWarnings();
    const model = builtModel([new Dense(3)], [3, 2], new RandomArrays(3));
    const loss = new CTC();
    model.compile({ loss, optimizer: new SGD({ learningRate: 1 }) });
    const input = tensor([2, 3, 2], random);
    const possible = await model.evaluate(
      input,
      [
        [1, 2, 1],
        [1, 2, 0],
      ],
      { verbose: 0 },
    );
    expect(warnings).toEqual([]);
    const before = flatWeights(model);
    expect(possible.loss).toBeGreaterThan(0);
    // Two equal neighbours need a blank between.
    const { loss: impossible } = await model.trainOnBatch(input, [
      [1, 1, 2],
      [2, 2, 2],
    ]);
    expect(impossible).toBe(0);
    expect(flatWeights(model)).toEqual(before);
    await model.trainOnBatch(input, [
      [1, 1, 2],
      [2, 2, 2],
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(['CTC_LENGTH']);
    expect(warnings[0]?.message).toMatch(/a sample has 3 labels, too many for its 3 steps/);
  });

  test('of several outputs with weights', async () => {
    const input = Input({ shape: [STEPS, FEATURES] });
    const states = new LSTM(4, { returnSequences: true, name: 'states' }).apply(input);
    const model = new Model({
      inputs: input,
      outputs: [new Dense(CLASSES, { name: 'text' }).apply(states), new Dense(2, { name: 'place' }).apply(states)],
    });
    model.compile({ optimizer: 'sgd', loss: { text: new CTC(), place: 'mse' }, lossWeights: { text: 0.5, place: 2 } });
    const places = tensor([7, STEPS, 2], random);
    const { history } = await model.fit(x, { text: y, place: places }, { epochs: 1, batchSize: 7, verbose: 0 });
    expectClose(
      history.loss,
      [0.5 * (history.textLoss?.[0] as number) + 2 * (history.placeLoss?.[0] as number)],
      TRAIN_STEP_FLOAT32,
      'loss',
    );
  });

  test('a saved model trains on with the same bits', async () => {
    const model = masked();
    model.compile({ optimizer: 'adam', loss: new CTC({ maskIndex: 0 }), metrics: [new CTC()] });
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    const loaded = await loadModel(await modelToBytes(model));
    for (const each of [model, loaded]) await each.fit(x, y, { epochs: 2, verbose: 0 });
    expect(flatWeights(loaded)).toEqual(flatWeights(model));
    expect(model.getState().compile).toMatchObject({ loss: 'CTC', lossConfig: { maskIndex: 0 } });
  });

  test('trains in workers as without', async () => {
    const trained = async (workers: Workers) => {
      startOn(backend);
      const model = masked();
      model.compile({ optimizer: 'adam', loss: new CTC(), metrics: [new CTC()] });
      const { history } = await model.fit(x, y, { epochs: 2, batchSize: 4, sampleWeight: weights, verbose: 0, workers });
      return [...flatWeights(model), ...Object.values(history).flat()];
    };
    const alone = await trained(0);
    expect(await trained(1)).toEqual(alone);
    const tolerance = backend.floatBytes === 8 ? WORKERS_FLOAT64 : WORKERS_FLOAT32;
    expectClose(await trained(2), alone, tolerance, 'two workers');
  });

  test('learns to spell: labels that stand somewhere in noise', async () => {
    const model = new Sequential([new LSTM(12, { returnSequences: true, inputShape: [10, 4] }), new Dense(4)]);
    const count = 48;
    const source = new RandomArrays(12);
    const labels = Array.from({ length: count }, () => Array.from(source.integers(2, 3), (label) => label + 1));
    const data = source.float32s(count * 40, -0.2, 0.2);
    for (const [b, [first, second]] of labels.entries())
      for (const [t, label] of [
        [b % 4, first],
        [5 + (b % 3), second],
      ] as const)
        data[(b * 10 + t) * 4 + (label as number)] += 1;
    const series = { shape: [count, 10, 4], data };
    model.compile({ optimizer: new Adam({ learningRate: 0.03 }), loss: new CTC() });
    await model.fit(series, labels, { epochs: 40, batchSize: 12, verbose: 0 });
    const outputs = await model.predict(series);
    for (const strategy of ['greedy', 'beamSearch'] as const) {
      const read = ctcDecode(outputs, { strategy, beamWidth: 5 }).map(([path]) => path?.labels.join());
      expect(read.filter((text, b) => text === labels[b]?.join()).length).toBeGreaterThan(45);
    }
  });

  if (backend.name === 'reference')
    test.each([
      ['plain', undefined],
      ['weighted', weights],
      ['weighted by steps', stepWeights],
    ])('the gradient is the derivative, %s', async (_, sampleWeight) => {
      const model = masked();
      const gradient = await expectGradient(model, x, y, { loss: new CTC(), sampleWeight });
      expect(gradient.every((value) => value !== 0)).toBe(true);
    });
});

describe('what is wrong is said', () => {
  test('with the options', () => {
    expect(() => new CTC({ maskIndex: -1 })).toThrow(ArgumentError);
    expect(() => new CTC({ maskIndex: -1 })).toThrow('CTC: maskIndex must be an integer of at least 0, got -1');
    expect(() => new CTC({ blank: 0 } as never)).toThrow(/CTC: unknown option 'blank'; the options are maskIndex/);
  });

  test('with the output', () => {
    const compiled =
      (model: Sequential, loss = new CTC()) =>
      () =>
        model.compile({ loss });
    const last = builtModel([new GRU(4)], [STEPS, FEATURES], random);
    expect(compiled(last)).toThrow(ShapeError);
    expect(compiled(last)).toThrow(
      "loss 'ctc' takes an output of shape [steps, classes] whose classes are the blank 0 and labels, got [4]",
    );
    expect(compiled(masked(), new CTC({ maskIndex: 4 }))).toThrow(ShapeError);
    expect(compiled(builtModel([new Dense(1)], [STEPS, FEATURES], random))).toThrow(ShapeError);
  });

  test('with metrics that compare each step', () => {
    const model = masked();
    expect(() => model.compile({ loss: new CTC(), metrics: ['accuracy'] })).toThrow(
      "metric 'accuracy' does not fit loss 'ctc', which takes sequences of labels",
    );
    expect(() => model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: [new CTC()] })).toThrow(
      /metric 'ctc' does not fit loss 'sparseCategoricalCrossentropy'/,
    );
  });

  test.each([
    ['a class that the output does not have', [[1, 4]], DataError, 'y[0][1] is 4, expected a class of the output: integers 0 to 3'],
    [
      'more labels than steps',
      [[0, 1, 1, 1, 1, 1, 2]],
      DataError,
      'y[0][6] is the label 2, but the output has 6 steps and cannot have more',
    ],
    ['one label for each sample', [1], ShapeError, "y has shape [1], but 1 samples and loss 'ctc' take sequences of labels, [1, labels]"],
    ['other samples', [[1], [1]], ShapeError, 'y has shape [2, 1], but 1 samples'],
  ] as const)('with targets: %s', async (_, target, type, message) => {
    const model = masked();
    model.compile({ loss: new CTC() });
    const evaluated = model.evaluate(tensor([1, STEPS, FEATURES], random), target as never, { verbose: 0 });
    await expect(evaluated).rejects.toThrow(type);
    await expect(evaluated).rejects.toThrow(message);
  });

  test.each([
    [{ strategy: 'beam' }, /ctcDecode: strategy must be one of 'greedy', 'beamSearch', got 'beam'/],
    [{ topPaths: 2 }, /topPaths is 2, but the strategy 'greedy' has one path: use strategy 'beamSearch'/],
    [{ strategy: 'beamSearch', mergeRepeated: false }, /mergeRepeated: false is for 'greedy'/],
    [{ maskIndex: 2 }, /maskIndex must be one of the classes 0 to 1, got 2/],
    [{ sequenceLengths: [3] }, /sequenceLengths\[0\] must be an integer from 0 to 2, got 3/],
    [{ sequenceLengths: [1, 1] }, /a length for each of 1 samples, got 2/],
    [{ width: 3 }, /unknown option 'width'/],
  ])('with decoding: %o', (options, message) => {
    const decode = () =>
      ctcDecode(
        [
          [
            [1, 0],
            [0, 1],
          ],
        ],
        options as never,
      );
    expect(decode).toThrow(ArgumentError);
    expect(decode).toThrow(message);
  });

  test('with outputs to decode', () => {
    expect(() => ctcDecode([[1, 2]])).toThrow('outputs must have shape [samples, steps, classes], got [1, 2]');
    expect(() => ctcDecode([[[1, Number.NaN]]])).toThrow(DataError);
    expect(() => ctcDecode([[[1, -0.5]]], { fromLogits: false })).toThrow('outputs[0][0][1] is -0.5, but fromLogits is false');
  });
});

test('beam search finds the reading that is likeliest over all paths, where the likeliest path reads otherwise', () => {
  // Graves 2006: the likeliest path is two blanks (0.36), and `a` has 0.64.
  const outputs = [
    [
      [0.6, 0.4],
      [0.6, 0.4],
    ],
  ];
  expect(ctcDecode(outputs, { fromLogits: false })[0]?.[0]).toEqual({ labels: [], score: -2 * Math.log(0.6) });
  const [paths] = ctcDecode(outputs, { fromLogits: false, strategy: 'beamSearch', topPaths: 9 });
  expect(paths?.map(({ labels }) => labels)).toEqual([[1], []]);
  expectClose(
    paths?.map(({ score }) => Math.exp(score)),
    [0.64, 0.36],
    { relative: 1e-14 },
    'probabilities',
  );
});

test('a wide beam has the probability of every reading', () => {
  const outputs = tensor([1, 5, 3], new RandomArrays(4), -2, 2);
  const [rows] = rowsOf(outputs, () => true);
  const [paths] = ctcDecode(outputs, { strategy: 'beamSearch', beamWidth: 1000, topPaths: 1000 });
  for (const { labels, score } of paths ?? [])
    expectClose([Math.exp(score)], [probabilityOf(rows as number[][], labels)], { relative: 1e-12 }, labels.join());
  expectClose([paths?.reduce((sum, { score }) => sum + Math.exp(score), 0) as number], [1], { relative: 1e-12 }, 'sum');
  expect(paths?.every(({ score }, n) => n === 0 || score <= (paths[n - 1]?.score as number))).toBe(true);
});
