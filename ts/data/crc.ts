/**
 * A cyclic redundancy check of 32 bits, reversed and complemented, as zlib and TFRecord files have
 * it. With the `crc` of earlier bytes it continues from there.
 */
export type Crc32 = (bytes: Uint8Array, crc?: number) => number;

/**
 * Makes the check of a polynomial. It is written here because a browser's digests need a secure
 * page, and a page without a bundler cannot import a package by name.
 * @param polynomial with reversed bits
 */
export function crc32Of(polynomial: number): Crc32 {
  /** The remainder of each byte. */
  const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1;
    return remainder;
  });
  return (bytes, crc = 0) => {
    let remainder = ~crc;
    for (let index = 0; index < bytes.length; index++)
      remainder = (remainder >>> 8) ^ (remainders[(remainder ^ (bytes[index] as number)) & 0xff] as number);
    return ~remainder >>> 0;
  };
}

/** The CRC-32 of bytes, as zlib, PNG, gzip and zip compute it (RFC 1952, section 8). */
export const crc32 = /* @__PURE__ */ crc32Of(0xedb88320);
