import { type Checkpoint, makeCheckpoint } from '../control/checkpoint.ts';

/** The number of values visited between two looks at the clock: less than a millisecond of work. */
const PIECE = 2 ** 15;

/**
 * Visits the indices from 0 up to `length` piece by piece, and lets the thread's other work run in
 * between.
 * @param visit gets the start and the end of a piece
 * @param checkpoint the checkpoint of the task that this is a part of
 */
export async function inPieces(
  length: number,
  visit: (start: number, end: number) => void,
  checkpoint: Checkpoint = makeCheckpoint(),
): Promise<void> {
  for (let start = 0; start < length; start += PIECE) {
    const end = Math.min(start + PIECE, length);
    visit(start, end);
    // Small data is read at once.
    const pending = end < length ? checkpoint() : undefined;
    if (pending) await pending;
  }
}
