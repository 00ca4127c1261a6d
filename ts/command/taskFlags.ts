import { ArgumentError } from '../node.ts';
import type { TaskName } from './taskNames.ts';
import { oneSeries } from './tasks/repeatedDates.ts';
import type { TrainFlags } from './tasks/task.ts';
import { flagOf } from './unreadFlags.ts';

const TABLES = ['classify-text', 'classify-series', 'regress', 'forecast', 'tag'] as const;

/** The tasks that read a flag, where not all of them do. */
const READERS: Partial<Record<keyof TrainFlags, readonly TaskName[]>> = {
  target: TABLES,
  text: ['classify-text', 'tag'],
  group: ['classify-series', 'regress', 'tag'],
  columns: ['classify-series', 'regress'],
  rows: ['classify-series', 'regress'],
  missing: ['classify-series', 'regress', 'forecast'],
  horizon: ['forecast'],
  window: ['forecast', 'generate'],
  seasonLength: ['forecast'],
  bidirectional: TABLES,
  separator: TABLES,
  comments: TABLES,
  naValues: TABLES,
  badRows: TABLES,
  header: TABLES,
  decimal: ['classify-series', 'regress', 'forecast'],
};

/**
 * @param model the file of the model whose task it is; null in training
 * @throws {ArgumentError} for a flag that a task does not read
 */
export function refuseUnreadFlags(flags: Partial<TrainFlags>, task: TaskName, model: string | null): void {
  for (const [name, tasks] of Object.entries(READERS) as [keyof TrainFlags, readonly TaskName[]][])
    if (flags[name] !== undefined && flags[name] !== 'error' && !tasks.includes(task)) {
      if (name === 'group' && task === 'forecast')
        throw new ArgumentError(`--group is not for forecast: ${oneSeries(flags.group as string)}`);
      const [readers, other] = [tasks.join(', '), model === null ? `${task} does not read it` : `${model} was trained for ${task}`];
      throw new ArgumentError(
        `${flagOf(name)} is a flag ${model === null ? 'of --task' : 'for models of'} ${readers}, and ${other}: leave it out`,
      );
    }
}
