import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { FormatError } from '../../../ts/core/errors.ts';
import { loadModel, type Model, type Tensor } from '../../../ts/node.ts';
import { type GoldenTensor, readGolden } from '../../golden/goldenFiles.ts';
import { expectClose } from '../../support/differences.ts';
import { caught, expectError } from '../../support/refusals.ts';

interface Case {
  readonly name: string;
  readonly file: string;
  readonly inputs: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
}

const { models } = readGolden<{ models: readonly Case[] }>('kerasLegacy');
const bytesOf = ({ file }: Case) => new Uint8Array(inflateSync(Buffer.from(file, 'base64')));

test.each(models)('$name, an .h5 file of Keras 2, predicts as in Keras', async (golden) => {
  const { name, inputs, outputs } = golden;
  const model = await loadModel<Model>(bytesOf(golden));
  const x = inputs.map(({ shape, data }): Tensor => ({ shape, data: Float64Array.from(data) }));
  const predicted: Tensor[] = [await model.predict(x.length === 1 ? (x[0] as Tensor) : x)].flat();
  for (const [index, { data }] of outputs.entries())
    expectClose(predicted[index]?.data, data, { relative: 1e-5 }, `output ${index} of ${name}`);
});

test('an .h5 file that is cut off is refused', async () => {
  const bytes = bytesOf(models[0] as Case);
  expectError(await caught(() => loadModel(bytes.subarray(0, bytes.length / 2))), FormatError, /is a damaged HDF5 file: it is cut off/);
});

test('the model is compiled as it was', async () => {
  const model = await loadModel<Model>(bytesOf(models[0] as Case));
  expect(model.optimizer.className).toBe('Adam');
  expect(model.iterations).toBe(0);
});
