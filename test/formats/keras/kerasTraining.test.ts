import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Model, Tensor } from '../../../ts/node.ts';
import { loadModel, modelToBytes } from '../../../ts/node.ts';
import { type GoldenTensor, readGolden } from '../../golden/goldenFiles.ts';
import { availableBackends } from '../../support/backends.ts';
import { expectClose } from '../../support/differences.ts';
import { startOn } from '../../support/modelBackends.ts';
import { goldenTrainingTolerance } from '../../support/tolerances.ts';

/** A compiled model after one step, and two more on the same batch. */
interface Case {
  readonly name: string;
  /** The file, packed by zlib, in base 64. */
  readonly file: string;
  readonly inputs: readonly GoldenTensor[];
  readonly targets: readonly GoldenTensor[];
  readonly losses: readonly number[];
  /** After these steps, in the order of `getWeights`. */
  readonly weights: readonly GoldenTensor[];
}

/** Sums that begin at another number than Keras's are rounded to float32 when they are read. */
const IN_FILE = 1e-7;

const { models } = readGolden<{ models: readonly Case[] }>('kerasTraining');
const bytesOf = ({ file }: Case) => new Uint8Array(inflateSync(Buffer.from(file, 'base64')));

function dataOf(tensors: readonly GoldenTensor[]): Tensor | Tensor[] {
  const all = tensors.map(({ shape, data }): Tensor => ({ shape, data: Float64Array.from(data) }));
  return all.length === 1 ? (all[0] as Tensor) : all;
}

async function expectTraining(model: Model, { name, inputs, targets, losses, weights }: Case, tolerance: { readonly relative?: number }) {
  expect(model.iterations).toBe(1);
  for (const [step, expected] of losses.entries()) {
    const { loss } = await model.trainOnBatch(dataOf(inputs), dataOf(targets));
    expectClose([loss as number], [expected], tolerance, `loss ${step} of ${name}`);
  }
  for (const [index, { data }] of model.getWeights().entries())
    expectClose(data, weights[index]?.data, tolerance, `${model.weights[index]?.path} of ${name}`);
}

for (const { label, backend } of await availableBackends()) {
  describe(`compiled models of Keras on ${label}`, () => {
    test.each(models)('$name is trained on', async (golden) => {
      startOn(backend);
      const { relative = 0 } = goldenTrainingTolerance(backend);
      await expectTraining(await loadModel<Model>(bytesOf(golden)), golden, { relative: Math.max(relative, IN_FILE) });
    });

    test.each(models)('$name is trained on after it was saved again', async (golden) => {
      startOn(backend);
      const again = await modelToBytes(await loadModel<Model>(bytesOf(golden)), { format: 'keras' });
      await expectTraining(await loadModel<Model>(again), golden, { relative: 5e-6 });
    });
  });
}
