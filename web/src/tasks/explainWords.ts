import type { Sequential } from 'backtime';
import { answerWorkers } from '../model/answerWorkers.ts';
import { type TextNotes, textEncoder } from './classifyText.ts';

export interface WordEffect {
  /** As written. */
  readonly word: string;
  /** How much more probable the named class is with the word than without it, -1 to 1. */
  readonly effect: number;
}

export interface TextJudgement {
  /** Probability of each class. */
  readonly probabilities: readonly number[];
  /** Number of the most probable class, which the effects are about. */
  readonly best: number;
  readonly words: readonly WordEffect[];
}

/**
 * What a model makes of a text, and which words moved it: the text is read once whole and once
 * without each of its words, in one batch.
 */
export async function judgeText(model: Sequential, notes: TextNotes, text: string): Promise<TextJudgement> {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const variants = [text, ...words.map((_, left) => words.filter((_, index) => index !== left).join(' '))];
  const { data } = await model.predict(textEncoder(notes)(variants), {
    batchSize: variants.length,
    ...answerWorkers(model, variants.length, notes.length),
  });
  const classes = notes.classes.length;
  const probabilities = Array.from(data.subarray(0, classes));
  const best = probabilities.indexOf(Math.max(...probabilities));
  const without = (index: number) => data[(index + 1) * classes + best];
  return { probabilities, best, words: words.map((word, index) => ({ word, effect: probabilities[best] - without(index) })) };
}
