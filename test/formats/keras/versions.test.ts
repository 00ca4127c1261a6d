import { inflateSync } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { type InputsLike, loadModel, type Model, type Tensor } from '../../../ts/node.ts';
import { type GoldenTensor, readGolden } from '../../golden/goldenFiles.ts';
import { expectClose } from '../../support/differences.ts';
import { startOn } from '../../support/modelBackends.ts';

const reference = await loadBackend('reference');
beforeEach(() => startOn(reference));

interface Case {
  readonly name: string;
  /** The file, packed by zlib, in base 64. */
  readonly file: string;
  readonly inputs: readonly GoldenTensor[];
}

/** A compiled model after one step, and two more on the same batch. */
interface Trained extends Case {
  readonly targets: readonly [GoldenTensor];
  readonly losses: readonly number[];
  readonly weights: readonly GoldenTensor[];
}

const { models, training } = readGolden<{
  models: readonly (Case & { readonly outputs: readonly GoldenTensor[] })[];
  training: readonly Trained[];
}>('kerasVersions');
const bytesOf = ({ file }: Case) => new Uint8Array(inflateSync(Buffer.from(file, 'base64')));
const tensorOf = ({ shape, data }: GoldenTensor): Tensor => ({ shape, data: Float64Array.from(data) });
/** Keras computed in float32. */
const IN_FLOAT32 = { relative: 1e-5 };

test.each(models)('$name predicts as in Keras', async (golden) => {
  const model = await loadModel<Model>(bytesOf(golden));
  const x = golden.inputs.map(tensorOf);
  const predicted = (await model.predict((x.length === 1 ? x[0] : x) as InputsLike)) as Tensor | Record<string, Tensor>;
  const outputs =
    golden.outputs.length === 1 ? [predicted as Tensor] : ['value', 'kind'].map((name) => (predicted as Record<string, Tensor>)[name]);
  for (const [index, { data }] of golden.outputs.entries())
    expectClose(outputs[index]?.data, data, IN_FLOAT32, `output ${index} of ${golden.name}`);
});

test.each(training)('$name goes on as in Keras', async (golden) => {
  const { name, inputs, targets, losses, weights } = golden;
  const model = await loadModel<Model>(bytesOf(golden));
  expect(model.iterations).toBe(1);
  for (const [step, loss] of losses.entries()) {
    const found = await model.trainOnBatch(tensorOf(inputs[0] as GoldenTensor), tensorOf(targets[0]));
    expectClose([found.loss as number], [loss], { relative: 1e-4 }, `loss ${step} of ${name}`);
  }
  for (const [index, { data }] of model.getWeights().entries())
    expectClose(data, weights[index]?.data, { relative: 1e-4 }, `${model.weights[index]?.path} of ${name}`);
});
