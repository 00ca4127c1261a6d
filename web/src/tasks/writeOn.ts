import { generate, loadBackend, type Model } from 'backtime';
import { encodeCharacters, type WritingNotes } from './write.ts';

export interface WriteOnOptions {
  readonly beginning: string;
  /** How many characters to write. */
  readonly count: number;
  /** 1 as the model has it; below 1 only the likely, above 1 also the unlikely. */
  readonly temperature: number;
  /** The same seed writes the same. */
  readonly seed?: number;
}

/** Milliseconds that a page may be kept from drawing and listening. */
const TURN = 16;

/**
 * Writes on from a beginning; gives the new characters as they come, in pieces, and the page its
 * turn between them.
 */
export async function* writeOn(
  model: Model,
  notes: WritingNotes,
  { beginning, count, temperature, seed }: WriteOnOptions,
): AsyncGenerator<string> {
  const prompt = encodeCharacters(notes, beginning);
  await loadBackend();
  let piece = '';
  let turn = performance.now();
  for (const id of generate(model, Int32Array.from(prompt.length === 0 ? [0] : prompt), {
    length: count,
    temperature,
    ...(seed !== undefined && { seed }),
  })) {
    piece += notes.characters[id];
    if (performance.now() - turn < TURN) continue;
    yield piece;
    piece = '';
    await new Promise((resolve) => setTimeout(resolve));
    turn = performance.now();
  }
  yield piece;
}
