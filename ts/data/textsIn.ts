import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';

/**
 * An array of names or texts.
 * @param what the argument and what it should be, for the error message
 * @param example what is right, for the error message
 * @throws {ArgumentError} for anything but an array of strings, a single string among them
 */
export function textsIn(value: unknown, what: string, example: string): readonly string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw new ArgumentError(`${what} must be an array of texts, such as ${example}, got ${describe(value)}`);
}
