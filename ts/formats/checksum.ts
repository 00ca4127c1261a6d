import { encodeText } from '../core/nodeGlobals.ts';
import type { StoredTensor } from './safetensors.ts';

/** The remainder of each byte for the polynomial of zlib, PNG and gzip, with reversed bits. */
const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

/**
 * The CRC-32 of bytes, as zlib computes it (RFC 1952, section 8). With the `crc` of earlier bytes
 * it continues from there. It is written here because a browser's digests need a secure page, and a
 * page without a bundler cannot import a package by name.
 */
export function crc32(bytes: Uint8Array, crc = 0): number {
  let remainder = ~crc;
  for (let index = 0; index < bytes.length; index++)
    remainder = (remainder >>> 8) ^ (REMAINDERS[(remainder ^ (bytes[index] as number)) & 0xff] as number);
  return ~remainder >>> 0;
}

/**
 * The checksum of a model, such as `crc32:cbf43926`: over its description and its arrays in the
 * order of their names, as programs may reorder a file.
 */
export function modelChecksum(description: string, tensors: readonly StoredTensor[]): string {
  let crc = crc32(encodeText(description));
  for (const { name, data } of [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    crc = crc32(encodeText(name), crc);
    crc = crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), crc);
  }
  return `crc32:${crc.toString(16).padStart(8, '0')}`;
}
