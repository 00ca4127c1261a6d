import { expect, test } from 'vitest';
import { FormatError } from '../../../ts/core/errors.ts';
import { writeZip } from '../../../ts/data/writeZip.ts';
import { ZipArchive } from '../../../ts/data/zip.ts';
import type { HDF5Dataset } from '../../../ts/formats/hdf5/dataset.ts';
import { readHDF5 } from '../../../ts/formats/hdf5/readHDF5.ts';
import { writeHDF5 } from '../../../ts/formats/hdf5/writeHDF5.ts';
import { joinedBytes } from '../../../ts/formats/joinedBytes.ts';
import { datasetsIn } from '../../../ts/formats/keras/readWeights.ts';
import { Dense, loadModel, type Model, modelToBytes, Sequential } from '../../../ts/node.ts';
import { caught, expectError } from '../../support/refusals.ts';

const ITERATIONS = 'optimizer/vars/0';
const WEIGHTS = 'model.weights.h5';

/** A `.keras` file of a compiled model, with other iterations of its optimizer. */
async function fileWith(iterations: { shape: readonly number[]; data: Float32Array }): Promise<Uint8Array> {
  const model = new Sequential([new Dense(1, { inputShape: [2] })]);
  model.compile({ optimizer: 'adam', loss: 'mse' });
  const archive = new ZipArchive(await modelToBytes(model, { format: 'keras' }), 'test');
  const file = readHDF5(archive.read(WEIGHTS), 'test');
  const datasets = datasetsIn(file, '').map((path) => {
    const found = file.get(path) as HDF5Dataset;
    return path === ITERATIONS ? { path, ...iterations } : { path, shape: found.shape, data: found.read() as Float32Array };
  });
  const entries = archive.names.map((name) => [name, name === WEIGHTS ? writeHDF5(datasets, []) : archive.read(name)] as const);
  return joinedBytes(writeZip(entries, 'test'));
}

test.each([Infinity, 2.5, 2 ** 53, -1, NaN])('iterations of %s are refused', async (count) => {
  const bytes = await fileWith({ shape: [], data: Float32Array.of(count) });
  const expected = new RegExp(`the optimizer's iterations should be an? (integer|number) of at least 0, got ${count}$`);
  expectError(await caught(() => loadModel(bytes)), FormatError, expected);
});

test('iterations that are an array are refused', async () => {
  const bytes = await fileWith({ shape: [2], data: Float32Array.of(1, 2) });
  expectError(await caught(() => loadModel(bytes)), FormatError, /iterations should be .*, got an array of shape \[2\]$/);
});

test('iterations of 3 are read', async () => {
  expect((await loadModel<Model>(await fileWith({ shape: [], data: Float32Array.of(3) }))).iterations).toBe(3);
});
