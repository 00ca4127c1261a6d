import { ArgumentError } from './errors.ts';
import { describe } from './shape.ts';
import { elsewhere, suggest } from './suggestion.ts';

/**
 * Refuses options that a function or class does not have, so that no misspelt name is ignored in silence.
 * @param options the user's options; undefined means none
 * @param known the names of the options that exist
 * @param owner the function or class, for the error message: `padSequences`
 * @throws {ArgumentError} naming the unknown option, what was probably meant, and the known ones
 */
export function checkOptions(options: unknown, known: readonly string[], owner: string): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ArgumentError(`${owner}: options must be an object, got ${describe(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      const hint = suggest(name, known) || elsewhere(name);
      throw new ArgumentError(`${owner}: unknown option '${name}'${hint}; the options are ${known.join(', ')}`);
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
    throw new ArgumentError(
      `${where} must be one of ${choices.map((choice) => describe(choice)).join(', ')}, got ${describe(value)}${suggest(value, names)}`,
    );
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
    const range = high === Infinity ? `at least ${low}` : `at least ${low} and below ${high}`;
    throw new ArgumentError(`${where} must be a number of ${range}, got ${describe(value)}`);
  }
  return value;
}

/**
 * Checks a count.
 * @throws {ArgumentError} when it is not a whole number of at least 0
 */
export function wholeNumber(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new ArgumentError(`${where} must be a whole number of at least 0, got ${describe(value)}`);
}
