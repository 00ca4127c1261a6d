import { beforeEach, describe, expect, test } from 'vitest';
import {
  Adam,
  ArgumentError,
  CRF,
  CRFLoss,
  type CRFOptions,
  Dense,
  Embedding,
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
import { startOn } from '../support/modelBackends.ts';
import { expectGradient, setFlatWeights } from '../support/modelGradients.ts';
import { builtModel, flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { TRAIN_STEP_FLOAT32, WORKERS_FLOAT32, WORKERS_FLOAT64 } from '../support/tolerances.ts';

const [COUNT, STEPS, FEATURES, TAGS, PADDING] = [6, 5, 4, 3, 9];
const random = new RandomArrays(5);
/** The steps that count, by sample: padded, with gaps, a single one, all and none. */
const VALID = [[1, 2, 3], [0, 1, 2, 3], [0, 2, 4], [3], [0, 1, 2, 3, 4], []];
const x = tensor([COUNT, STEPS, FEATURES], random);
for (const [b, valid] of VALID.entries())
  for (let t = 0; t < STEPS; t++) if (!valid.includes(t)) x.data.fill(PADDING, (b * STEPS + t) * FEATURES, (b * STEPS + t + 1) * FEATURES);
const y: Tensor = { shape: [COUNT, STEPS], data: random.integers(COUNT * STEPS, TAGS) };
const weights = { shape: [COUNT], data: Float64Array.of(1, 0.5, 2, 0.25, 1.5, 3) };
const stepWeights = { shape: [COUNT, STEPS], data: Float64Array.from({ length: COUNT * STEPS }, (_, index) => (index % 4) / 2 + 0.25) };

const tagger = (options: CRFOptions = {}, seed = 7) =>
  builtModel(
    [new Masking({ maskValue: PADDING }), new CRF(TAGS, { name: 'tags', ...options })],
    [STEPS, FEATURES],
    new RandomArrays(seed),
    1.5,
  );

/** All sequences of tags of a length. */
function* sequences(length: number): Generator<readonly number[]> {
  if (length === 0) yield [];
  else for (const rest of sequences(length - 1)) for (let tag = 0; tag < TAGS; tag++) yield [...rest, tag];
}

/** The score of tags of the valid steps of a sample, by the formula of the documentation. */
function scoreOf(model: Model, b: number, tags: readonly number[]): number {
  const of = (name: string) => model.weights.find((weight) => weight.path === `tags/${name}`)?.read() ?? null;
  const [kernel, bias, chain, left, right] = ['kernel', 'bias', 'chainKernel', 'leftBoundary', 'rightBoundary'].map(of);
  const valid = VALID[b] as number[];
  return tags.reduce((sum, tag, n) => {
    let energy = (bias?.[tag] ?? 0) + (n === 0 ? (left?.[tag] ?? 0) : 0) + (n === tags.length - 1 ? (right?.[tag] ?? 0) : 0);
    for (let d = 0; d < FEATURES; d++)
      energy +=
        x.data[(b * STEPS + (valid[n] as number)) * FEATURES + d] * (kernel ? (kernel[d * TAGS + tag] as number) : d === tag ? 1 : 0);
    return sum + energy + (n > 0 ? (chain?.[(tags[n - 1] as number) * TAGS + tag] as number) : 0);
  }, 0);
}

/** The probability of every sequence of tags of a sample. */
function enumerated(model: Model, b: number): { tags: readonly number[]; probability: number }[] {
  const all = [...sequences((VALID[b] as number[]).length)].map((tags) => ({ tags, power: Math.exp(scoreOf(model, b, tags)) }));
  const sum = all.reduce((total, { power }) => total + power, 0);
  return all.map(({ tags, power }) => ({ tags, probability: power / sum }));
}

const OPTIONS: [string, CRFOptions][] = [
  ['defaults', {}],
  ['without boundaries', { useBoundary: false }],
  ['without a bias', { useBias: false }],
  ['with a penalty and a constraint', { chainRegularizer: 'l2', boundaryConstraint: 'nonNeg', biasRegularizer: 'l1' }],
];

describe.each(await availableBackends())('CRF on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each(OPTIONS.slice(0, 3))('predicts the sequence with the highest score among all, %s', async (_, options) => {
    for (const seed of [1, 2, 3]) {
      const model = tagger(options, seed);
      const { shape, data } = await model.predict(x, { batchSize: 4 });
      expect(shape).toEqual([COUNT, STEPS, TAGS]);
      const expected = new Float64Array(data.length);
      for (const [b, valid] of VALID.entries()) {
        const best = enumerated(model, b).reduce((a, c) => (c.probability > a.probability ? c : a));
        for (const [n, tag] of best.tags.entries()) expected[(b * STEPS + (valid[n] as number)) * TAGS + tag] = 1;
      }
      expect(Float64Array.from(data)).toEqual(expected);
    }
  });

  test.each(OPTIONS.slice(0, 3))('predicts marginal probabilities, the sums over all sequences, %s', async (_, options) => {
    const model = tagger({ ...options, decoding: 'marginal' });
    const { data } = await model.predict(x);
    const expected = new Float64Array(data.length);
    for (const [b, valid] of VALID.entries())
      for (const { tags, probability } of enumerated(model, b))
        for (const [n, tag] of tags.entries()) expected[(b * STEPS + (valid[n] as number)) * TAGS + tag] += probability;
    expectClose(data, expected, TRAIN_STEP_FLOAT32, 'marginals');
  });

  test.each(OPTIONS.slice(0, 3))('its loss is the negative logarithm of the probability of the tags, %s', async (_, options) => {
    const model = tagger(options);
    const loss = new CRFLoss();
    model.compile({ loss, metrics: [loss, 'accuracy'], weightedMetrics: [loss] });
    const losses = VALID.map((valid, b) => {
      const tags = valid.map((t) => y.data[b * STEPS + t] as number).join();
      return -Math.log(enumerated(model, b).find((each) => each.tags.join() === tags)?.probability as number);
    });
    const counted = VALID.map((valid) => (valid.length > 0 ? 1 : 0));
    const total = (of: (b: number) => number) => losses.reduce((sum, _, b) => sum + of(b), 0);
    const plain = await model.evaluate(x, y, { batchSize: 4, verbose: 0 });
    // A sample without valid steps counts as one of the batch, and not in the mean of the metric.
    expectClose(
      [plain.loss, plain.crfLoss],
      [total((b) => losses[b] as number) / COUNT, total((b) => losses[b] as number) / 5],
      TRAIN_STEP_FLOAT32,
      'loss',
    );
    for (const sampleWeight of [weights, stepWeights]) {
      const weightOf = (b: number) => {
        const valid = VALID[b] as number[];
        if (sampleWeight === weights) return (counted[b] as number) * (weights.data[b] as number);
        return valid.reduce((sum, t) => sum + (stepWeights.data[b * STEPS + t] as number), 0) / Math.max(valid.length, 1);
      };
      const logs = await model.evaluate(x, y, { sampleWeight, verbose: 0 });
      const sum = total((b) => weightOf(b) * (losses[b] as number));
      expectClose([logs.loss, logs.weightedCrfLoss] as number[], [sum / COUNT, sum / total(weightOf)], TRAIN_STEP_FLOAT32, 'weighted loss');
    }
    const { data } = await model.predict(x);
    const right = VALID.flatMap((valid, b) => valid.map((t) => data[(b * STEPS + t) * TAGS + y.data[b * STEPS + t]] as number));
    expectClose([plain.accuracy], [right.reduce((a, c) => a + c) / right.length], TRAIN_STEP_FLOAT32, 'accuracy');
  });

  test('transitions that are forbidden stay so, and energies of any size give finite numbers', async () => {
    const model = tagger({ useBoundary: false });
    const set = (chain: readonly number[], scale: number) =>
      model.setWeights([
        tensor([FEATURES, TAGS], new RandomArrays(3), -scale, scale),
        { shape: [TAGS], data: new Float64Array(TAGS) },
        { shape: [TAGS, TAGS], data: Float64Array.from(chain) },
      ]);
    // From 0 only to 1, from 1 only to 2, from 2 only to 0.
    set([-1e4, 0, -1e4, -1e4, -1e4, 0, 0, -1e4, -1e4], 1);
    const { data } = await model.predict(x);
    for (const [b, valid] of VALID.entries()) {
      const tags = valid.map((t) => [0, 1, 2].findIndex((tag) => data[(b * STEPS + t) * TAGS + tag] === 1));
      expect(tags.every((tag, n) => n === 0 || tag === ((tags[n - 1] as number) + 1) % 3)).toBe(true);
    }
    for (const scale of [1, 1e4]) {
      set([-1e4, 0, 30, 5, 1e4, 0, 0, -1e4, 7], scale);
      model.compile({ loss: new CRFLoss(), optimizer: new SGD({ learningRate: 0.01 }) });
      expect((await model.trainOnBatch(x, y)).loss).toBeGreaterThan(0);
      expect(flatWeights(model).every(Number.isFinite)).toBe(true);
    }
  });

  test('one output of several, with the energies of another layer', async () => {
    const input = Input({ shape: [STEPS, FEATURES] });
    const states = new LSTM(4, { returnSequences: true }).apply(input);
    const energies = new Dense(TAGS, { name: 'energies' }).apply(states);
    const tags = new CRF(TAGS, { name: 'tags', useKernel: false }).apply(energies);
    const model = new Model({ inputs: input, outputs: [tags, energies] });
    const other = tensor([COUNT, STEPS, TAGS], random);
    model.compile({ optimizer: 'sgd', loss: [new CRFLoss(), 'mse'], lossWeights: [0.5, 2], metrics: [['accuracy'], []] });
    const { history } = await model.fit(x, [y, other], { batchSize: COUNT, verbose: 0 });
    const [tagsLoss, energiesLoss] = [history.tagsLoss?.[0], history.energiesLoss?.[0]] as [number, number];
    expectClose(history.loss, [0.5 * tagsLoss + 2 * energiesLoss], TRAIN_STEP_FLOAT32, 'loss');
    expect(model.countParams()).toBe(4 * 4 * (FEATURES + 4 + 1) + 4 * TAGS + TAGS + TAGS * TAGS + 2 * TAGS);
  });

  test('a saved model predicts the same and trains on with the same bits', async () => {
    const model = new Sequential([
      new Embedding(8, 4, { maskZero: true }),
      new GRU(5, { returnSequences: true }),
      new CRF(TAGS, OPTIONS[3]?.[1]),
    ]);
    model.compile({ optimizer: 'adam', loss: new CRFLoss(), metrics: ['accuracy', new CRFLoss()] });
    const ids = { shape: [COUNT, STEPS], data: random.integers(COUNT * STEPS, 8) };
    await model.fit(ids, y, { epochs: 2, verbose: 0 });
    const loaded = await loadModel(await modelToBytes(model));
    expect((await loaded.predict(ids)).data).toEqual((await model.predict(ids)).data);
    for (const each of [model, loaded]) await each.fit(ids, y, { epochs: 2, verbose: 0 });
    expect(flatWeights(loaded)).toEqual(flatWeights(model));
    expect(loaded.layers[2]?.getConfig()).toEqual(model.layers[2]?.getConfig());
    const copy = model.layers[2]?.clone('copy') as CRF;
    expect(copy.getWeights()).toEqual(model.layers[2]?.getWeights());
  });

  test('trains in workers as without', async () => {
    const trained = async (workers: Workers) => {
      startOn(backend);
      const model = tagger();
      model.compile({ optimizer: 'adam', loss: new CRFLoss(), metrics: ['accuracy', new CRFLoss()] });
      const { history } = await model.fit(x, y, { epochs: 2, batchSize: 4, sampleWeight: stepWeights, verbose: 0, workers });
      return [...flatWeights(model), ...Object.values(history).flat()];
    };
    const alone = await trained(0);
    expect(await trained(1)).toEqual(alone);
    expectClose(await trained(2), alone, backend.floatBytes === 8 ? WORKERS_FLOAT64 : WORKERS_FLOAT32, 'two workers');
  });

  test('learns what each step alone does not tell: tags that depend on the tag before', async () => {
    // Tag n + 1 follows tag n; only the first step says where the sequence begins.
    const count = 60;
    const source = new RandomArrays(3);
    const starts = source.integers(count, TAGS);
    const input = { shape: [count, STEPS, TAGS], data: source.float32s(count * STEPS * TAGS, -0.1, 0.1) };
    const tags = { shape: [count, STEPS], data: new Int32Array(count * STEPS) };
    for (let b = 0; b < count; b++) {
      input.data[b * STEPS * TAGS + (starts[b] as number)] += 1;
      for (let t = 0; t < STEPS; t++) tags.data[b * STEPS + t] = ((starts[b] as number) + t) % TAGS;
    }
    const accuracyOf = async (model: Sequential, loss: CRFLoss | 'sparseCategoricalCrossentropy') => {
      model.compile({ optimizer: new Adam({ learningRate: 0.05 }), loss, metrics: ['accuracy'] });
      await model.fit(input, tags, { epochs: 30, batchSize: 10, verbose: 0 });
      return (await model.evaluate(input, tags, { verbose: 0 })).accuracy as number;
    };
    const inputShape = [STEPS, TAGS];
    expect(await accuracyOf(new Sequential([new CRF(TAGS, { inputShape })]), new CRFLoss())).toBe(1);
    const alone = new Sequential([new Dense(TAGS, { activation: 'softmax', inputShape })]);
    expect(await accuracyOf(alone, 'sparseCategoricalCrossentropy')).toBeLessThan(0.6);
  });

  if (backend.name === 'reference')
    test.each([
      ...OPTIONS.map(([label, options]) => [label, () => tagger(options), x, undefined] as const),
      ['weighted', () => tagger(), x, weights] as const,
      ['weighted by steps', () => tagger(), x, stepWeights] as const,
      [
        'on energies of a recurrent layer, without a mask',
        () =>
          builtModel(
            [new GRU(TAGS, { returnSequences: true }), new CRF(TAGS, { useKernel: false })],
            [STEPS, FEATURES],
            new RandomArrays(7),
          ),
        tensor([COUNT, STEPS, FEATURES], random),
        weights,
      ] as const,
      [
        'on energies that are the input',
        () => builtModel([new CRF(TAGS, { useKernel: false, useBoundary: false })], [STEPS, TAGS], new RandomArrays(7)),
        tensor([COUNT, STEPS, TAGS], random),
        undefined,
      ] as const,
    ])('the gradient of the loss is the derivative: %s', async (_, make, input, sampleWeight) => {
      const model = make();
      // Where the constraint has nothing to do.
      setFlatWeights(model, flatWeights(model).map(Math.abs));
      const gradient = await expectGradient(model, input, y, { loss: new CRFLoss(), sampleWeight, learningRate: 1e-3 });
      expect(gradient.every((value) => value !== 0)).toBe(true);
    });
});

