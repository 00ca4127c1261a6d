import { existsSync } from 'node:fs';
import { ArgumentError } from '../node.ts';
import { openModel } from './openModel.ts';
import { predictOther } from './otherModels.ts';
import { checkOut, writeAnswers } from './output.ts';
import type { CommandReport } from './report.ts';
import { refuseUnreadFlags } from './taskFlags.ts';
import type { ColumnFlags } from './tasks/task.ts';
import { TASKS } from './tasks/tasks.ts';

/** `backtime predict`: answers the rows of a file. */
export async function predict(file: string, flags: ColumnFlags & { model: string; out?: string }, report: CommandReport): Promise<void> {
  checkOut(flags.out);
  if (!/\.\w+$/.test(file) && !existsSync(file))
    throw new ArgumentError(`there is no file '${file}': predict answers what is in a file; for one text, write it into a .txt file`);
  const { model, task, saved } = await openModel(flags.model);
  if (task === null) {
    await writeAnswers(await predictOther(model, flags.model, file, flags), file, flags.out, report);
    return;
  }
  const { predict: answer } = TASKS[task];
  if (!answer) throw new ArgumentError(`${flags.model} was trained for ${task}: use "backtime ${task}"`);
  refuseUnreadFlags(flags, task, flags.model);
  await writeAnswers(await answer(model, file, { ...flags, saved }), file, flags.out, report);
}
