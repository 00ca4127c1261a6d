import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { encodeText } from '../core/nodeGlobals.ts';
import { farmHash64 } from './farmHash.ts';
import { sipHash64 } from './sipHash.ts';

/** The key of a hash: one integer twice, or two. */
export type HashSalt = number | readonly [number, number] | null;

/**
 * The bucket of a text, as TensorFlow and so Keras have it: FarmHash, with a key SipHash, of its
 * UTF-8.
 * @returns 0 to `count - 1`
 */
export function bucketOf(text: string, count: number, salt: HashSalt): number {
  const bytes = encodeText(text);
  const [first, second] = [salt ?? 0].flat() as [number, number?];
  const hash = salt === null ? farmHash64(bytes) : sipHash64(bytes, [BigInt(first), BigInt(second ?? first)]);
  return Number(hash % BigInt(count));
}

/** Checks the option `salt`. @throws {ArgumentError} */
export function saltOption(salt: unknown, owner: string): HashSalt {
  const words = [salt].flat() as unknown[];
  const isSalt = words.length <= 2 && words.length > 0 && words.every((word) => Number.isSafeInteger(word) && (word as number) >= 0);
  if (salt !== null && !isSalt) throw new ArgumentError(`${owner}: salt must be an integer, two of them, or null, got ${describe(salt)}`);
  return salt as HashSalt;
}
