import { type Checkpoint, makeCheckpoint } from './checkpoint.ts';

/** Values that are visited between two looks at the clock: less than a millisecond's work. */
const PIECE = 2 ** 15;

/**
 * Visits the indices from 0 up to `length` piece by piece, and gives the thread's other work its turns between them.
 * @param visit gets where a piece starts and ends
 * @param checkpoint of a longer task that this is a part of
 */
export async function inPieces(
  length: number,
  visit: (start: number, end: number) => void,
  checkpoint: Checkpoint = makeCheckpoint(),
): Promise<void> {
  for (let start = 0; start < length; start += PIECE) {
    visit(start, Math.min(start + PIECE, length));
    const pending = checkpoint();
    if (pending) await pending;
  }
}