describe('what is wrong with a CRF is said', () => {
  test.each([
    [() => new CRF(0), 'CRF: units must be an integer of at least 1, got 0'],
    [() => new CRF(2, { decoding: 'best' as never }), "CRF: decoding must be one of 'viterbi', 'marginal', got 'best'"],
    [() => new CRF(2, { useKernel: false, useBias: true }), 'CRF: useBias needs the kernel, and useKernel is false'],
    [() => new CRF(2, { boundaryInitializer: 'orthogonal' }), "CRF: boundaryInitializer cannot be 'orthogonal'"],
    [() => new CRF(2, { transitions: 1 } as never), "CRF: unknown option 'transitions'"],
    [() => new CRFLoss({ fromLogits: true }), "CRFLoss: unknown option 'fromLogits'"],
  ])('%s', (make, message) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });

  test('with its input', () => {
    expect(() => builtModel([new CRF(3, { name: 'tags' })], [4], random)).toThrow(ShapeError);
    expect(() => builtModel([new CRF(3, { name: 'tags', useKernel: false })], [4, 2], random)).toThrow(
      'layer tags (CRF) takes energies [steps, 3] because useKernel is false, got samples of shape [4, 2]',
    );
  });

  test('with another loss, and with its loss on another layer', async () => {
    const model = tagger();
    model.compile({ loss: 'sparseCategoricalCrossentropy' });
    const trained = model.fit(x, y, { verbose: 0 });
    await expect(trained).rejects.toThrow(ArgumentError);
    await expect(trained).rejects.toThrow(/layer tags \(CRF\): its tags have no gradient. Make it the last layer .*loss: new CRFLoss\(\)/);
    const other = builtModel([new Dense(TAGS, { name: 'scores' })], [STEPS, FEATURES], random);
    expect(() => other.compile({ loss: new CRFLoss() })).toThrow(
      "loss 'crfLoss' takes the output of a CRF layer, but layer scores (Dense) makes it",
    );
  });

  test('with a layer after it that trains', async () => {
    const model = builtModel([new CRF(TAGS), new Dense(2)], [STEPS, FEATURES], random);
    model.compile({ loss: 'mse' });
    await expect(model.fit(tensor([2, STEPS, FEATURES], random), tensor([2, STEPS, 2], random), { verbose: 0 })).rejects.toThrow(
      /its tags have no gradient/,
    );
  });

  test('with a stream', () => {
    expect(() => tagger().stream()).toThrow(/CRF/);
  });
});
