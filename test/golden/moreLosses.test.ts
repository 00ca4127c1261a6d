import { beforeEach, describe, expect, test } from 'vitest';
import * as backtime from '../../ts/index.ts';
import { Dense, Input, type Loss, type LossLike, loadModel, Model, modelToBytes, SGD, type Tensor } from '../../ts/index.ts';
import { LOSS_FORMULAS } from '../../ts/objective/lossFormulas.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { goldenTrainingTolerance, TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';
import { type GoldenTensor, product, readGolden } from './goldenFiles.ts';
import { tensorOf } from './goldenModels.ts';

interface LossCase {
  readonly name: string;
  /** Backtime's class, or the function that makes it. */
  readonly loss: 'Huber' | 'sparseCategoricalCrossentropy';
  readonly options: object;
  /** `[N, C]` or `[B, T, C]`. */
  readonly prediction: GoldenTensor;
  readonly target: GoldenTensor;
  readonly weight: GoldenTensor | null;
  readonly mask: GoldenTensor | null;
  readonly value: number;
  readonly gradient: GoldenTensor;
}

const { cases } = readGolden<{ cases: LossCase[] }>('moreLosses');

function lossOf({ loss, options }: LossCase): Loss {
  // biome-ignore lint/performance/noDynamicNamespaceImportAccess: the golden file names the classes
  const made = backtime[loss];
  return /^[A-Z]/.test(loss)
    ? new (made as typeof backtime.Huber)(options)
    : (made as typeof backtime.sparseCategoricalCrossentropy)(options);
}

/**
 * A model whose weights are the predictions: row n of its kernel is the prediction of row n of its
 * inputs, which are an identity matrix.
 */
function modelOf({ prediction, mask }: LossCase, loss: LossLike, learningRate = 1): { model: Model; x: Tensor | Tensor[] } {
  const [units] = prediction.shape.slice(-1) as [number];
  const axes = prediction.shape.slice(0, -1);
  const rows = product(axes);
  const identity: Tensor = { shape: [...axes, rows], data: new Float64Array(rows * rows) };
  for (let row = 0; row < rows; row++) identity.data[row * rows + row] = 1;
  const inputs = [Input({ shape: identity.shape.slice(1) }), ...(mask ? [Input({ shape: axes.slice(1), dtype: 'bool' as const })] : [])];
  const [input, valid] = inputs as [(typeof inputs)[0], (typeof inputs)[0] | undefined];
  const outputs = new Dense(units, { useBias: false }).apply(input, valid ? { mask: valid } : {});
  const model = new Model({ inputs: mask ? inputs : input, outputs });
  model.compile({ optimizer: new SGD({ learningRate }), loss });
  model.setWeights([{ shape: [rows, units], data: Float64Array.from(prediction.data) }]);
  return { model, x: mask ? [identity, tensorOf(mask)] : identity };
}

const weightOf = ({ weight }: LossCase) => (weight ? { sampleWeight: tensorOf(weight) } : {});

describe.each(await availableBackends())('losses of models on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const tolerance = { ...goldenTrainingTolerance(backend), absolute: backend.floatBytes === 8 ? 1e-14 : 2e-7 };

  test.each(cases)('$name: value and gradient are those of Keras', async (golden) => {
    const { model, x } = modelOf(golden, lossOf(golden));
    const y = tensorOf(golden.target);
    const { loss } = await model.evaluate(x, y, { ...weightOf(golden), verbose: 0 });
    expectClose([loss as number], [golden.value], tolerance, 'loss');
    const before = flatWeights(model);
    await model.fit(x, y, { ...weightOf(golden), batchSize: golden.prediction.shape[0] as number, verbose: 0 });
    const gradient = flatWeights(model).map((after, index) => (before[index] as number) - after);
    // The difference of two float32 has their rounding.
    const rounding = backend.floatBytes === 8 ? tolerance : { ...tolerance, absolute: 3e-7 };
    expectClose(gradient, golden.gradient.data, rounding, 'gradient');
  });

  test.each(cases.filter(({ name }) => name.endsWith(' weights')))('$name: a metric weighs the same, and is saved', async (golden) => {
    const loss = lossOf(golden);
    const { model, x } = modelOf(golden, loss, 0.125);
    model.compile({ optimizer: 'adam', loss, metrics: [loss], weightedMetrics: [loss] });
    const y = tensorOf(golden.target);
    const logs = await model.evaluate(x, y, { ...weightOf(golden), batchSize: 2, verbose: 0 });
    const weights = golden.weight?.data as readonly number[];
    const ignored = 'ignoreClass' in golden.options ? golden.options.ignoreClass : null;
    const counted = weights.filter((_, row) => golden.target.data[row] !== ignored || golden.target.shape.length > 1);
    const sum = counted.reduce((total, weight) => total + weight, 0);
    const name = Object.keys(logs)[2] as string;
    expectClose([(logs[name] as number) * sum], [golden.value * counted.length], tolerance, name);
    const loaded = await loadModel(await modelToBytes(model));
    for (const each of [model, loaded]) await each.fit(x, y, { ...weightOf(golden), epochs: 2, batchSize: 2, verbose: 0 });
    expect(flatWeights(loaded)).toEqual(flatWeights(model));
    expect(await loaded.evaluate(x, y)).toEqual(await model.evaluate(x, y));
  });

  test.each(cases.filter(({ name }) => name.includes('steps')))('$name: several workers train as this thread does', async (golden) => {
    const run = async (workers: number) => {
      const { model, x } = modelOf(golden, lossOf(golden), 0.125);
      const options = { ...weightOf(golden), epochs: 2, batchSize: 4, shuffle: false, verbose: 0 as const, workers };
      const { history } = await model.fit(x, tensorOf(golden.target), options);
      return { loss: history.loss, weights: flatWeights(model) };
    };
    const [here, there] = [await run(0), await run(2)];
    expectClose(there.weights, here.weights, { absolute: 1e-6, ...TRAIN_STEP_FLOAT32 }, 'weights');
    expectClose(there.loss, here.loss, { absolute: 1e-6, ...TRAIN_STEP_FLOAT32 }, 'loss');
  });

  test.each(Object.keys(LOSS_FORMULAS))("'%s' is the class of that name with its defaults", async (name) => {
    const golden = cases.find(
      (each) => each.loss.toLowerCase() === name.toLowerCase() && Object.keys(each.options).length === 0,
    ) as LossCase;
    const { model, x } = modelOf(golden, name as LossLike);
    model.compile({ loss: name as LossLike, metrics: [name as LossLike & string] as never });
    const logs = await model.evaluate(x, tensorOf(golden.target), { verbose: 0 });
    expectClose([logs.loss as number, logs[name] as number], [golden.value, golden.value], tolerance, 'loss');
    const loaded = await loadModel(await modelToBytes(model));
    expect(await loaded.evaluate(x, tensorOf(golden.target), { verbose: 0 })).toEqual(logs);
    expect(model.getState().compile).toMatchObject({ loss: name });
  });
});
