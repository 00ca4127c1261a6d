import { beforeEach, describe, expect, test } from 'vitest';
import * as backtime from '../../ts/index.ts';
import { Dense, Input, loadModel, Model, modelToBytes, type Optimizer, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { goldenTrainingTolerance, TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';
import { tensorOf } from './goldenModels.ts';

interface OptimizerCase {
  readonly name: string;
  readonly optimizer: 'SGD';
  readonly options: { readonly useEma?: boolean; readonly gradientAccumulationSteps?: number };
  /** `[3, 5]` and `[1, 7]` */
  readonly parameters: readonly GoldenTensor[];
  /** Of each batch, for each weight. */
  readonly gradients: readonly (readonly GoldenTensor[])[];
  /** The weights after each batch. */
  readonly after: readonly (readonly GoldenTensor[])[];
  /** The weights after `fit`. */
  readonly finalized: readonly GoldenTensor[];
}

const { cases } = readGolden<{ cases: OptimizerCase[] }>('moreOptimizers');

// biome-ignore lint/performance/noDynamicNamespaceImportAccess: the golden file names the classes
const optimizerOf = ({ optimizer, options }: OptimizerCase): Optimizer => new backtime[optimizer](options);

const identity: Tensor = { shape: [3, 3], data: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
const firstRow: Tensor = { shape: [3, 1], data: Float64Array.of(1, 0, 0) };

/** A model of two kernels, whose gradients are those of its outputs. */
function modelOf(golden: OptimizerCase): Model {
  const inputs = [Input({ shape: [3] }), Input({ shape: [1] })];
  const outputs = golden.parameters.map(({ shape }, index) =>
    new Dense(shape[1] as number, { useBias: false, name: index === 0 ? 'first' : 'second' }).apply(inputs[index] as (typeof inputs)[0]),
  );
  const model = new Model({ inputs, outputs });
  model.compile({ optimizer: optimizerOf(golden), loss: 'mse' });
  model.setWeights(golden.parameters.map(tensorOf));
  return model;
}

async function step(model: Model, [first, second]: readonly GoldenTensor[]): Promise<void> {
  const pass = await model.forward([identity, firstRow]);
  const padded = { shape: [3, 7], data: Float64Array.from({ length: 21 }, (_, index) => second?.data[index] ?? 0) };
  pass.backward([tensorOf(first as GoldenTensor), padded] as never);
  model.applyGradients();
}

describe.each(await availableBackends())('optimizers of models on $label', ({ label, backend }) => {
  beforeEach(() => startOn(backend));
  const tolerance = goldenTrainingTolerance(backend);

  test.each(cases)('$name: weights move as those of Keras', async (golden) => {
    const model = modelOf(golden);
    for (const [index, gradients] of golden.gradients.entries()) {
      await step(model, gradients);
      for (const [place, weight] of model.getWeights().entries())
        expectClose(weight.data, golden.after[index]?.[place]?.data as number[], tolerance, `weight ${place} after batch ${index + 1}`);
    }
  });

  test.each(cases)('$name: files keep what it keeps', async (golden) => {
    const model = modelOf(golden);
    for (const gradients of golden.gradients.slice(0, 3)) await step(model, gradients);
    const loaded = (await loadModel(await modelToBytes(model))) as Model;
    expect(loaded.optimizer?.getConfig()).toEqual(model.optimizer?.getConfig());
    for (const gradients of golden.gradients.slice(3)) for (const each of [model, loaded]) await step(each, gradients);
    expect(flatWeights(loaded)).toEqual(flatWeights(model));
  });

  test.each(cases.filter(({ name }) => label !== 'reference' || /ema|Accumulation/i.test(name)))(
    '$name: several workers train as this thread does',
    async (golden) => {
      const x = [
        { shape: [12, 3], data: Float64Array.from({ length: 36 }, (_, index) => Math.sin(index)) },
        { shape: [12, 1], data: Float64Array.from({ length: 12 }, (_, index) => Math.cos(index)) },
      ];
      const y = [
        { shape: [12, 5], data: Float64Array.from({ length: 60 }, (_, index) => Math.cos(index)) },
        { shape: [12, 7], data: Float64Array.from({ length: 84 }, (_, index) => Math.sin(index)) },
      ];
      const run = async (workers: number) => {
        const model = modelOf(golden);
        const options = { batchSize: 4, shuffle: false, verbose: 0 as const, workers };
        await model.fit(x, y, { ...options, epochs: 2 });
        await model.fit(x, y, { ...options, epochs: 1 });
        return { model, weights: flatWeights(model) };
      };
      const [here, there] = [await run(0), await run(2)];
      expectClose(there.weights, here.weights, { absolute: 1e-5, ...TRAIN_STEP_FLOAT32 }, 'weights');
      const slots = ({ model }: { model: Model }) => model.getState().compile?.slots.flatMap(({ data }) => [...data]) ?? [];
      expectClose(slots(there), slots(here), { absolute: 1e-5, ...TRAIN_STEP_FLOAT32 }, 'slots');
    },
  );

  test('fit gives weights their averages at its end, before onTrainEnd', async () => {
    for (const golden of cases.filter(({ options }) => options.useEma)) {
      const model = modelOf(golden);
      for (const gradients of golden.gradients) await step(model, gradients);
      const ended: number[] = [];
      const onTrainEnd = () => void ended.push(...flatWeights(model));
      const x = [identity, firstRow];
      // The weights are those of least error: the gradient is 0, and only the average moves.
      const y = (await model.predict(x)) as Tensor[];
      const before = model.getState().compile?.slots.filter(({ name }) => name.endsWith('/average')) ?? [];
      expect(before).toHaveLength(2);
      const { options } = golden;
      if (options.gradientAccumulationSteps === undefined && golden.optimizer === 'SGD') {
        const weights = flatWeights(model);
        const averages = before.flatMap(({ data }) => [...data]);
        await model.fit(x, y as never, { verbose: 0, callbacks: [{ onTrainEnd }] });
        const expected = averages.map((average, index) => 0.75 * average + 0.25 * (weights[index] as number));
        expectClose(ended, expected, tolerance, 'weights');
      } else await model.fit(x, y as never, { verbose: 0, callbacks: [{ onTrainEnd }] });
      const averages = model.getState().compile?.slots.filter(({ name }) => name.endsWith('/average')) ?? [];
      expect(ended).toEqual(averages.flatMap(({ data }) => [...data]));
    }
  });

  test.each(cases.filter(({ options }) => options.useEma))('$name: the averages are those of Keras', async (golden) => {
    const model = modelOf(golden);
    for (const gradients of golden.gradients) await step(model, gradients);
    const averages = model.getState().compile?.slots.filter(({ name }) => name.endsWith('/average')) ?? [];
    for (const [index, { data }] of averages.entries())
      expectClose(data, golden.finalized[index]?.data as number[], tolerance, `average ${index}`);
  });
});
