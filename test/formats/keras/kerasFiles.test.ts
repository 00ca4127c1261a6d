import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Model, Tensor } from '../../../ts/node.ts';
import { loadModel } from '../../../ts/node.ts';
import { type GoldenTensor, readGolden } from '../../golden/goldenFiles.ts';
import { availableBackends } from '../../support/backends.ts';
import { expectClose } from '../../support/differences.ts';
import { startOn } from '../../support/modelBackends.ts';
import { goldenTolerance } from '../../support/tolerances.ts';

interface Case {
  readonly name: string;
  /** The file, packed by zlib, in base 64. */
  readonly file: string;
  readonly inputs: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
}

const { models } = readGolden<{ models: readonly Case[] }>('kerasFiles');
const bytesOf = ({ file }: Case) => new Uint8Array(inflateSync(Buffer.from(file, 'base64')));
const tensorsOf = (tensors: readonly GoldenTensor[]): Tensor[] =>
  tensors.map(({ shape, data }) => ({ shape, data: Float64Array.from(data) }));

async function outputsOf(model: Model, inputs: readonly GoldenTensor[]): Promise<Tensor[]> {
  const tensors = tensorsOf(inputs);
  const outputs: Tensor | Tensor[] | Record<string, Tensor> = await model.predict(tensors.length === 1 ? (tensors[0] as Tensor) : tensors);
  return 'shape' in outputs ? [outputs as Tensor] : Object.values(outputs);
}

for (const { label, backend } of await availableBackends()) {
  describe(`files of Keras on ${label}`, () => {
    test.each(models)('$name predicts as in Keras', async (golden) => {
      startOn(backend);
      const model = await loadModel<Model>(bytesOf(golden));
      const outputs = await outputsOf(model, golden.inputs);
      expect(outputs.map(({ shape }) => shape)).toEqual(golden.outputs.map(({ shape }) => shape));
      for (const [index, { data }] of golden.outputs.entries())
        expectClose(outputs[index]?.data, data, goldenTolerance(backend), `output ${index} of ${golden.name}`);
    });
  });
}
