import { beforeEach, describe, expect, test } from 'vitest';
import * as backtime from '../../ts/index.ts';
import { Dense, Input, type Metric, Model, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { goldenTolerance } from '../support/tolerances.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';
import { tensorOf } from './goldenModels.ts';

interface MetricCase {
  readonly name: string;
  readonly metric: 'Precision';
  readonly options: object;
  /** `[N, C]` */
  readonly prediction: GoldenTensor;
  /** `[N, C]`, or labels `[N]`. */
  readonly target: GoldenTensor;
  /** `[N]` */
  readonly weight: GoldenTensor;
  /** Of the rows as they are, and weighted. */
  readonly results: readonly number[];
}

const { cases } = readGolden<{ cases: MetricCase[] }>('moreMetrics');

// biome-ignore lint/performance/noDynamicNamespaceImportAccess: the golden file names the classes
const metricOf = ({ metric, options }: MetricCase): Metric => new backtime[metric](options);

/** A model that gives the predictions for the rows of an identity matrix. */
function modelOf(golden: MetricCase, steps: number | null): { model: Model; x: Tensor } {
  const [rows, units] = golden.prediction.shape as [number, number];
  const x: Tensor = { shape: steps === null ? [rows, rows] : [1, rows, rows], data: new Float64Array(rows * rows) };
  for (let row = 0; row < rows; row++) x.data[row * rows + row] = 1;
  const input = Input({ shape: x.shape.slice(1) });
  const valid = Input({ shape: [rows], dtype: 'bool' });
  const head = new Dense(units, { useBias: false });
  const model =
    steps === null
      ? new Model({ inputs: input, outputs: head.apply(input) })
      : new Model({ inputs: [input, valid], outputs: head.apply(input, { mask: valid }) });
  const loss = golden.target.shape.length === 1 ? 'sparseCategoricalCrossentropy' : 'mse';
  const metric = metricOf(golden);
  model.compile({ loss, metrics: [metric], weightedMetrics: [metric] });
  model.setWeights([{ shape: [rows, units], data: Float64Array.from(golden.prediction.data) }]);
  return { model, x };
}

describe.each(await availableBackends())('metrics on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const tolerance = goldenTolerance(backend);

  test.each(cases)('$name: of all batches it is that of Keras', async (golden) => {
    const { model, x } = modelOf(golden, null);
    const options = { sampleWeight: tensorOf(golden.weight), verbose: 0 as const };
    for (const batchSize of [5, 64]) {
      const [, ...values] = Object.values(await model.evaluate(x, tensorOf(golden.target), { ...options, batchSize })) as number[];
      expectClose(values, golden.results, tolerance, `metric in batches of ${batchSize}`);
    }
  });

  test.each(cases)('$name: masked steps do not count', async (golden) => {
    const { model, x } = modelOf(golden, golden.prediction.shape[0] as number);
    const { shape, data } = tensorOf(golden.target);
    const weights = golden.weight.data.map((weight, row) => (row % 3 !== 0 ? 0 : weight));
    const y = { shape: [1, ...shape], data };
    const mask = { shape: [1, weights.length], data: Float64Array.from(weights, (_, row) => (row % 3 !== 0 ? 0 : 1)) };
    const sampleWeight = { shape: [1, weights.length], data: Float64Array.from(golden.weight.data) };
    const masked = Object.values(await model.evaluate([x, mask], y, { sampleWeight, verbose: 0 })) as number[];
    const zeros = { shape: sampleWeight.shape, data: Float64Array.from(weights) };
    const all = { shape: mask.shape, data: new Float64Array(weights.length).fill(1) };
    const weighted = Object.values(await model.evaluate([x, all], y, { sampleWeight: zeros, verbose: 0 })) as number[];
    expect(masked[2]).toBe(weighted[2]);
    // Without weights: every step that is not masked counts once.
    const counted = Object.values(await model.evaluate([x, all], y, { sampleWeight: mask, verbose: 0 })) as number[];
    expect(masked[1]).toBe(counted[2]);
  });

  test.each(cases.filter(({ name }) => !name.endsWith('of 2')))('$name: workers and files have it too', async (golden) => {
    const { model, x } = modelOf(golden, null);
    const options = { sampleWeight: tensorOf(golden.weight), batchSize: 5, verbose: 0 as const };
    const here = await model.evaluate(x, tensorOf(golden.target), options);
    const there = await model.evaluate(x, tensorOf(golden.target), { ...options, workers: 2 });
    expectClose(Object.values(there) as number[], Object.values(here) as number[], { relative: 1e-6 }, 'in workers');
    const loaded = await backtime.loadModel(await backtime.modelToBytes(model));
    expect(await loaded.evaluate(x, tensorOf(golden.target), options)).toEqual(here);
  });
});
