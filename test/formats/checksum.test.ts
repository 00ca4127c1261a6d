import { crc32 as zlibCrc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { crc32 } from '../../ts/data/crc.ts';
import { modelChecksum } from '../../ts/formats/checksum.ts';

test('the check value of CRC-32, whole and in parts', () => {
  const bytes = new TextEncoder().encode('123456789');
  expect(crc32(bytes)).toBe(0xcbf43926);
  expect(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4)))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

test("zlib's CRC-32 of all bytes", () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 167) >> 2);
  expect(crc32(bytes)).toBe(zlibCrc32(bytes));
});

test('the checksum of a model is one of its arrays by name, not of their order', () => {
  const a = { name: 'a', shape: [1], data: Float32Array.of(1) };
  const b = { name: 'b', shape: [1], data: Float32Array.of(2) };
  expect(modelChecksum('{}', [a, b])).toBe(modelChecksum('{}', [b, a]));
  expect(modelChecksum('{}', [a, b])).not.toBe(
    modelChecksum('{}', [
      { ...a, data: b.data },
      { ...b, data: a.data },
    ]),
  );
  expect(modelChecksum('{}', [a])).not.toBe(modelChecksum('[]', [a]));
});
