import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../ts/core/errors.ts';
import { writeZip } from '../../../ts/data/writeZip.ts';
import { ZipArchive } from '../../../ts/data/zip.ts';
import { HDF5Dataset } from '../../../ts/formats/hdf5/dataset.ts';
import { readHDF5 } from '../../../ts/formats/hdf5/readHDF5.ts';
import { type WrittenDataset, writeHDF5 } from '../../../ts/formats/hdf5/writeHDF5.ts';
import { joinedBytes } from '../../../ts/formats/joinedBytes.ts';
import { Dense, loadModel, modelToBytes, Sequential } from '../../../ts/node.ts';
import { caught, expectError } from '../../support/refusals.ts';

// Groups of HDF5 files are links, so that a group may be inside of itself, or of several others.

const KERNEL = { path: 'layers/dense/vars/0', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
const BIAS = { path: 'layers/dense/vars/1', shape: [2], data: Float32Array.of(5, 6) };

/** The place of the address of the link with this name. */
function linkOf(bytes: Uint8Array, name: string): number {
  // A link message: version, flags, character set, length of the name, name, address.
  const start = Buffer.from([1, 0x11, 1, name.length, 0, ...Buffer.from(name)]);
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(start);
  expect(at, name).toBeGreaterThan(0);
  return at + start.length;
}

/** Lets links lead to where others lead. */
function linked(bytes: Uint8Array, links: readonly (readonly [name: string, to: string])[]): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const addresses = links.map(([, to]) => view.getBigUint64(linkOf(bytes, to), true));
  for (const [index, [name]] of links.entries()) view.setBigUint64(linkOf(bytes, name), addresses[index] as bigint, true);
  return bytes;
}

/** A `.keras` file whose weights are these. */
async function fileWith(weights: Uint8Array): Promise<Uint8Array> {
  const model = new Sequential([new Dense(2, { inputShape: [2] })]);
  const archive = new ZipArchive(await modelToBytes(model, { format: 'keras' }), 'test');
  const entries = archive.names.map((name) => [name, name.endsWith('.h5') ? weights : archive.read(name)] as const);
  return joinedBytes(writeZip(entries, 'test'));
}

const written = (groups: readonly string[], more: readonly WrittenDataset[] = []) => writeHDF5([KERNEL, BIAS, ...more], groups);

describe('a file whose groups are', () => {
  test('inside of themselves is refused', async () => {
    const bytes = linked(written(['layers/outer/again', 'layers/outer/more']), [
      ['again', 'outer'],
      ['more', 'outer'],
    ]);
    expectError(await caught(async () => loadModel(await fileWith(bytes))), FormatError, /more than 64 groups are inside each other/);
    expectError(await caught(() => readHDF5(bytes, 'm.h5').get(`layers/outer${'/again'.repeat(70)}`)), FormatError, /more than 64 groups/);
  });

  test('each inside of the next by two names is refused after 100,000 paths', async () => {
    const levels = Array.from({ length: 40 }, (_, level) => `g${String(level).padStart(2, '0')}`);
    const places = levels.map((_, level) => `layers/${levels.slice(0, level + 1).join('/')}`);
    const bytes = linked(
      written([...places, ...levels.map((name, level) => `${places[level]}/b${name.slice(1)}`)]),
      levels.slice(1).map((name) => [`b${String(Number(name.slice(1)) - 1).padStart(2, '0')}`, name] as const),
    );
    expectError(await caught(async () => loadModel(await fileWith(bytes))), FormatError, /layers has more than 100000 groups and datasets/);
  });

  test('links to one dataset have its values for each', async () => {
    const bytes = linked(written([], [{ path: 'layers/other', shape: [2, 2], data: Float32Array.of(0, 0, 0, 0) }]), [['0', 'other']]);
    const found = readHDF5(bytes, 'm.h5').get(KERNEL.path);
    expect(found instanceof HDF5Dataset && [...found.read()]).toEqual([0, 0, 0, 0]);
  });

  test('a dataset of a huge shape is refused before memory is taken', async () => {
    const bytes = written([]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    // The sizes of the kernel: two times 2, 8 bytes each.
    const sizes = Buffer.from([...[2, 0, 0, 0, 0, 0, 0, 0], ...[2, 0, 0, 0, 0, 0, 0, 0]]);
    const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(sizes);
    view.setBigUint64(at, 2n ** 40n, true);
    const group = readHDF5(bytes, 'm.h5');
    expectError(await caught(() => (group.get(KERNEL.path) as HDF5Dataset).read()), FormatError, /m.h5 is a damaged HDF5 file/);
    expectError(await caught(async () => loadModel(await fileWith(bytes))), FormatError, /has shape \[1099511627776, 2\]/);
  });
});

test('metadata with NaN, and with a key __proto__, is refused', async () => {
  const withMetadata = async (text: string) => {
    const model = new Sequential([new Dense(2, { inputShape: [2] })]);
    const archive = new ZipArchive(await modelToBytes(model, { format: 'keras', metadata: { a: 1 } }), 'test');
    const content = new TextEncoder().encode(text);
    return joinedBytes(
      writeZip(
        archive.names.map((name) => [name, name === 'metadata.json' ? content : archive.read(name)] as const),
        'test',
      ),
    );
  };
  for (const [text, message] of [
    ['{"backtime":{"a":NaN}}', /metadata.json is not JSON/],
    ['{"backtime":{"a":1e999}}', /metadata/],
    ['{"backtime":{"__proto__":{"polluted":1}}}', /__proto__/],
  ] as const) {
    const bytes = await withMetadata(text);
    expectError(await caught(() => loadModel(bytes)), FormatError, message);
  }
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
