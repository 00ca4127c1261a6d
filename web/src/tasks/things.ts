import type { TaskName } from './task.ts';

/** What a task judges, in the words of the page. */
export interface Things {
  readonly plural: string;
  readonly answer: string;
  /** What an answer is one of, and what has one, in plural; not there where answers are numbers. */
  readonly kind?: 'class' | 'tag';
  readonly examples?: string;
}

export const THINGS: Readonly<Record<TaskName, Things>> = {
  classifyText: { plural: 'texts', answer: 'right', kind: 'class', examples: 'examples' },
  tagWords: { plural: 'words', answer: 'right', kind: 'tag', examples: 'words' },
  classifySeries: { plural: 'series', answer: 'right', kind: 'class', examples: 'examples' },
  predictNumber: { plural: 'examples', answer: 'typically off by' },
  forecast: { plural: 'forecasts', answer: 'typically off by' },
  write: { plural: 'characters', answer: 'next character right' },
};
