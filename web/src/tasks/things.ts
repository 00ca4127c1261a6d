import type { TaskName } from './task.ts';

/** What a task judges, in the words of the page. */
export const THINGS: Readonly<Record<TaskName, { readonly plural: string; readonly answer: string }>> = {
  classifyText: { plural: 'texts', answer: 'right' },
  tagWords: { plural: 'words', answer: 'right' },
  classifySeries: { plural: 'series', answer: 'right' },
  predictNumber: { plural: 'examples', answer: 'typically off by' },
  forecast: { plural: 'forecasts', answer: 'typically off by' },
  write: { plural: 'characters', answer: 'next character right' },
};
