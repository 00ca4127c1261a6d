import { loadModel } from '../node.ts';
import type { CommandReport } from './report.ts';
import type { TableFlags } from './table.ts';
import { TASKS, taskOf } from './tasks/tasks.ts';
import { verdictOf } from './train.ts';

/** `backtime evaluate`: measures a model on a file. */
export async function evaluate(file: string, flags: TableFlags & { model: string }, report: CommandReport): Promise<void> {
  const model = await loadModel(flags.model);
  const { score, scores, text } = await TASKS[taskOf(model, flags.model)].evaluate(model, file, flags);
  const lines = Object.entries(scores).map(([name, value]) => `${name} ${value === null ? '-' : Number(value.toPrecision(5))}`);
  const rule = `baseline: ${score.baselineRule}`;
  report.answer('scores', scores, [...(text === '' ? [] : [text]), ...lines, rule, verdictOf(score)].join('\n'));
}
