import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import type { HDF5Dataset } from '../../../ts/formats/hdf5/dataset.ts';
import type { HDF5Group } from '../../../ts/formats/hdf5/group.ts';
import { readHDF5 } from '../../../ts/formats/hdf5/readHDF5.ts';
import { datasetsIn } from '../../../ts/formats/keras/readWeights.ts';
import { ArgumentError, Dense, Input, loadModel, Model } from '../../../ts/node.ts';
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
});
