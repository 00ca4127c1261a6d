import { ArgumentError, forecast, loadModel } from '../node.ts';
import { writeAnswers } from './output.ts';
import type { CommandReport } from './report.ts';
import { readTable, type TableFlags } from './table.ts';
import { type SavedForecast, seriesOf } from './tasks/forecastTask.ts';
import { taskOf } from './tasks/tasks.ts';

interface ForecastFlags extends TableFlags {
  readonly model: string;
  readonly steps?: number;
  readonly coverage: number;
  readonly seed: number;
  readonly out?: string;
}

/** `backtime forecast`: continues the series of a file. */
export async function forecastFile(file: string, flags: ForecastFlags, report: CommandReport): Promise<void> {
  const model = await loadModel(flags.model);
  const task = taskOf(model, flags.model);
  if (task !== 'forecast') throw new ArgumentError(`${flags.model} was trained for ${task}, not to forecast`);
  const saved = model.metadata as unknown as SavedForecast;
  const { series, times } = seriesOf(await readTable(file, flags), saved);
  const n = flags.steps ?? saved.horizon;
  const { coverage, seed } = flags;
  const residuals = saved.residuals.map((row) => [...row]);
  const { values, lower, upper } = await forecast(model, series, n, { residuals, coverage, seed });
  const dates = times && nextDates(times, n);
  const answers = new Map<string, readonly unknown[]>([
    dates ? [saved.date as string, dates] : ['step', Array.from({ length: n }, (_, step) => step + 1)],
  ]);
  for (const [channel, name] of saved.columns.entries())
    for (const [suffix, tensor] of Object.entries({ '': values, _lower: lower, _upper: upper })) {
      const C = saved.columns.length;
      if (tensor)
        answers.set(
          `${name}${suffix}`,
          Array.from({ length: n }, (_, step) => Number((tensor.data[step * C + channel] as number).toPrecision(7))),
        );
    }
  await writeAnswers(answers, flags.out, report);
}

/** The dates after those of a series; null where its steps are not of one length. */
function nextDates(times: Float64Array, n: number): string[] | null {
  const last = times.length - 1;
  const step = (times[last] as number) - (times[last - 1] as number);
  const isEven =
    step > 0 &&
    times.slice(Math.max(1, last - 10)).every((time, index, some) => index === 0 || time - (some[index - 1] as number) === step);
  if (!isEven) return null;
  const isOfDays = times.every((time) => time % 86_400_000 === 0) && step % 86_400_000 === 0;
  return Array.from({ length: n }, (_, index) => {
    const text = new Date((times[last] as number) + (index + 1) * step).toISOString();
    return isOfDays ? text.slice(0, 10) : text;
  });
}
