// Letters: k the constants, m the multiplier of a length; a to h, v to z words of 64 bits.

const MASK = 0xffffffffffffffffn;
const [K0, K1, K2] = [0xc3a5c85c97cb3127n, 0xb492b66fbe98f273n, 0x9ae16a3b2f90404fn] as const;

type Pair = readonly [bigint, bigint];

/**
 * FarmHash's fingerprint of 64 bits, the same on every platform and in every version.
 * https://github.com/google/farmhash, `Fingerprint64`
 */
export function farmHash64(bytes: Uint8Array): bigint {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const at = (place: number) => view.getBigUint64(place, true);
  if (length <= 16) return hashTo16(bytes, view, at);
  const m = K2 + BigInt(2 * length);
  if (length <= 32) {
    const [a, b] = [times(at(0), K1), at(8)];
    const [c, d] = [times(at(length - 8), m), times(at(length - 16), K2)];
    return mix(plus(rotated(plus(a, b), 43), rotated(c, 30), d), plus(a, rotated(plus(b, K2), 18), c), m);
  }
  if (length <= 64) {
    const [a, b] = [times(at(0), K2), at(8)];
    const [c, d] = [times(at(length - 8), m), times(at(length - 16), K2)];
    const y = plus(rotated(plus(a, b), 43), rotated(c, 30), d);
    const z = mix(y, plus(a, rotated(plus(b, K2), 18), c), m);
    const [e, f] = [times(at(16), m), at(24)];
    const [g, h] = [times(plus(y, at(length - 32)), m), times(plus(z, at(length - 24)), m)];
    return mix(plus(rotated(plus(e, f), 43), rotated(g, 30), h), plus(e, rotated(plus(f, a), 18), g), m);
  }
  return hashLong(length, at);
}

function hashTo16(bytes: Uint8Array, view: DataView, at: (place: number) => bigint): bigint {
  const { length } = bytes;
  const m = K2 + BigInt(2 * length);
  if (length >= 8) {
    const [a, b] = [plus(at(0), K2), at(length - 8)];
    const c = plus(times(rotated(b, 37), m), a);
    const d = times(plus(rotated(a, 25), b), m);
    return mix(c, d, m);
  }
  if (length >= 4) {
    const a = BigInt(view.getUint32(0, true));
    return mix(BigInt(length) + (a << 3n), BigInt(view.getUint32(length - 4, true)), m);
  }
  if (length === 0) return K2;
  const [a, b, c] = [0, length >> 1, length - 1].map((place) => bytes[place] as number) as [number, number, number];
  const [y, z] = [BigInt(a + (b << 8)), BigInt(length + (c << 2))];
  return times(shiftMixed(times(y, K2) ^ times(z, K0)), K2);
}

/** More than 64 bytes: a state of 56 bytes, and the last 64 bytes by themselves. */
function hashLong(length: number, at: (place: number) => bigint): bigint {
  const seed = 81n;
  let x = plus(times(seed, K2), at(0));
  let y = plus(times(seed, K1), 113n);
  let z = times(shiftMixed(plus(times(y, K2), 113n)), K2);
  let v: Pair = [0n, 0n];
  let w: Pair = [0n, 0n];
  const round = (place: number, k: bigint, factor: bigint): void => {
    x = times(rotated(plus(x, y, v[0], at(place + 8)), 37), k);
    y = times(rotated(plus(y, v[1], at(place + 48)), 42), k);
    x ^= times(w[1], factor);
    y = plus(y, times(v[0], factor), at(place + 40));
    z = times(rotated(plus(z, w[0]), 33), k);
    v = hash32(at, place, times(v[1], k), plus(x, w[0]));
    w = hash32(at, place + 32, plus(z, w[1]), plus(y, at(place + 16)));
    [x, z] = [z, x];
  };
  const rest = (length - 1) & 63;
  for (let place = 0; place < length - 1 - rest; place += 64) round(place, K1, 1n);
  const m = plus(K1, (z & 0xffn) << 1n);
  const first = plus(w[0], BigInt(rest));
  v = [plus(v[0], first), v[1]];
  w = [plus(first, v[0]), w[1]];
  round(length - 64, m, 9n);
  return mix(plus(mix(v[0], w[0], m), times(shiftMixed(y), K0), z), plus(mix(v[1], w[1], m), x), m);
}

/** The hash of 32 bytes from two seeds. */
function hash32(at: (place: number) => bigint, place: number, a: bigint, b: bigint): Pair {
  const [w, x, y, z] = [0, 8, 16, 24].map((offset) => at(place + offset)) as [bigint, bigint, bigint, bigint];
  const c = plus(a, w);
  const d = rotated(plus(b, c, z), 21);
  const e = plus(c, x, y);
  return [plus(e, z), plus(d, rotated(e, 44), c)];
}

function mix(u: bigint, v: bigint, m: bigint): bigint {
  const a = shiftMixed(times(u ^ v, m));
  return times(shiftMixed(times(v ^ a, m)), m);
}

function shiftMixed(v: bigint): bigint {
  return v ^ (v >> 47n);
}

/** Turned to the right. */
function rotated(v: bigint, bits: number): bigint {
  return BigInt.asUintN(64, (v >> BigInt(bits)) | (v << BigInt(64 - bits)));
}

function times(a: bigint, b: bigint): bigint {
  return (a * b) & MASK;
}

function plus(...terms: readonly bigint[]): bigint {
  return BigInt.asUintN(
    64,
    terms.reduce((sum, term) => sum + term, 0n),
  );
}
