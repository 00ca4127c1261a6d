import type { TaskName } from '../taskNames.ts';
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
