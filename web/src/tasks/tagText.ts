import type { Sequential } from 'backtime';
import { answerWorkers } from '../model/answerWorkers.ts';
import type { TagNotes } from './tagWords.ts';
import { encodeWords, knownWords, piecesOf, wordsOfText } from './wordInput.ts';

/** A word of a sentence and what the model takes it for. */
export interface TaggedWord {
  readonly word: string;
  /** Whether the model knows it; what it does not know it judges by the words beside it. */
  readonly known: boolean;
  readonly tag: string;
  /** How probable the model takes the tag to be. */
  readonly probability: number;
}

/** What a model makes of each word of a sentence. */
export async function tagText(model: Sequential, notes: TagNotes, text: string): Promise<readonly TaggedWord[]> {
  const isKnown = knownWords(notes);
  const words = wordsOfText(text, isKnown);
  if (words.length === 0) return [];
  const pieces = piecesOf(words, notes.length);
  const x = encodeWords(notes, pieces);
  const [, longest] = x.shape as [number, number];
  const { data } = await model.predict(x, { batchSize: pieces.length, ...answerWorkers(model, pieces.length, longest) });
  const { classes } = notes;
  return pieces.flatMap((piece, row) =>
    piece.map((word, step) => {
      const from = (row * longest + step) * classes.length;
      const probabilities = Array.from(data.subarray(from, from + classes.length));
      const probability = Math.max(...probabilities);
      return { word, known: isKnown(word), tag: classes[probabilities.indexOf(probability)] as string, probability };
    }),
  );
}
