/** The values of `--task`. */
export const TASK_NAMES = ['classify-text', 'classify-series', 'regress', 'forecast', 'tag', 'generate'] as const;

/** A task of `backtime train`. */
export type TaskName = (typeof TASK_NAMES)[number];
