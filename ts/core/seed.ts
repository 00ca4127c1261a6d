import { describe } from './describe.ts';
import { ArgumentError } from './errors.ts';
import { philox4x32, seedWords } from './random.ts';

/** A 64-bit seed as two unsigned 32-bit words. */
export type SeedWords = readonly [low: number, high: number];

/** Joins both words to one number. */
export function joinSeed([low, high]: SeedWords): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

let globalSeed: SeedWords | null = null;
let drawn = 0;

/**
 * Makes everything random repeatable in models made after this call: start values, shuffles and
 * dropout. The same seed, the same build and the same number of workers give the same bits. (Keras:
 * `keras.utils.set_random_seed`.)
 */
export function setRandomSeed(seed: number | bigint): void {
  globalSeed = seedWords(seed);
  drawn = 0;
}

/**
 * A new seed: the next one of the sequence that `setRandomSeed` began, or a random one when it was
 * never called.
 */
export function drawSeed(): SeedWords {
  if (globalSeed === null) {
    // No secret: Node loads its cryptography, which takes 5 ms, when it is first used.
    return [randomWord(), randomWord()];
  }
  const out = new Uint32Array(4);
  philox4x32([drawn++, 0, 0, 0x5eed], [...globalSeed], out);
  return [out[0] as number, out[1] as number];
}

const randomWord = () => Math.floor(Math.random() * 2 ** 32);

/**
 * The seed of a layer; null where it has none.
 * @throws {ArgumentError} when it is neither null nor an integer
 */
export function layerSeed(value: unknown, where: string): number | null {
  if (value == null) return null;
  if (!Number.isSafeInteger(value))
    throw new ArgumentError(`${where} must be an integer of at most 53 bits or null, got ${describe(value)}`);
  return value as number;
}
