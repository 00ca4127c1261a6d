import { InternalError } from './errors.ts';

/**
 * States what Backtime's own code guarantees. The compiler takes it for granted behind the call.
 * @param text what was found instead, for those who read the report
 * @throws {InternalError} when it does not hold
 */
export function invariant(condition: unknown, text: string): asserts condition {
  if (!condition) throw new InternalError(text);
}
