import { allFinite } from '../core/finite.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { turnIfDue } from './turn.ts';

/** Values that are checked at a time, in about half a millisecond. */
const PIECE = 2 ** 18;

/**
 * Whether all values are finite, found in pieces between which waiting events are handled.
 * One piece is checked at once: a short call has its turn at its end, where the model is free.
 * @param view the values, or null for none; called for every piece, since memory may move meanwhile
 */
export async function allFiniteInTurns(view: () => FloatArray | null): Promise<boolean> {
  for (let start = 0; ; start += PIECE) {
    const values = view();
    if (!values) return true;
    const end = start + PIECE;
    if (!allFinite(values.subarray(start, end))) return false;
    if (end >= values.length) return true;
    await turnIfDue();
  }
}
