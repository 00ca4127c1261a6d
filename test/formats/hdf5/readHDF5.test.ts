import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../ts/core/errors.ts';
import { HDF5Dataset } from '../../../ts/formats/hdf5/dataset.ts';
import type { HDF5Group } from '../../../ts/formats/hdf5/group.ts';
import { readHDF5 } from '../../../ts/formats/hdf5/readHDF5.ts';
import { writeHDF5 } from '../../../ts/formats/hdf5/writeHDF5.ts';
import { type GoldenTensor, readGolden } from '../../golden/goldenFiles.ts';
import { caught } from '../../support/refusals.ts';

const golden = readGolden<{
  readonly files: readonly { readonly bytes: string; readonly datasets: Readonly<Record<string, GoldenTensor>> }[];
  readonly latest: readonly [string];
  readonly unwritten: readonly [string];
  readonly refused: readonly { readonly what: string; readonly bytes: string }[];
}>('hdf5');

const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));
const opened = (base64: string) => readHDF5(bytesOf(base64), 'm.h5');
const datasetAt = (group: HDF5Group, path: string) => {
  const found = group.get(path);
  if (!(found instanceof HDF5Dataset)) throw new Error(`${path} is no dataset`);
  return found;
};

/** Reads everything that can be reached, down to a depth. */
function readAll(object: HDF5Group | HDF5Dataset | null, depth = 6): string[] {
  if (object === null) return [];
  for (const name of object.attributes.names) object.attributes.get(name);
  if (object instanceof HDF5Dataset) {
    object.read();
    return [''];
  }
  if (depth === 0) return [];
  return object.names.flatMap((name) => readAll(object.get(name), depth - 1).map((path) => (path === '' ? name : `${name}/${path}`)));
}

