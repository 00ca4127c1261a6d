import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { pathsOf } from '../../ts/data/pathPattern.ts';
import { openSource, readWhole } from '../../ts/data/readBytes.ts';
import { FileError, readNpz } from '../../ts/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'backtime-bytes-'));
/** Four parts of a local file, and some bytes. */
const SIZE = 4 * 2 ** 20 + 7;
let files = 0;
function largeFile(): string {
  const path = join(folder, `${files++}.bin`);
  writeFileSync(path, new Uint8Array(SIZE).fill(7));
  return path;
}

async function lengthOf(parts: AsyncIterable<Uint8Array>, onFirst: () => void = () => {}): Promise<number> {
  let length = 0;
  for await (const part of parts) {
    if (length === 0) onFirst();
    length += part.length;
  }
  return length;
}

async function* inParts(...parts: Uint8Array[]) {
  yield* parts;
}

describe('a file that changes while it is read', () => {
  test('becomes shorter: an error that says how much came', async () => {
    const path = largeFile();
    const read = lengthOf(openSource(path, 'readText').parts, () => truncateSync(path, 2 ** 20 + 1));
    await expect(read).rejects.toThrow(FileError);
    await expect(read).rejects.toThrow(
      new RegExp(`^readText: cannot read .*it became shorter while it was read: of ${SIZE} bytes \\d+ came$`),
    );
  });

  test('becomes shorter by one byte', async () => {
    const path = largeFile();
    const read = lengthOf(openSource(path, 'readText').parts, () => truncateSync(path, SIZE - 1));
    await expect(read).rejects.toThrow(`of ${SIZE} bytes ${SIZE - 1} came`);
  });

  test('becomes longer: what it had at first is read', async () => {
    const path = largeFile();
    expect(await lengthOf(openSource(path, 'readText').parts, () => appendFileSync(path, new Uint8Array(2 ** 21)))).toBe(SIZE);
  });
});

describe('a file', () => {
  const isOpen = (path: string) =>
    readdirSync('/proc/self/fd').some((number) => {
      try {
        return readlinkSync(`/proc/self/fd/${number}`) === path;
      } catch {
        return false;
      }
    });

  test.runIf(process.platform === 'linux')('is closed in the end, also when the reading ends before', async () => {
    const path = largeFile();
    let wasOpen = false;
    for await (const part of openSource(path, 'readText').parts) {
      expect(part.length).toBeLessThan(SIZE);
      wasOpen = isOpen(path);
      break;
    }
    expect(wasOpen).toBe(true);
    expect(isOpen(path)).toBe(false);
    await lengthOf(openSource(path, 'readText').parts);
    expect(isOpen(path)).toBe(false);
  });

  test('that is read whole is one part, with memory of its own', async () => {
    const { bytes } = await readWhole(largeFile(), 'readNpy', {});
    expect(bytes.length).toBe(SIZE);
    expect(bytes.buffer.byteLength).toBe(SIZE);
  });
});

describe('the progress', () => {
  test('is the sum of the parts', async () => {
    const seen: number[] = [];
    const parts = inParts(new Uint8Array(5), new Uint8Array(0), new Uint8Array(8));
    await lengthOf(openSource(parts, 'readText', { onRead: (bytes) => seen.push(bytes) }).parts);
    expect(seen).toEqual([5, 5, 13]);
  });

  test('of a local file comes more than once', async () => {
    const seen: number[] = [];
    await lengthOf(openSource(largeFile(), 'readText', { onRead: (bytes) => seen.push(bytes) }).parts);
    expect(seen.at(-1)).toBe(SIZE);
    expect(seen.length).toBeGreaterThanOrEqual(5);
  });
});

describe('gzip', () => {
  const packed = new Uint8Array(gzipSync('some text'));
  const text = async (...parts: Uint8Array[]) => Buffer.from((await readWhole(inParts(...parts), 'readText', {})).bytes).toString();

  test.each<[string, Uint8Array[]]>([
    ['one byte first', [packed.subarray(0, 1), packed.subarray(1)]],
    ['an empty part first', [packed.subarray(0, 0), packed]],
    ['a byte at a time', [...packed].map((byte) => Uint8Array.of(byte))],
  ])('is found where a stream gives %s', async (_, parts) => {
    expect(await text(...parts)).toBe('some text');
  });

  test.each([[[]], [[0x1f]], [[0x1f, 0x8c]], [[0x61]]])('is not seen in %j', async (bytes) => {
    expect([...(await readWhole(inParts(...bytes.map((byte) => Uint8Array.of(byte))), 'readText', {})).bytes]).toEqual(bytes);
  });
});

test('a stream is cancelled when the reading ends before its end', async () => {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(10)),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const part of openSource(stream, 'readText').parts) {
    expect(part.length).toBe(10);
    break;
  }
  expect(cancelled).toBe(true);
});

test('a pattern may have backslashes on Windows, and only there', async () => {
  mkdirSync(join(folder, 'logs', 'may'), { recursive: true });
  for (const name of ['a.csv', 'b.csv']) writeFileSync(join(folder, 'logs', 'may', name), '');
  const pattern = `${folder}/logs\\m*\\*.csv`;
  expect(await pathsOf(pattern, 'readFiles', true)).toEqual([`${folder}/logs/may/a.csv`, `${folder}/logs/may/b.csv`]);
  await expect(pathsOf(pattern, 'readFiles', false)).rejects.toThrow(/no file matches/);
});

test('arrays of an archive that is not compressed have memory of their own', async () => {
  const { zipSync } = await import('fflate');
  const npy = (value: number) => {
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }".padEnd(117);
    const values = new Uint8Array(Float32Array.of(value, value).buffer);
    return Uint8Array.of(0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0, ...Buffer.from(`${header}\n`), ...values);
  };
  for (const level of [0, 9] as const) {
    const arrays = await readNpz(zipSync({ 'a.npy': npy(1), 'b.npy': npy(2) }, { level }));
    const [a, b] = [arrays.a, arrays.b].map((tensor) => tensor?.data as Float32Array) as [Float32Array, Float32Array];
    expect([...a, ...b]).toEqual([1, 1, 2, 2]);
    expect(a.buffer).not.toBe(b.buffer);
  }
});
