import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { ZipArchive } from '../../../ts/data/zip.ts';
import type { HDF5Dataset } from '../../../ts/formats/hdf5/dataset.ts';
import type { HDF5Group } from '../../../ts/formats/hdf5/group.ts';
import { readHDF5 } from '../../../ts/formats/hdf5/readHDF5.ts';
import { datasetsIn } from '../../../ts/formats/keras/readWeights.ts';
import { ArgumentError, Dense, FormatError, Input, loadModel, Model, modelToBytes, type SymbolicTensor } from '../../../ts/node.ts';
import { readGolden } from '../../golden/goldenFiles.ts';
import { startOn } from '../../support/modelBackends.ts';
import { caught, expectError } from '../../support/refusals.ts';

const reference = await loadBackend('reference');
beforeEach(() => startOn(reference));

const folder = mkdtempSync(join(tmpdir(), 'backtime-weights-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { models } = readGolden<{ models: readonly { name: string; files: Readonly<Record<string, string>> }[] }>('kerasWeights');
const bytesOf = (base64: string | undefined) => new Uint8Array(inflateSync(Buffer.from(base64 as string, 'base64')));
const valuesOf = (model: Pick<Model, 'getWeights'>) => model.getWeights().map(({ data }) => [...data]);
const nameAt = (root: HDF5Group, place: string) => (root.get(place) as HDF5Group).attributes.get('name')?.[0];

test.each(models)('the weights of $name have the places, values and names that Keras gives them', async ({ name, files }) => {
  const model = await loadModel<Model>(bytesOf(files.keras), { compile: false });
  const path = join(folder, `${name}.weights.h5`);
  await model.saveWeights(path, { format: 'keras' });
  const [written, ofKeras] = [readHDF5(readFileSync(path), path), readHDF5(bytesOf(files['weights.h5']), 'Keras')];
  const paths = datasetsIn(written, '').sort();
  expect(paths).toEqual(datasetsIn(ofKeras, '').sort());
  for (const each of paths) {
    const [own, expected] = [written, ofKeras].map((root) => root.get(each) as HDF5Dataset) as [HDF5Dataset, HDF5Dataset];
    expect(own.shape, each).toEqual(expected.shape);
    expect([...own.read()], each).toEqual([...expected.read()]);
    const place = `${each.split('/').slice(0, 2).join('/')}/vars`;
    expect(nameAt(written, place), place).toBe(nameAt(ofKeras, place));
  }
});

test.each(models)('the layers of $name in a .keras file are found by their names', async ({ files }) => {
  const model = await loadModel<Model>(bytesOf(files.keras), { compile: false });
  const bytes = await modelToBytes(model, { format: 'keras' });
  const [written, ofKeras] = [bytes, bytesOf(files.keras)].map((file) =>
    readHDF5(new ZipArchive(file, 'test').read('model.weights.h5'), 'test'),
  ) as [HDF5Group, HDF5Group];
  const places = new Set(datasetsIn(written, '').map((path) => `${path.split('/').slice(0, 2).join('/')}/vars`));
  for (const place of places) expect(nameAt(written, place), place).toBe(nameAt(ofKeras, place));
  const other = await loadModel<Model>(bytesOf(files.keras), { compile: false });
  other.setWeights(other.getWeights().map(({ shape, data }) => ({ shape, data: data.map(() => 0) })));
  const { loaded } = await other.loadWeights(bytes, { byName: true });
  expect(loaded).toHaveLength(model.weights.length);
  expect(valuesOf(other)).toEqual(valuesOf(model));
});

test('a misfit is named once, and advice is not to do what was done', async () => {
  const [{ files }] = models as [(typeof models)[number]];
  const model = await loadModel<Model>(bytesOf(files.keras), { compile: false });
  const [kernel] = model.layers.flatMap(({ name, weights }) => (weights.length > 0 ? [{ name, weights }] : [])).slice(-1) as [
    { name: string; weights: readonly unknown[] },
  ];
  const other = new Model({
    inputs: model.inputs,
    outputs: new Dense(7, { name: kernel.name }).apply(model.layers.at(-2)?.output as SymbolicTensor),
  });
  const error = (await caught(() => other.loadWeights(bytesOf(files['weights.h5']), { byName: true }))) as Error;
  expectError(error, FormatError, /skipMismatch: true loads the layers that fit\. No weight has changed$/);
  const message = ((await caught(() => other.loadWeights(bytesOf(files['weights.h5'])))) as Error).message;
  const paths = [...message.matchAll(/'(layers\/[^']*)'/g)].map(([, path]) => path);
  expect(paths.length).toBeGreaterThan(0);
  expect(new Set(paths).size).toBe(paths.length);
});

/** Two heads of equal shape, whose names fall, in a model and in one inside of it. */
function heads() {
  const taken = Input({ shape: [2] });
  const inner = new Model({ inputs: taken, outputs: { zeta: new Dense(2).apply(taken), alpha: new Dense(2).apply(taken) } });
  const x = Input({ shape: [2] });
  const { zeta, alpha } = inner.apply(x);
  return new Model({ inputs: x, outputs: { right: new Dense(2).apply(zeta), left: new Dense(2).apply(alpha) } });
}

test('heads whose names fall have their own weights again', async () => {
  const [model, other] = [heads(), heads()];
  model.setWeights(model.getWeights().map(({ shape, data }, index) => ({ shape, data: data.map((_, at) => 10 * index + at) })));
  const path = join(folder, 'heads.weights.h5');
  await model.saveWeights(path, { format: 'keras' });
  const { missing, unexpected } = await other.loadWeights(path);
  expect([missing, unexpected]).toEqual([[], []]);
  expect(valuesOf(other)).toEqual(valuesOf(model));
});

test('names are those of the file, and load again', async () => {
  const [{ files }] = models as [(typeof models)[number]];
  const model = await loadModel<Model>(bytesOf(files.keras), { compile: false });
  const path = join(folder, 'named.weights.h5');
  await model.saveWeights(path, { format: 'keras', names: { head: 'classes' } });
  const other = await loadModel<Model>(bytesOf(files.keras), { compile: false });
  other.setWeights(other.getWeights().map(({ shape, data }) => ({ shape, data: data.map(() => 0) })));
  const { loaded } = await other.loadWeights(path, { byName: true, names: { head: 'classes' } });
  expect(loaded).toHaveLength(model.weights.length);
  expect(valuesOf(other)).toEqual(valuesOf(model));
  const refused = caught(() => model.saveWeights(path, { format: 'keras', names: { head: 'none' } }));
  expectError(await refused, ArgumentError, /names.head must be the name of one layer of the model, got 'none'/);
  const wrongEnding = caught(() => model.saveWeights(join(folder, 'w.h5'), { format: 'keras' }));
  expectError(await wrongEnding, ArgumentError, /ends in \.weights\.h5/);
  const otherFormat = caught(() => model.saveWeights(path));
  expectError(await otherFormat, ArgumentError, /ends in \.safetensors, got .*named\.weights\.h5': format: 'keras' writes such files$/);
  const state = caught(() => model.saveWeights(join(folder, 'w.pt'), { format: 'pytorch' }));
  expectError(await state, ArgumentError, /w\.pt': format: 'pytorch' writes weights with PyTorch's names as \.safetensors$/);
});
