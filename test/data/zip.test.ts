import { unzipSync, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { writeZip } from '../../ts/data/writeZip.ts';
import { ZipArchive, type ZipBounds } from '../../ts/data/zip.ts';
import { ArgumentError, FormatError } from '../../ts/index.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const joined = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const stored = (...entries: [string, Uint8Array][]) => joined(writeZip(entries, 'save'));
const open = (bytes: Uint8Array, bounds?: ZipBounds) => new ZipArchive(bytes, 'load: model.zip', bounds);
const readAll = (bytes: Uint8Array) => {
  const archive = open(bytes);
  return archive.names.map((name) => [name, archive.read(name)] as const);
};

const long = encode('one line after the other\n'.repeat(500));
const files = { 'config.json': encode('{}'), 'a/ž.txt': long, empty: new Uint8Array(0) };
const packed = zipSync(files, { level: 9 });

/**
 * An archive of one stored entry whose numbers stand in zip64 records.
 * @param isNeeded false: the last record has its numbers, too
 */
function zip64(name: string, content: Uint8Array, isNeeded = true): Uint8Array {
  const plain = stored([name, content]);
  const directory = 30 + name.length + content.length;
  const record = plain.slice(directory, directory + 46 + name.length);
  const view = new DataView(record.buffer);
  for (const at of [20, 24, 42]) view.setUint32(at, 0xffffffff, true);
  view.setUint16(30, 28, true);
  const field = new DataView(new ArrayBuffer(28));
  field.setUint16(0, 1, true);
  field.setUint16(2, 24, true);
  [content.length, content.length, 0].forEach((value, index) => {
    field.setBigUint64(4 + 8 * index, BigInt(value), true);
  });
  const end64 = new DataView(new ArrayBuffer(56));
  end64.setUint32(0, 0x06064b50, true);
  [1, 1, record.length + 28, directory].forEach((value, index) => {
    end64.setBigUint64(24 + 8 * index, BigInt(value), true);
  });
  const locator = new DataView(new ArrayBuffer(20));
  locator.setUint32(0, 0x07064b50, true);
  locator.setBigUint64(8, BigInt(directory + record.length + 28), true);
  const end = plain.slice(-22);
  if (isNeeded) new DataView(end.buffer).setUint16(10, 0xffff, true);
  else new DataView(end.buffer).setUint32(12, record.length + 28, true);
  return joined([plain.slice(0, directory), record, ...[field, end64, locator].map(({ buffer }) => new Uint8Array(buffer)), end]);
}

describe('ZipArchive', () => {
  test.each([
    ['packed', packed],
    ['stored', zipSync(files, { level: 0 })],
    ['written here', stored(...Object.entries(files))],
  ])('reads entries that are %s', (_, bytes) => {
    expect(Object.fromEntries(readAll(bytes))).toEqual(files);
    const archive = open(bytes);
    expect([archive.has('empty'), archive.has('other'), archive.size('a/ž.txt')]).toEqual([true, false, long.length]);
    expect(() => archive.read('other')).toThrow("load: model.zip has no entry 'other'; it has config.json, a/ž.txt, empty");
  });

  test('reads an archive that is a view, with a comment', () => {
    const end = packed.slice();
    new DataView(end.buffer).setUint16(end.length - 2, 3, true);
    const whole = joined([new Uint8Array(5), end, encode('hey'), new Uint8Array(9)]);
    expect(Object.fromEntries(readAll(whole.subarray(5, -9)))).toEqual(files);
  });

  test('reads zip64', () => {
    expect(readAll(zip64('x', long))).toEqual([['x', long]]);
    expect(readAll(zip64('x', long, false))).toEqual([['x', long]]);
  });

  const changed = (bytes: Uint8Array, at: number, value: number, size: 1 | 2 | 4) => {
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    if (size === 1) view.setUint8(at, value);
    else if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    return copy;
  };
  const two = stored(['aa', encode('123456')], ['bb', encode('abcdef')]);
  const [first, second] = [2 * (30 + 2 + 6), 2 * (30 + 2 + 6) + 48];
  const inflating = zipSync({ aa: long });
  const inflated = inflating.length - 22 - 48;

  test.each<[string, () => Uint8Array, RegExp]>([
    ['no archive', () => encode('a,b\n1,2\n'), /^load: model\.zip is not a zip archive, or is truncated/],
    ['a cut archive', () => two.slice(0, -1), /is not a zip archive, or is truncated/],
    ['an archive without its beginning', () => two.slice(10), /its directory does not end where the last record begins/],
    ['a changed byte', () => changed(two, 33, 0x30, 1), /'aa' has another CRC-32 than its record says/],
    ['a changed CRC-32', () => changed(inflating, inflated + 16, 1, 4), /'aa' has another CRC-32/],
    ['more bytes than are said', () => changed(inflating, inflated + 24, long.length - 1, 4), /'aa' does not unpack to the 12499 bytes/],
    ['fewer bytes than are said', () => changed(inflating, inflated + 24, long.length + 1, 4), /'aa' does not unpack to the 12501 bytes/],
    ['a size that DEFLATE cannot have', () => changed(inflating, inflated + 24, 2 ** 31, 4), /'aa' cannot unpack to 2147483648 bytes/],
    ['bytes that do not unpack', () => changed(inflating, 32, 0xff, 1), /'aa' does not unpack: /],
    ['two sizes of a stored entry', () => changed(two, first + 20, 5, 4), /'aa' is stored, but has two sizes, 5 and 6/],
    ['another method', () => changed(two, first + 10, 12, 2), /'aa' is packed by the method 12; STORED/],
    ['encryption', () => changed(two, first + 8, 1, 2), /'aa' is encrypted/],
    [
      'an entry twice',
      () =>
        stored(['aa', encode('1')], ['ab', encode('2')]).map((byte, at, { length }) =>
          byte === 0x62 && at > 30 && at < length ? 0x61 : byte,
        ),
      /two entries have the name 'aa'/,
    ],
    [
      'overlapping entries',
      () => changed(changed(two, second + 42, 0, 4), second + 47, 0x61, 1).map((byte, at) => (at === second + 46 ? 0x61 : byte)),
      /'aa' overlaps 'aa'/,
    ],
    ['another name in the directory', () => changed(two, first + 46, 0x7a, 1), /'za' has another name in the directory/],
    ['an entry that begins elsewhere', () => changed(two, first + 42, 3, 4), /'aa' does not begin where the directory says/],
    ['an entry beyond the end', () => changed(two, first + 42, 2 ** 30, 4), /'aa' is not inside of the file/],
    [
      'more entries than the directory has',
      () => changed(changed(two, two.length - 14, 3, 2), two.length - 12, 3, 2),
      /its directory is not inside of the file/,
    ],
    [
      'fewer entries than the directory has',
      () => changed(changed(two, two.length - 14, 1, 2), two.length - 12, 1, 2),
      /more than 1 entries/,
    ],
    ['another record in the directory', () => changed(two, second, 0, 4), /its directory has fewer than 2 entries/],
    ['a part of several', () => changed(two, two.length - 18, 1, 2), /is one part of a multi-part archive/],
    ['a zip64 record that is missing', () => changed(two, two.length - 12, 0xffff, 2), /the place of its zip64 record is missing/],
    ['a name that is not UTF-8', () => changed(two, first + 46, 0xff, 1), /a name is not UTF-8/],
  ])('refuses %s', (_, bytes, message) => {
    const given = bytes();
    expect(() => readAll(given)).toThrow(FormatError);
    expect(() => readAll(given)).toThrow(message);
  });

  test('has bounds on entries and bytes', () => {
    expect(() => open(two, { maxEntries: 1 })).toThrow('load: model.zip has 2 entries, more than 1');
    expect(() => open(two, { maxBytes: 11 })).toThrow('load: model.zip unpacks to 12 bytes, more than 11');
    expect(open(two, { maxEntries: 2, maxBytes: 12 }).names).toEqual(['aa', 'bb']);
  });

  // `BACKTIME_MUTATIONS=100000 npx vitest run test/data/zip` looks longer.
  test('an archive that is cut, or changed in bytes, is read or refused with a typed error', { timeout: 3_600_000 }, () => {
    const random = new RandomArrays(3);
    for (let trial = 0; trial < Number(process.env.BACKTIME_MUTATIONS ?? 2000); trial++) {
      const whole = trial % 2 ? packed : zip64('x', long);
      const bytes = whole.slice(0, trial % 5 === 0 ? random.integer(whole.length, 1) : undefined);
      for (let change = trial % 3; change >= 0; change--) bytes[random.integer(bytes.length)] = random.integer(256);
      try {
        readAll(bytes);
      } catch (error) {
        expect(error, String(error)).toBeInstanceOf(FormatError);
      }
    }
  });
});

describe('writeZip', () => {
  test('another program reads it, and the same entries give the same bytes', () => {
    const bytes = stored(...Object.entries(files));
    expect(unzipSync(bytes)).toEqual(files);
    expect(stored(...Object.entries(files))).toEqual(bytes);
  });

  test('an entry without a bytes of its own, and an archive without entries', () => {
    expect(open(stored()).names).toEqual([]);
    expect(readAll(stored(['', new Uint8Array(0)]))).toEqual([['', new Uint8Array(0)]]);
  });

  test('refuses two entries of one name, and what needs zip64', () => {
    expect(() => stored(['a', long], ['a', long])).toThrow(ArgumentError);
    expect(() => stored(['a'.repeat(70_000), long])).toThrow('save: a name has 70000 bytes, at most 65535 are possible');
    expect(() =>
      writeZip(
        Array.from({ length: 65_535 }, (_, index) => [String(index), files.empty] as const),
        'save',
      ),
    ).toThrow(/at most 65534 entries/);
  });
});
