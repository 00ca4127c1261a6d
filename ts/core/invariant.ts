import { InternalError } from './errors.ts';

/**
 * Checks a condition that Backtime's own code guarantees. After the call the compiler assumes it.
 * @param text the violation, for the report
 * @throws {InternalError} when it does not hold
 */
export function invariant(condition: unknown, text: string): asserts condition {
  if (!condition) throw new InternalError(text);
}
