/** The values of `--task`, and what each learns. */
export const TASK_WORDS = {
  'classify-text': 'the class of a text, such as good or bad of a review',
  'classify-series': 'the class of a series of numbers, or of a row of features',
  regress: 'a number for a series, or for a row of features, such as a price',
  forecast: 'how a series goes on',
  tag: 'a tag for each word of a sentence',
  generate: 'to continue a text',
} as const;

/** A task of `backtime train`. */
export type TaskName = keyof typeof TASK_WORDS;

/** The values of `--task`. */
export const TASK_NAMES = Object.keys(TASK_WORDS) as TaskName[];
