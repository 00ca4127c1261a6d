import { describe } from './describe.ts';
import { ArgumentError } from './errors.ts';
import { LARGEST_FLOAT32 } from './float32.ts';
import { elsewhere, refuseChoice, suggest } from './suggestion.ts';
import { tagOf } from './tags.ts';

/**
 * Refuses options that a function or class does not have, so that no misspelt name is silently
 * ignored.
 * @param options the user's options; undefined means none
 * @param known the names of the options that exist
 * @param owner the function or class, for the error message: `padSequences`
 * @throws {ArgumentError} naming the unknown option, what was probably meant, and the known ones
 */
export function checkOptions(options: unknown, known: readonly string[], owner: string): void {
  if (options === undefined) return;
  // A Map or a promise would seem to have no options at all. A module's namespace has.
  if (typeof options !== 'object' || options === null || !['Object', 'Module'].includes(tagOf(options))) {
    throw new ArgumentError(`${owner}: options must be an object, got ${describe(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      const hint = suggest(name, known) || elsewhere(name);
      throw new ArgumentError(`${owner}: unknown option ${describe(name)}${hint}; the options are ${known.join(', ')}`);
    }
  }
}

/**
 * Checks an option that has a few possible values.
 * @throws {ArgumentError} for any other value
 */
export function oneOf<T>(value: unknown, choices: readonly T[], where: string): T {
  if (!choices.includes(value as T)) {
    const names = choices.filter((choice) => typeof choice === 'string');
    const expected = `one of ${choices.map((choice) => describe(choice)).join(', ')}`;
    refuseChoice(where, value, expected, suggest(value, names));
  }
  return value as T;
}

/**
 * Checks an option that is true or false. undefined gives the default.
 * @throws {ArgumentError} for anything else: JavaScript takes 'no' for true
 */
export function booleanOption(value: unknown, byDefault: boolean, where: string): boolean {
  return value === undefined ? byDefault : oneOf(value, [true, false], where);
}

/**
 * Checks a fraction: a number with `0 <= value <= 1`.
 * @throws {ArgumentError}
 */
export function share(value: unknown, where: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
    throw new ArgumentError(`${where} must be a number from 0 to 1, got ${describe(value)}`);
  }
  return value;
}

/**
 * Checks that a number is in the half-open range `low <= value < high`.
 * @throws {ArgumentError}
 */
export function numberInRange(value: unknown, low: number, high: number, where: string): number {
  if (typeof value !== 'number' || !(value >= low && value < high)) {
    // A bound that is never meant is named only if the value is beyond it.
    const isBeyond = typeof value === 'number' && value >= high;
    const range = high >= LARGEST_FLOAT32 && !isBeyond ? `at least ${low}` : `at least ${low} and below ${high}`;
    throw new ArgumentError(`${where} must be a number of ${range}, got ${describe(value)}`);
  }
  return value;
}

/**
 * Checks a finite float32 above 0.
 * @throws {ArgumentError}
 */
export function positiveNumber(value: unknown, where: string): number {
  if (typeof value !== 'number' || !(value > 0)) throw new ArgumentError(`${where} must be a number above 0, got ${describe(value)}`);
  if (value > LARGEST_FLOAT32 || Math.fround(value) === 0) throw new ArgumentError(`${where} is ${value}, outside the range of float32`);
  return value;
}

/**
 * Checks a fraction to drop, `0 <= value < 1`. What is not dropped is divided by `1 - value`, which
 * must not be 0 in a float32 either.
 * @throws {ArgumentError}
 */
export function dropRate(value: unknown, where: string): number {
  const rate = numberInRange(value, 0, 1, where);
  if (Math.fround(rate) === 1) throw new ArgumentError(`${where} must be below 1, got ${rate}, which is 1 as a float32`);
  return rate;
}
