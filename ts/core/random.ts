import { describe } from './describe.ts';
import { ArgumentError } from './errors.ts';

/**
 * Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011). The n-th number is a function of a key and n, so any part
 * of a sequence can be computed alone, in any order and on any worker, with the same bits.
 * `crate/src/random` has the same algorithm in Rust.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/**
 * The upper 32 bits of the 64-bit product of two unsigned 32-bit integers, computed in 16-bit
 * halves.
 */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const middleLow = aLow * bHigh + (middle % 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(middleLow / 0x10000)) >>> 0;
}

/**
 * Computes four 32-bit numbers from a 128-bit counter and a 64-bit key, both as 32-bit words,
 * lowest word first.
 * @param out gets the four numbers
 */
export function philox4x32(counter: ArrayLike<number>, key: ArrayLike<number>, out: Uint32Array): void {
  let c0 = counter[0] >>> 0;
  let c1 = counter[1] >>> 0;
  let c2 = counter[2] >>> 0;
  let c3 = counter[3] >>> 0;
  let k0 = key[0] >>> 0;
  let k1 = key[1] >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/**
 * The key of the generator: the low and the high 32 bits of a seed. Negative seeds are in two's
 * complement.
 * @throws {ArgumentError} when the seed is neither a safe integer nor a bigint of 64 bits
 */
export function seedWords(seed: number | bigint): [low: number, high: number] {
  const isSeed =
    typeof seed === 'bigint' ? BigInt.asUintN(64, seed) === seed || BigInt.asIntN(64, seed) === seed : Number.isSafeInteger(seed);
  if (!isSeed) {
    throw new ArgumentError(
      `Cannot use the random seed ${describe(seed)}: expected an integer of at most 53 bits, or a bigint of at most 64.`,
    );
  }
  const bits = BigInt.asUintN(64, BigInt(seed));
  return [Number(bits & 0xffffffffn), Number(bits >> 32n)];
}

/**
 * Fourth counter word of every {@link RandomSequence} ("sequ" in ASCII). The kernels use other words,
 * so no number is drawn twice.
 */
const SEQUENTIAL_DOMAIN = 0x73657175;

/** A sequence of random numbers for work outside of the kernels: shuffling, splitting, sampling. */
export class RandomSequence {
  readonly #key: [number, number];
  readonly #counter: [number, number, number, number];
  readonly #words = new Uint32Array(4);
  #used = 4;

  /**
   * @param seed the same seed and subsequence give the same numbers
   * @param subsequence 0 <= subsequence < 2^32: each subsequence of a seed has other
   *   numbers
   */
  constructor(seed: number | bigint, subsequence: number) {
    this.#key = seedWords(seed);
    this.#counter = [0, 0, subsequence >>> 0, SEQUENTIAL_DOMAIN];
  }

  /** A uniform integer of 0 .. 2^32 - 1. */
  nextUint32(): number {
    if (this.#used === 4) {
      philox4x32(this.#counter, this.#key, this.#words);
      this.#counter[0] = (this.#counter[0] + 1) >>> 0;
      if (this.#counter[0] === 0) this.#counter[1]++;
      this.#used = 0;
    }
    return this.#words[this.#used++];
  }

  /** A uniform number u with 0 <= u < 1, a multiple of 2^-53. */
  uniform(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  /** Shuffles in place. Every order is equally likely (Fisher-Yates). */
  shuffle(indices: Int32Array | Uint32Array): void {
    for (let last = indices.length - 1; last > 0; last--) {
      const other = this.#below(last + 1);
      const value = indices[last];
      indices[last] = indices[other];
      indices[other] = value;
    }
  }

  /** The numbers 0 .. n-1 in random order. */
  permutation(n: number): Int32Array {
    const indices = Int32Array.from({ length: n }, (_, index) => index);
    this.shuffle(indices);
    return indices;
  }

  /**
   * A uniform integer of 0 .. limit-1. Draws from the incomplete last copy of the range are
   * repeated.
   */
  #below(limit: number): number {
    const end = 0x100000000 - (0x100000000 % limit);
    let drawn = this.nextUint32();
    while (drawn >= end) drawn = this.nextUint32();
    return drawn % limit;
  }
}
