import { ArgumentError, type Model } from '../../node.ts';
import { TASK_NAMES, type TaskName } from '../taskNames.ts';
import { classifySeries } from './classifySeries.ts';
import { classifyText } from './classifyText.ts';
import { forecastTask } from './forecastTask.ts';
import { generateTask } from './generateTask.ts';
import { regress } from './regress.ts';
import { tag } from './tag.ts';
import type { Task } from './task.ts';

export const TASKS: Readonly<Record<TaskName, Task>> = {
  'classify-text': classifyText,
  'classify-series': classifySeries,
  regress,
  forecast: forecastTask,
  tag,
  generate: generateTask,
};

/**
 * The task that a model was trained for.
 * @throws {ArgumentError} when the model was not trained by this command
 */
export function taskOf(model: Model, file: string): TaskName {
  const name = model.metadata.task;
  const known = TASK_NAMES.find((task) => task === name);
  if (!known) throw new ArgumentError(`${file} was not trained by "backtime train": its metadata names no task`);
  return known;
}
