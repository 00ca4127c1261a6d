import { ArgumentError, loadModel } from '../node.ts';
import { writeAnswers } from './output.ts';
import type { CommandReport } from './report.ts';
import type { TableFlags } from './table.ts';
import { TASKS, taskOf } from './tasks/tasks.ts';

/** `backtime predict`: answers the rows of a file. */
export async function predict(file: string, flags: TableFlags & { model: string; out?: string }, report: CommandReport): Promise<void> {
  const model = await loadModel(flags.model);
  const name = taskOf(model, flags.model);
  const { predict: answer } = TASKS[name];
  if (!answer) throw new ArgumentError(`${flags.model} was trained for ${name}: use "backtime ${name}"`);
  await writeAnswers(await answer(model, file, flags), flags.out, report);
}
