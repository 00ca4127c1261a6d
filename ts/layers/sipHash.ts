/**
 * SipHash-2-4 of bytes with a key of 128 bits, as a word of 64 bits.
 * https://www.aumasson.jp/siphash/siphash.pdf
 * @param key the two words of the key
 */
export function sipHash64(bytes: Uint8Array, key: readonly [bigint, bigint]): bigint {
  // The letters v0 to v3 of the paper: the state.
  let [v0, v1, v2, v3] = [
    key[0] ^ 0x736f6d6570736575n,
    key[1] ^ 0x646f72616e646f6dn,
    key[0] ^ 0x6c7967656e657261n,
    key[1] ^ 0x7465646279746573n,
  ];
  const round = (): void => {
    v0 = sum(v0, v1);
    v1 = rotated(v1, 13n) ^ v0;
    v0 = rotated(v0, 32n);
    v2 = sum(v2, v3);
    v3 = rotated(v3, 16n) ^ v2;
    v0 = sum(v0, v3);
    v3 = rotated(v3, 21n) ^ v0;
    v2 = sum(v2, v1);
    v1 = rotated(v1, 17n) ^ v2;
    v2 = rotated(v2, 32n);
  };
  // Whole words, then what is left with the length in the last byte.
  const { length } = bytes;
  const padded = new DataView(new ArrayBuffer(8 * (Math.floor(length / 8) + 1)));
  new Uint8Array(padded.buffer).set(bytes);
  padded.setUint8(padded.byteLength - 1, length & 0xff);
  for (let place = 0; place < padded.byteLength; place += 8) {
    const word = padded.getBigUint64(place, true);
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
  v2 ^= 0xffn;
  for (let last = 0; last < 4; last++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

function sum(a: bigint, b: bigint): bigint {
  return BigInt.asUintN(64, a + b);
}

function rotated(v: bigint, bits: bigint): bigint {
  return BigInt.asUintN(64, (v << bits) | (v >> (64n - bits)));
}
