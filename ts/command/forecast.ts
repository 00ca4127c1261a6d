import { ArgumentError, DataError, forecast, timesAfter } from '../node.ts';
import { openModel } from './openModel.ts';
import { checkOut, writeAnswers } from './output.ts';
import type { CommandReport } from './report.ts';
import { whyNoInterval, whyNotMeasured } from './tasks/forecastInterval.ts';
import { readForecast, type SavedForecast } from './tasks/forecastTask.ts';
import { dateTexts } from './tasks/seriesDates.ts';
import type { ColumnFlags } from './tasks/task.ts';

interface ForecastFlags extends ColumnFlags {
  readonly model: string;
  readonly steps?: number;
  readonly coverage: number;
  readonly seed: number;
  readonly out?: string;
}

/** `backtime forecast`: continues the series of a file. */
export async function forecastFile(file: string, flags: ForecastFlags, report: CommandReport): Promise<void> {
  checkOut(flags.out);
  const { model, task, saved: reading } = await openModel(flags.model);
  if (task !== 'forecast')
    throw new ArgumentError(
      `${flags.model} was trained ${task === null ? 'by another program' : `for ${task}`}, not to forecast: "backtime train FILE --task forecast" trains a model that does`,
    );
  const saved = model.metadata as unknown as SavedForecast;
  const { series, times, format } = await readForecast(file, saved, { ...flags, saved: reading });
  if (series.shape[0] < saved.window)
    throw new DataError(`${file} has ${series.shape[0]} rows, but the model forecasts from the last ${saved.window}`);
  const n = flags.steps ?? saved.horizon;
  const { coverage, seed } = flags;
  const residuals = saved.residuals.map((row) => [...row]);
  const lack = whyNoInterval(residuals.length, coverage);
  const caveat = lack ?? whyNotMeasured(saved.validationSteps, saved.horizon);
  if (caveat !== null) flags.warn(caveat);
  const { values, lower, upper } = await forecast(model, series, n, lack === null ? { residuals, coverage, seed } : {});
  const dates = times && (await timesAfter(times, n));
  if (times && !dates)
    flags.warn(`the last dates of ${file} are not evenly spaced: the forecast has numbers of steps in the place of dates`);
  const answers = new Map<string, readonly unknown[]>([
    dates ? [saved.date as string, dateTexts(dates)] : ['step', Array.from({ length: n }, (_, step) => step + 1)],
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
  await writeAnswers({ columns: answers, format }, file, flags.out, report);
}