describe('HDF5', () => {
  test.each(golden.files.map((file, index) => ({ ...file, index })))('file $index of h5py has its datasets', ({ bytes, datasets }) => {
    const root = opened(bytes);
    expect(readAll(root).sort()).toEqual(Object.keys(datasets).sort());
    for (const [path, { shape, data }] of Object.entries(datasets)) {
      const dataset = datasetAt(root, path);
      expect(dataset.shape, path).toEqual(shape);
      expect([...dataset.read()], path).toEqual(data);
      expect(dataset.attributes.get('unit')).toEqual(['µm']);
    }
  });

  test('attributes are texts of fixed and of variable length, numbers and booleans', () => {
    const { attributes } = opened(golden.files[1]?.bytes as string);
    expect(attributes.get('names')).toEqual(['kernel:0', 'bias:0']);
    expect(attributes.get('text')).toEqual(['řecký']);
    expect(attributes.get('texts')).toEqual(['a', '', 'bc']);
    expect([...(attributes.get('count') ?? [])]).toEqual([3]);
    expect([...(attributes.get('numbers') ?? [])]).toEqual([1.5, 2.5]);
    expect([...(attributes.get('yes') ?? [])]).toEqual([1]);
  });

  test('a file of the newer object headers and links is read', () => {
    const root = opened(golden.latest[0]);
    expect(root.attributes.get('name')).toEqual(['model']);
    expect([...datasetAt(root, 'layers/0').read()]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('a dataset that nobody wrote is refused: HDF5 would fill it in, at any size', () => {
    expect(() => datasetAt(opened(golden.unwritten[0]), 'x').read()).toThrow(
      /^m\.h5 is a damaged HDF5 file: a dataset of shape \[4\] was not written in full$/,
    );
  });

  test('a path to nothing, or through a dataset, leads to null', () => {
    const { bytes, datasets } = golden.files[0] as (typeof golden.files)[number];
    expect(opened(bytes).get('nothing')).toBeNull();
    expect(opened(bytes).get(`${Object.keys(datasets)[0]}/0`)).toBeNull();
  });

  test.each([
    ['compound', 'datatype class 6'],
    ['soft', 'a soft link'],
    ['checksummed', 'the filter 3'],
    ['filled', 'a dataset of shape [4] was not written in full'],
    ['chunks of HDF5 1.10', 'a data layout of version 4'],
  ])('what this reader does not support is refused: %s', async (name, problem) => {
    const error = await caught(() => readAll(opened(golden.refused.find(({ what }) => what === name)?.bytes as string)));
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(problem);
    expect((error as Error).message).toMatch(/^m\.h5 /);
  });

  test('a file that is cut off is refused, and one that is none', () => {
    const bytes = bytesOf(golden.files[0]?.bytes as string);
    expect(() => readHDF5(bytes.subarray(0, bytes.length - 1), 'm.h5')).toThrow(/m\.h5 is a damaged HDF5 file: it is truncated/);
    expect(() => readHDF5(new Uint8Array(9), 'm.h5')).toThrow('m.h5 is not an HDF5 file');
  });

  test('a header that continues very often in a long block is refused after a bounded number of steps', () => {
    const continuations = 90_000;
    const header = 96;
    const first = header + 16;
    const long = first + continuations * 24;
    const bytes = new Uint8Array(long + 1_000_000);
    bytes.set(bytesOf(golden.unwritten[0]).subarray(0, header));
    const view = new DataView(bytes.buffer);
    const set = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);
    set(40, bytes.length);
    set(64, header);
    view.setUint8(header, 1);
    view.setUint32(header + 8, continuations * 24, true);
    for (let at = first; at < long; at += 24) {
      view.setUint16(at, 0x10, true);
      view.setUint16(at + 2, 16, true);
      set(at + 8, long);
      set(at + 16, 1_000_000);
    }
    expect(() => readHDF5(bytes, 'm.h5')).toThrow(/^m\.h5 is a damaged HDF5 file: reading it takes more steps than \d+ bytes need$/);
  });

  test('many elements that are one long text are refused before each of them has it in memory', () => {
    const [elements, length] = [3000, 100_000];
    const [header, fields] = [96, 8 + 8 + 8 + 16];
    const size = fields + 16 * elements;
    const heap = header + 16 + 8 + size;
    const bytes = new Uint8Array(heap + 16 + 16 + length);
    bytes.set(bytesOf(golden.unwritten[0]).subarray(0, header));
    const view = new DataView(bytes.buffer);
    const set = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);
    set(40, bytes.length);
    set(64, header);
    // An object header of one message: an attribute of texts of their own lengths, on one axis.
    view.setUint8(header, 1);
    view.setUint32(header + 8, 8 + size, true);
    view.setUint16(header + 16, 0x0c, true);
    view.setUint16(header + 18, size, true);
    const attribute = header + 24;
    bytes.set([1, 0, 6, 0, 8, 0, 16, 0], attribute);
    bytes.set(new TextEncoder().encode('names'), attribute + 8);
    bytes.set([0x19, 1, 1, 0, 16, 0, 0, 0, 1, 1], attribute + 16);
    set(attribute + 32, elements);
    for (let element = 0; element < elements; element++) {
      const at = attribute + fields + 16 * element;
      view.setUint32(at, length, true);
      set(at + 4, heap);
      view.setUint32(at + 12, 1, true);
    }
    bytes.set(new TextEncoder().encode('GCOL'), heap);
    set(heap + 8, 32 + length);
    view.setUint16(heap + 16, 1, true);
    set(heap + 24, length);
    bytes.fill(0x61, heap + 32);
    expect(() => readHDF5(bytes, 'm.h5').attributes.get('names')).toThrow(
      /^m\.h5 is a damaged HDF5 file: its texts are more than 16 times as long as the file: many of them are the same bytes$/,
    );
  });

  test('many names that are parts of one long text are refused before each of them is in memory', () => {
    const [names, length] = [2000, 1_000_000];
    const [header, tree] = [96, 96 + 16 + 24];
    const heap = tree + 48;
    const symbols = heap + 32;
    const text = symbols + 8 + 40 * names;
    const bytes = new Uint8Array(text + length).fill(0x61, text);
    bytes.set(bytesOf(golden.unwritten[0]).subarray(0, header));
    const view = new DataView(bytes.buffer);
    const set = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);
    const sign = (at: number, signature: string) => bytes.set(new TextEncoder().encode(signature), at);
    set(40, bytes.length);
    set(64, header);
    // An object header of one message: a table of symbols, with one node of all names.
    view.setUint8(header, 1);
    view.setUint32(header + 8, 24, true);
    view.setUint16(header + 16, 0x11, true);
    view.setUint16(header + 18, 16, true);
    set(header + 24, tree);
    set(header + 32, heap);
    sign(tree, 'TREE');
    view.setUint16(tree + 6, 1, true);
    set(tree + 32, symbols);
    sign(heap, 'HEAP');
    set(heap + 8, length);
    set(heap + 24, text);
    sign(symbols, 'SNOD');
    view.setUint16(symbols + 6, names, true);
    for (let name = 0; name < names; name++) {
      set(symbols + 8 + 40 * name, name);
      set(symbols + 16 + 40 * name, header);
    }
    expect(() => readHDF5(bytes, 'm.h5').names).toThrow(
      /^m\.h5 is a damaged HDF5 file: its texts are more than 16 times as long as the file/,
    );
  });

  test('numbers are read up to four for each byte of the file, and a million beside, also where datasets share them', () => {
    const count = 500_000;
    const bytes = writeHDF5([{ path: 'x', shape: [count], data: new Float32Array(count) }]);
    const root = readHDF5(bytes, 'm.h5');
    const times = Math.floor((4 * bytes.length + 1_000_000) / count);
    for (let read = 0; read < times; read++) expect(datasetAt(root, 'x').read()).toHaveLength(count);
    expect(() => datasetAt(root, 'x').read()).toThrow(
      /^m\.h5 is a damaged HDF5 file: its datasets have more than 4 numbers for each byte of the file, at a dataset of 500000$/,
    );
  });

  test('an attribute of a type that is not read refuses that attribute, no other', () => {
    const bytes = bytesOf(golden.files[1]?.bytes as string);
    const name = Buffer.from(bytes).indexOf('count\0');
    expect(name).toBeGreaterThan(0);
    // The class of the type, behind the name, which is filled up to eight bytes.
    bytes[name + 8] = 0x16;
    const { attributes } = readHDF5(bytes, 'm.h5');
    expect(attributes.get('text')).toEqual(['řecký']);
    expect(() => attributes.get('count')).toThrow(/elements of datatype class 6/);
  });

  // `BACKTIME_MUTATIONS=100000 npx vitest run test/formats/hdf5` looks longer.
  test('a damaged file is read or refused by a FormatError', { timeout: 3_600_000 }, () => {
    const count = Number(process.env.BACKTIME_MUTATIONS ?? 2000);
    const files = [...golden.files.map(({ bytes }) => bytes), ...golden.latest, ...golden.unwritten].map(bytesOf);
    let state = 7;
    const draw = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const odd = [0, 1, 2, 7, 8, 127, 128, 255];
    let refused = 0;
    for (let index = 0; index < count; index++) {
      const original = files[draw(files.length)] as Uint8Array;
      const bytes = original.slice();
      for (let change = draw(4); change >= 0; change--) {
        // Half of the changes hit what is no zero: the parts that mean something.
        let at = draw(bytes.length);
        if (draw(2) === 0) while (at < bytes.length - 1 && bytes[at] === 0) at++;
        if (draw(4) === 0) bytes.copyWithin(at, draw(bytes.length), draw(bytes.length));
        else bytes[at] = draw(2) === 0 ? draw(256) : (odd[draw(odd.length)] as number);
      }
      try {
        readAll(readHDF5(bytes, 'm.h5'));
      } catch (error) {
        if (!(error instanceof FormatError)) throw new Error(`file ${index} is refused by ${error}`, { cause: error });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(count / 10);
    expect(refused).toBeLessThan(count);
  });
});
