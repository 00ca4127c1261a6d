import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  type CompileOptions,
  DataError,
  Dense,
  GRU,
  Input,
  loadBackend,
  loadModel,
  Masking,
  Model,
  modelToBytes,
  SGD,
  type SymbolicTensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { centralDifferences, expectClose } from '../support/differences.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';
import { setFlatWeights } from '../support/modelGradients.ts';
import { expectSameWeights, flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { GRADIENT_FLOAT64 } from '../support/tolerances.ts';

const random = new RandomArrays(7);
const X = tensor([6, 4, 3], random);
const NEXT = tensor([6, 4, 2], random);
const TAGS = Float64Array.of(0, 2, 1, 1, 0, 2);
const TAG_WEIGHTS = Float64Array.of(1, 0, 2, 1, 0.5, 3);

/** A shared GRU, whose sequence gives the next values, and whose last state gives a tag. */
function twoHeads(masked = false): Model {
  const input = Input({ shape: [null, 3] });
  const read = masked ? new Masking().apply(input) : input;
  const [sequence, state] = new GRU(4, { name: 'reader', returnSequences: true, returnState: true }).apply(read) as unknown as [
    SymbolicTensor,
    SymbolicTensor,
  ];
  const next = new Dense(2, { name: 'next' }).apply(sequence);
  const tags = new Dense(3, { name: 'tags', activation: 'softmax' }).apply(state);
  return new Model({ inputs: input, outputs: [next, tags] });
}

const OPTIONS = {
  loss: { next: 'mse', tags: 'sparseCategoricalCrossentropy' },
  metrics: { tags: ['accuracy'] },
} as const satisfies CompileOptions;

function compile(model: Model, options: Partial<CompileOptions> = {}): Model {
  model.compile({ optimizer: new SGD({ learningRate: 0.3 }), ...OPTIONS, ...options });
  return model;
}

/** The same weights in a model of one of the outputs. */
function alone(model: Model, name: 'next' | 'tags'): Model {
  const one = new Model({ inputs: model.inputs, outputs: model.outputs[name === 'next' ? 0 : 1] as SymbolicTensor });
  const loss = OPTIONS.loss[name];
  one.compile({ optimizer: 'sgd', loss, ...(name === 'tags' ? { metrics: ['accuracy'] } : {}) });
  return one;
}

describe.each(await availableBackends())('a model of two outputs on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test('reports the weighted sum of the losses, the loss of each output and its metrics', async () => {
    const model = twoHeads();
    const cases: [lossWeights: CompileOptions['lossWeights'], next: number, tags: number][] = [
      [undefined, 1, 1],
      [[0.5, 3], 0.5, 3],
      [{ tags: 3 }, 1, 3],
      [{ next: 2, tags: 0 }, 2, 0],
    ];
    for (const [lossWeights, first, second] of cases) {
      compile(model, lossWeights ? { lossWeights } : {});
      const logs = await model.evaluate(X, [NEXT, TAGS], { batchSize: 4 });
      expect(Object.keys(logs)).toEqual(['loss', 'nextLoss', 'tagsLoss', 'tagsAccuracy']);
      const next = await alone(model, 'next').evaluate(X, NEXT);
      const tags = await alone(model, 'tags').evaluate(X, TAGS);
      expect(logs.nextLoss).toBeCloseTo(next.loss as number, 5);
      expect(logs.tagsLoss).toBeCloseTo(tags.loss as number, 5);
      expect(logs.tagsAccuracy).toBeCloseTo(tags.accuracy as number, 5);
      expect(logs.loss).toBeCloseTo((next.loss as number) * first + (tags.loss as number) * second, 5);
    }
  });

  test('weighs the loss of masked steps as it is without a mask', async () => {
    const model = compile(twoHeads(true), { lossWeights: [3, 1] });
    const padded = { shape: X.shape, data: X.data.slice() };
    padded.data.fill(0, 6, 12);
    const logs = await model.evaluate(padded, [NEXT, TAGS]);
    const next = await alone(model, 'next').evaluate(padded, NEXT);
    expect(logs.nextLoss).toBeCloseTo(next.loss as number, 5);
    expect(logs.loss).toBeCloseTo(3 * (next.loss as number) + (logs.tagsLoss as number), 5);
  });

  test('takes targets and sample weights by the names of outputs', async () => {
    const model = compile(twoHeads());
    const given = await model.evaluate(X, [NEXT, TAGS]);
    expect(await model.evaluate(X, { tags: TAGS, next: NEXT })).toEqual(given);
    const weighted = await model.evaluate(X, [NEXT, TAGS], { sampleWeight: { tags: TAG_WEIGHTS } });
    expect(weighted.nextLoss).toBe(given.nextLoss);
    const tags = await alone(model, 'tags').evaluate(X, TAGS, { sampleWeight: TAG_WEIGHTS });
    expect(weighted.tagsLoss).toBeCloseTo(tags.loss as number, 5);
    expect(weighted.tagsLoss).not.toBeCloseTo(given.tagsLoss as number, 2);
  });

  test('learns both, with validation, and trains on to the same bits after loading', async () => {
    const model = compile(twoHeads(), { lossWeights: { next: 1, tags: 0.5 } });
    const options = { epochs: 40, batchSize: 3, shuffle: false, verbose: 0 } as const;
    const { history } = await model.fit(X, [NEXT, TAGS], { ...options, validationData: [X, [NEXT, TAGS]] });
    expect(Object.keys(history)).toEqual(
      expect.arrayContaining(['tagsAccuracy', 'valLoss', 'valNextLoss', 'valTagsLoss', 'valTagsAccuracy']),
    );
    for (const name of ['loss', 'nextLoss', 'tagsLoss', 'valLoss']) {
      const losses = history[name] as readonly number[];
      expect(losses.at(-1), name).toBeLessThan((losses[0] as number) * 0.9);
    }
    const loaded = (await loadModel(await modelToBytes(model))) as Model;
    const warnings = givenWarnings();
    for (const each of [model, loaded]) await each.fit(X, [NEXT, TAGS], { ...options, epochs: 2 });
    expectSameWeights(loaded, model);
    expect(warnings).toEqual([]);
  });

  test('an output whose loss weighs 0 trains nothing', async () => {
    const model = compile(twoHeads(), { lossWeights: { next: 1, tags: 0 } });
    const before = model.getLayer('tags').getWeights();
    await model.fit(X, [NEXT, TAGS], { epochs: 2, verbose: 0 });
    expect(model.getLayer('tags').getWeights()).toEqual(before);
  });
});

