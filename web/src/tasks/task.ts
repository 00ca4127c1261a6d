import type { Tensor } from 'backtime';
import type { RowProblem } from '../data/rowProblem.ts';
import type { ModelFrame } from '../model/layerList.ts';
import type { Baselines } from './baseline.ts';
import type { DataCheck } from './dataCheck.ts';

export const TASKS = {
  classifyText: { name: 'Classify text', about: 'Tell what kind of text a sentence is, for example whether a review is positive.' },
  tagWords: { name: 'Tag words', about: 'Give every word of a sentence a tag, for example its part of speech, or whether it is a name.' },
  classifySeries: { name: 'Classify series', about: 'Tell what a recording shows, for example how someone moves.' },
  predictNumber: { name: 'Predict a number', about: 'Tell a number of a text, a recording or a row, for example a price or a rating.' },
  forecast: { name: 'Forecast a series', about: 'Continue a row of numbers into the future.' },
  write: { name: 'Write like this text', about: 'Learn a text character by character, and write more of its kind.' },
} as const;

export type TaskName = keyof typeof TASKS;

/** Inputs and targets as `fit` takes them. */
export type Samples = readonly [x: Tensor, y: Tensor];

/** Where an example is from. */
export interface ExamplePlace {
  /** Its row in the file, or the first of its rows. */
  readonly row: number;
  /** The beginning of a text, or what is around a word; empty for others. */
  readonly text: string;
  /** Where the word is in the text that was judged, from and to; not there for a whole text. */
  readonly part?: readonly [number, number];
}

/**
 * What a model is trained on for a task.
 * @typeParam Notes what the task notes, one of `TaskNotes`
 */
export interface TaskData<Notes> {
  readonly notes: Notes;
  readonly train: Samples;
  /** Kept from training, to judge by after every epoch. */
  readonly validation: Samples;
  /** Kept from training too, and judged by once, when it is over. */
  readonly test: Samples;
  /** What the targets of each sample were divided by; not there where that is the same for all. */
  readonly sampleScales?: { readonly validation: readonly number[]; readonly test: readonly number[] };
  /** Where the first test examples are from, in their order; null for tasks without examples. */
  readonly testExamples: readonly ExamplePlace[] | null;
  /** How good answers are that take no learning. */
  readonly baselines: Baselines;
  /** What the task fixes of the model. */
  readonly frame: ModelFrame;
  /** What was made of the data, in a sentence or two. */
  readonly summary: string;
  /** What looks like a mistake in the data, a sentence or two each, the worst first. */
  readonly warnings: readonly string[];
  /** What a person should look at before training. */
  readonly check: DataCheck;
}

/** A data set made ready for a task. */
export interface Prepared<Notes> extends TaskData<Notes> {
  /** Rows that were left out, and why. */
  readonly problems: readonly RowProblem[];
  /** Rows in which numbers are missing, and what took their place. */
  readonly missing: readonly RowProblem[];
}

/** Data that a task cannot use; the message is for the user. */
export class UnusableDataError extends Error {
  readonly problems: readonly RowProblem[];

  constructor(message: string, problems: readonly RowProblem[] = []) {
    super(message);
    this.problems = problems;
  }
}
