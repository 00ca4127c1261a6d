import { ArgumentError } from '../node.ts';
import { openModel } from './openModel.ts';
import { type ColumnFlags, predictOther, refuseColumnFlags } from './otherModels.ts';
import { checkOut, writeAnswers } from './output.ts';
import type { CommandReport } from './report.ts';
import { TASKS } from './tasks/tasks.ts';

/** `backtime predict`: answers the rows of a file. */
export async function predict(file: string, flags: ColumnFlags & { model: string; out?: string }, report: CommandReport): Promise<void> {
  checkOut(flags.out);
  const { model, task } = await openModel(flags.model);
  if (task === null) {
    await writeAnswers(await predictOther(model, flags.model, file, flags), flags.out, report);
    return;
  }
  refuseColumnFlags(flags, flags.model);
  const { predict: answer } = TASKS[task];
  if (!answer) throw new ArgumentError(`${flags.model} was trained for ${task}: use "backtime ${task}"`);
  await writeAnswers(await answer(model, file, flags), flags.out, report);
}