test('the gradient is the derivative of the weighted sum', async () => {
  startOn(await loadBackend('reference'));
  const model = compile(twoHeads(), { optimizer: new SGD({ learningRate: 1 }), lossWeights: { next: 0.5, tags: 3 } });
  await model.evaluate(X, [NEXT, TAGS]);
  const weights = flatWeights(model);
  const y = { next: NEXT, tags: TAGS };
  await model.trainOnBatch(X, y, { tags: TAG_WEIGHTS });
  const after = flatWeights(model);
  const gradient = weights.map((value, index) => value - (after[index] as number));
  const points: Float64Array[] = [];
  const probe = weights.slice();
  centralDifferences(() => points.push(probe.slice()), probe);
  const losses: number[] = [];
  for (const point of points) {
    setFlatWeights(model, point);
    losses.push((await model.evaluate(X, y, { sampleWeight: { tags: TAG_WEIGHTS } })).loss as number);
  }
  let next = 0;
  const expected = centralDifferences(() => losses[next++] as number, weights.slice());
  expectClose(gradient, expected, GRADIENT_FLOAT64, 'gradient');
});

test('what does not fit the outputs is refused by name', async () => {
  startOn(await loadBackend('reference'));
  const model = compile(twoHeads());
  const refused = (options: Partial<CompileOptions>, message: RegExp) =>
    expect(() => compile(model, options)).toThrow(expect.objectContaining({ code: 'ARGUMENT', message: expect.stringMatching(message) }));
  refused({ loss: { next: 'mse' } as never }, /^compile: loss lacks 'tags': give one for each of next, tags$/);
  refused({ loss: ['mse'] }, /^compile: loss must have one element for each of next, tags, got an array of 1$/);
  refused({ loss: { next: 'mse', tags: 'mse', other: 'mse' } as never }, /^compile: loss has 'other', expected one of next, tags$/);
  refused({ lossWeights: { next: -1, tags: 1 } }, /^compile: lossWeights of output next must be .*got -1/);
  refused({ metrics: { tags: ['nonsense'] } as never }, /^compile: metrics\[0\] of output tags must be .*got 'nonsense'/);
  refused({ weightedMetrics: { tags: ['mse', 'mse'] } as never }, /^compile: weightedMetrics of output tags has .* twice$/);
  refused({ loss: { next: 'mse', tags: 'nonsense' } as never }, /^compile: loss of output tags must be .*got 'nonsense'/);
  refused(
    { loss: { next: 'mse', tags: null } as never },
    /^compile: loss of output tags is null, .*: train a second Model of the outputs that have a loss, which shares the weights$/,
  );
  await expect(model.evaluate(X, NEXT)).rejects.toThrow(ArgumentError);
  await expect(model.evaluate(X, [NEXT, Float64Array.of(0, 1, 2, 3, 0, 1)])).rejects.toThrow(DataError);
  await expect(model.fit(X, [NEXT, TAGS], { classWeight: { 0: 1 } })).rejects.toThrow(/classWeight is for models of one output/);
});

test('workers train both outputs', async () => {
  startOn(await loadBackend('reference'));
  const first = compile(twoHeads());
  await first.evaluate(X, [NEXT, TAGS]);
  const start = first.getWeights();
  const runs = await Promise.all(
    [0, 1, 2].map(async (workers) => {
      const model = compile(twoHeads(), { lossWeights: [1, 0.5] });
      await model.evaluate(X, [NEXT, TAGS]);
      model.setWeights(start);
      const options = { epochs: 2, batchSize: 4, shuffle: false, verbose: 0, workers } as const;
      const { history } = await model.fit(X, [NEXT, TAGS], { ...options, sampleWeight: { tags: TAG_WEIGHTS } });
      return { weights: flatWeights(model), history };
    }),
  );
  const [here, there, shared] = runs as [(typeof runs)[0], (typeof runs)[0], (typeof runs)[0]];
  expect(there).toEqual(here);
  expectClose(shared.weights, here.weights, GRADIENT_FLOAT64, 'weights');
  const values = (history: Record<string, readonly number[]>) => Float64Array.from(Object.values(history).flat());
  expectClose(values(shared.history), values(here.history), GRADIENT_FLOAT64, 'history');
});
