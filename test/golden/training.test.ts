import { beforeAll, describe, expect, test } from 'vitest';
import { setBackend } from '../../ts/backend/select.ts';
import type { Sequential } from '../../ts/model/sequential.ts';
import type { LossName } from '../../ts/objective/lossRegistry.ts';
import type { MetricName } from '../../ts/objective/metrics.ts';
import { Adam } from '../../ts/optimizers/adam.ts';
import type { Optimizer } from '../../ts/optimizers/optimizer.ts';
import { RMSprop } from '../../ts/optimizers/rmsProp.ts';
import { SGD } from '../../ts/optimizers/sgd.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose, type Tolerance } from '../support/differences.ts';
import { goldenTolerance, goldenTrainingTolerance } from '../support/tolerances.ts';
import { type GoldenLayer, type GoldenTensor, type NamedTensors, readGolden } from './goldenFiles.ts';
import { goldenModel, namedValues, tensorOf } from './goldenModels.ts';

interface TrainingCase {
  readonly name: string;
  readonly layers: readonly GoldenLayer[];
  readonly optimizer: keyof typeof OPTIMIZERS;
  readonly optimizerOptions: object;
  readonly loss: LossName;
  readonly x: GoldenTensor;
  readonly y: GoldenTensor;
  /** The weights of every layer after training. */
  readonly after: readonly NamedTensors[];
}

interface StepsCase extends TrainingCase {
  /** Of ten steps on the same batch, each from before its step. */
  readonly losses: readonly number[];
}

interface FitCase extends TrainingCase {
  readonly metrics: readonly MetricName[];
  readonly weightedMetrics: readonly MetricName[];
  readonly sampleWeight: GoldenTensor | null;
  readonly fit: {
    readonly batchSize: number;
    readonly epochs: number;
    readonly validationSplit: number;
    readonly classWeight?: Readonly<Record<number, number>>;
  };
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly evaluate: Readonly<Record<string, number>>;
  readonly predict: GoldenTensor;
}

interface ChainCase {
  readonly name: string;
  readonly layers: readonly GoldenLayer[];
  readonly ids: GoldenTensor | null;
  readonly x: GoldenTensor | null;
  readonly output: GoldenTensor;
}

const OPTIMIZERS = { SGD, RMSprop, Adam };
const { steps, fits } = readGolden<{ steps: StepsCase[]; fits: FitCase[] }>('training');
const { chains } = readGolden<{ chains: ChainCase[] }>('layers');

describe.each(await availableBackends())('Sequential on $label does what Keras does', ({ backend }) => {
  beforeAll(() => setBackend(backend.name, { deterministic: backend.build !== 'relaxed-simd' }));
  const tolerance = goldenTrainingTolerance(backend);

  test.each(chains)('predicts: $name', async ({ layers, ids, x, output }) => {
    const input = (ids ?? x) as GoldenTensor;
    using model = goldenModel(layers, input);
    const predicted = await model.predict(tensorOf(input), { batchSize: 2 });
    expect(predicted.shape).toEqual(output.shape);
    expectClose(predicted.data, output.data, goldenTolerance(backend), 'output');
  });

  test.each(steps)('trains ten steps: $name', async (golden) => {
    using model = compiledModel(golden);
    const losses: number[] = [];
    for (let step = 0; step < golden.losses.length; step++) {
      losses.push((await model.trainOnBatch(tensorOf(golden.x), tensorOf(golden.y))).loss);
    }
    expectClose(losses, golden.losses, tolerance, 'loss of step');
    expectWeights(model, golden.after, tolerance);
  });

  test.each(fits)('fits, evaluates and predicts: $name', async (golden) => {
    using model = compiledModel(golden, golden.metrics, golden.weightedMetrics);
    const [x, y] = [tensorOf(golden.x), tensorOf(golden.y)];
    const sampleWeight = golden.sampleWeight ? { sampleWeight: tensorOf(golden.sampleWeight) } : {};
    const { history } = await model.fit(x, y, { ...golden.fit, ...sampleWeight, shuffle: false, verbose: 0 });
    expect(Object.keys(history).sort()).toEqual(Object.keys(golden.history).sort());
    for (const [name, values] of Object.entries(golden.history)) expectClose(history[name], values, tolerance, name);
    expectWeights(model, golden.after, tolerance);

    const { batchSize } = golden.fit;
    const logs = await model.evaluate(x, y, { batchSize });
    for (const [name, value] of Object.entries(golden.evaluate)) expectClose([logs[name]], [value], tolerance, `evaluate: ${name}`);
    expectClose((await model.predict(x, { batchSize })).data, golden.predict.data, tolerance, 'predict');
  });
});

function compiledModel(
  { layers, x, optimizer, optimizerOptions, loss }: TrainingCase,
  metrics: readonly MetricName[] = [],
  weightedMetrics: readonly MetricName[] = [],
): Sequential {
  const model = goldenModel(layers, x);
  const made: Optimizer = new OPTIMIZERS[optimizer](optimizerOptions);
  model.compile({ optimizer: made, loss, metrics, weightedMetrics });
  return model;
}

function expectWeights(model: Sequential, after: readonly NamedTensors[], tolerance: Tolerance): void {
  const weights = model.getWeights();
  for (const [index, [name, values]] of namedValues(after).entries())
    expectClose(weights[index].data, values, tolerance, `${name} after training`);
}
