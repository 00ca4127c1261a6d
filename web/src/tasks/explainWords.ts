import type { Sequential } from 'backtime';
import { answerWorkers } from '../model/answerWorkers.ts';
import type { TextNotes } from './classifyText.ts';
import { textEncoder } from './textInput.ts';
import { splitUnits, type TextUnits } from './textUnits.ts';

export interface WordEffect {
  /** As written. */
  readonly word: string;
  /** Whether the model knows it; what it does not know is all alike to it. */
  readonly known: boolean;
  /** How much more probable the named class is with the word than without it, -1 to 1. */
  readonly effect: number;
}

export interface TextJudgement {
  /** Probability of each class. */
  readonly probabilities: readonly number[];
  /** Number of the most probable class, which the effects are about. */
  readonly best: number;
  /** The words that are read, as far as they are explained. */
  readonly words: readonly WordEffect[];
  /** How many words or characters of the beginning are not read. */
  readonly left: number;
}

/** Pieces of a text that are explained: each takes another reading of the text. */
const MOST_EXPLAINED = 200;

/**
 * What a model makes of a text, and which words moved it: the text is read once whole and once
 * without each of the words that it reads, in one batch.
 */
export async function judgeText(model: Sequential, notes: TextNotes, text: string): Promise<TextJudgement> {
  const { units = 'words', length, vocabulary } = notes;
  // Characters are explained by the word that they are in, where there are words.
  const joint = units === 'characters' && text.includes(' ') ? 'words' : units;
  const pieces = joint === 'words' ? text.split(/\s+/).filter((word) => word !== '') : splitPieces(text, joint);
  const read = pieces.slice(-Math.min(length, MOST_EXPLAINED));
  const separator = joint === 'characters' ? '' : ' ';
  // What is further from the end than the model reads is not read in any variant.
  const before = lastPieces(pieces.slice(0, pieces.length - read.length), units, length);
  const without = (left: number) => [...before, ...read.filter((_, index) => index !== left)].join(separator);
  const variants = [[...before, ...read].join(separator), ...read.map((_, left) => without(left))];
  const { data } = await model.predict(textEncoder(notes)(variants), {
    batchSize: variants.length,
    ...answerWorkers(model, variants.length, notes.length),
  });
  const classes = notes.classes.length;
  const probabilities = Array.from(data.subarray(0, classes));
  const best = probabilities.indexOf(Math.max(...probabilities));
  const known = new Set(vocabulary);
  const isKnown = (piece: string) => splitUnits(piece, units).every((unit) => known.has(unit));
  return {
    probabilities,
    best,
    left: Math.max(0, splitUnits(text, units).length - length),
    words: read.map((word, index) => ({
      word,
      known: isKnown(word),
      effect: probabilities[best] - data[(index + 1) * classes + best],
    })),
  };
}

/** The last pieces that hold as many words or characters. */
function lastPieces(pieces: readonly string[], units: TextUnits, count: number): readonly string[] {
  let first = pieces.length;
  for (let found = 0; first > 0 && found < count; ) {
    first--;
    found += splitUnits(pieces[first] as string, units).length;
  }
  return pieces.slice(first);
}

/** The pieces of a text as they are written. */
function splitPieces(text: string, units: TextUnits): string[] {
  if (units === 'characters') return Array.from(text.trim());
  return text
    .split(/\s+/)
    .flatMap((word) => (splitUnits(word, 'mixed').length > 1 ? splitUnits(word, 'mixed') : [word]))
    .filter((piece) => piece !== '');
}
