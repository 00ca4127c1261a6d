import { openModel } from './openModel.ts';
import { evaluateOther } from './otherModels.ts';
import type { CommandReport } from './report.ts';
import { refuseUnreadFlags } from './taskFlags.ts';
import type { ColumnFlags } from './tasks/task.ts';
import { TASKS } from './tasks/tasks.ts';
import { verdictOf } from './verdict.ts';

/** `backtime evaluate`: measures a model on a file. */
export async function evaluate(file: string, flags: ColumnFlags & { model: string }, report: CommandReport): Promise<void> {
  const { model, task, saved } = await openModel(flags.model);
  if (task === null) {
    const logs = await evaluateOther(model, flags.model, file, flags);
    report.answer(
      'scores',
      logs,
      Object.entries(logs)
        .map(([name, value]) => `${name} ${Number(value.toPrecision(5))}`)
        .join('\n'),
    );
    return;
  }
  refuseUnreadFlags(flags, task, flags.model);
  const { score, scores, text } = await TASKS[task].evaluate(model, file, { ...flags, saved });
  const lines = Object.entries(scores).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null ? [] : [`${name} ${value === null ? '-' : Number(value.toPrecision(5))}`],
  );
  const [{ baselineRule: baseline }, verdict] = [score, verdictOf(score)];
  report.answer(
    'scores',
    { ...scores, baseline, verdict },
    [...(text === '' ? [] : [text]), ...lines, `baseline: ${baseline}`, verdict].join('\n'),
  );
}
