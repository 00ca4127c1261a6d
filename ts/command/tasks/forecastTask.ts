import {
  Adam,
  Add,
  ArgumentError,
  backtest,
  type ColumnDescription,
  Cropping1D,
  DataError,
  Dense,
  Flatten,
  Input,
  Model,
  Normalization,
  RepeatVector,
  Reshape,
  Subtract,
  type SymbolicTensor,
  type Table,
  type Tensor,
} from '../../node.ts';
import { isCalled, requireColumns, trainedColumns } from '../columns.ts';
import { readTable } from '../table.ts';
import { TARGET_NAMES } from './columnNames.ts';
import { COVERAGE, coverageOf, residualsOf, whyNoInterval, whyNotMeasured } from './forecastInterval.ts';
import { missingOf } from './missingFlag.ts';
import { recurrentLayers } from './recurrentLayers.ts';
import { checkRepeatedDates } from './repeatedDates.ts';
import { inUnitsOfData } from './restoreScale.ts';
import { dateTexts, findGaps } from './seriesDates.ts';
import type { ColumnFlags, Evaluation, Samples, Task } from './task.ts';

/** The metadata of a forecasting model. */
export interface SavedForecast {
  readonly columns: readonly string[];
  readonly date: string | null;
  readonly missing: string;
  readonly window: number;
  readonly horizon: number;
  readonly seasonLength: number;
  /** Rows `[H * C]` of errors on the validation data, for intervals. */
  readonly residuals: readonly (readonly number[])[];
  /** Steps of the validation data. */
  readonly validationSteps: number;
}

/** Origins of a backtest. */
const ORIGINS = 200;

/**
 * The series of a table, `[T, C]`, earliest first. Warns of gaps in its dates.
 * @param warn prints a warning
 * @throws {DataError} for the rows of several series
 */
function seriesOf(
  table: Table,
  { columns, date, missing }: Pick<SavedForecast, 'columns' | 'date' | 'missing'>,
  warn: (message: string) => void,
) {
  const sorted = date === null ? table : table.sortByDate(date);
  const times = date === null ? null : sorted.dates(date);
  if (times) checkRepeatedDates(sorted, times, [...columns, date as string], warn);
  const different = times?.filter((time, row) => row === 0 || time !== times[row - 1]);
  const gaps = different && findGaps(different);
  if (different && gaps) {
    const [from, to] = dateTexts(different.slice(gaps.after, gaps.after + 2));
    warn(
      `${table.source} has no rows between ${from} and ${to}${gaps.count > 1 ? `, and ${gaps.count} such gaps in all` : ''}: each row is taken for the next step; add rows with empty fields for the dates that are missing`,
    );
  }
  const series = sorted.matrix(columns, { missing: missingOf(missing, 'linear') });
  const empty = series.data.findIndex(Number.isNaN);
  if (empty >= 0) throw new DataError(`column '${columns[empty % columns.length]}' of ${table.source} has no numbers`);
  return { series, times };
}

/**
 * The series of a file, as that which a model was trained on.
 * @throws {ArgumentError} when the file lacks one of its columns
 */
export async function readForecast(file: string, saved: SavedForecast, flags: ColumnFlags) {
  const table = await readTable(file, flags);
  const columns = trainedColumns(table, saved.columns, '--target', flags.target);
  return { ...seriesOf(table, { ...saved, columns }, flags.warn), format: table.format };
}

/** Windows of a series and what follows them, of which the first step is in `[from, to)`. */
function windowsOf({ shape, data }: Tensor<Float64Array>, window: number, horizon: number, from: number, to: number): [Tensor, Tensor] {
  const C = shape[1] as number;
  const first = Math.max(from, window);
  const count = Math.max(0, to - horizon - first + 1);
  const x = new Float64Array(count * window * C);
  const y = new Float64Array(count * horizon * C);
  for (let n = 0; n < count; n++) {
    x.set(data.subarray((first + n - window) * C, (first + n) * C), n * window * C);
    y.set(data.subarray((first + n) * C, (first + n + horizon) * C), n * horizon * C);
  }
  return [
    { shape: [count, window, C], data: x },
    { shape: [count, horizon, C], data: y },
  ];
}

/** The values of one of C columns, `[T]`. */
function columnOf(data: ArrayLike<number>, C: number, column: number): Tensor<Float64Array> {
  const values = Float64Array.from({ length: data.length / C }, (_, step) => data[step * C + column] as number);
  return { shape: [values.length], data: values };
}

/**
 * Measures forecasts from `start` on, and those that learn nothing, for each column by itself:
 * a mean over columns would mix their units.
 * @param lack why the interval cannot be measured; null where it can
 * @param measureCoverage the part of the values that it covers
 */
async function evaluateForecasts(
  model: Model,
  series: Tensor,
  start: number,
  saved: SavedForecast,
  lack: string | null,
  measureCoverage: (predictions: Tensor, actual: Tensor, origins: readonly number[]) => number | null,
): Promise<Evaluation> {
  const { columns, horizon, seasonLength } = saved;
  const stride = Math.max(horizon, Math.ceil(((series.shape[0] as number) - start) / ORIGINS));
  const options = { horizon, start, stride, seasonLength };
  const { errors, origins, predictions, actual } = await backtest(model, series, options);
  const coverage = lack === null ? measureCoverage(predictions, actual, origins) : null;
  const measured = await Promise.all(
    columns.map(async (name, column) => {
      const own = columnOf(predictions.data, columns.length, column);
      const places = origins.keys();
      const replay = () => {
        const from = horizon * (places.next().value as number);
        return { shape: [horizon], data: own.data.subarray(from, from + horizon) };
      };
      const ofColumn = (await backtest(replay, columnOf(series.data, columns.length, column), options)).errors;
      const { model: found, ...baselines } = ofColumn;
      const [rule, best] = Object.entries(baselines).reduce((least, each) => (each[1].mae < least[1].mae ? each : least));
      return { name, errors: ofColumn, found, rule, best };
    }),
  );
  const row = (name: string, mae: string, rmse: string) => `  ${name.padEnd(14)} ${mae.padStart(9)} ${rmse.padStart(9)}`;
  const text = measured.flatMap((each) => [
    row(columns.length > 1 ? each.name : '', 'mae', 'rmse'),
    ...Object.entries(each.errors).map(([name, { mae, rmse }]) => row(name, mae.toPrecision(4), rmse.toPrecision(4))),
  ]);
  const percent = (part: number) => Math.round(100 * part);
  text.push(coverage === null ? `  ${lack}` : `  the interval of ${percent(COVERAGE)} % covers ${percent(coverage)} % of the values`);
  const scoresOf = ({ found: { mae, rmse, smape, mase }, best }: (typeof measured)[number]) => ({
    mae,
    rmse,
    smape,
    mase,
    baselineMae: best.mae,
  });
  const [first] = measured as [(typeof measured)[number]];
  const common = { coverage, origins: origins.length };
  if (measured.length === 1)
    return {
      score: { name: 'mae', value: first.found.mae, baseline: first.best.mae, baselineRule: first.rule, isHigherBetter: false },
      scores: { ...scoresOf(first), ...common },
      text: text.join('\n'),
    };
  const parts = measured.map(({ found, best }) => (best.mae > 0 ? found.mae / best.mae : found.mae > 0 ? 2 : 1));
  return {
    score: {
      name: "mae over the baseline's mae",
      value: parts.reduce((sum, part) => sum + part, 0) / parts.length,
      baseline: 1,
      baselineRule: `the best of each column: ${measured.map(({ rule }) => rule).join(', ')}`,
      isHigherBetter: false,
    },
    scores: {
      smape: errors.model.smape,
      mase: errors.model.mase,
      ...common,
      targets: Object.fromEntries(measured.map((each) => [each.name, scoresOf(each)])),
    },
    text: text.join('\n'),
  };
}

function chooseColumns(table: Table, described: readonly ColumnDescription[], target: string | undefined): string[] {
  if (target !== undefined) return requireColumns(table, target, '--target');
  const numbers = described.filter(({ kind }) => kind === 'number').map(({ name }) => name);
  const named = numbers.filter((name) => isCalled(name, TARGET_NAMES));
  const found = named.length === 1 ? named : numbers;
  if (found.length !== 1)
    throw new ArgumentError(
      `${table.source}: which column is --target? ${found.length === 0 ? `none of ${described.map(({ name, kind }) => `${name} (${kind})`).join(', ')} has numbers, and a forecast continues numbers` : `${found.join(', ')} have numbers`}${found.length === 0 ? '' : ': give --target COLUMN, or several with commas between'}`,
    );
  return found;
}

/** Gives the changes over so many steps about the variance 1: levels may rise without an end. */
function normalizationOf(data: Float64Array, C: number, steps: number): Normalization {
  const count = data.length / C;
  const mean = Array.from(
    { length: C },
    (_, c) => data.filter((_value, index) => index % C === c).reduce((sum, value) => sum + value, 0) / count,
  );
  const variance = Array.from({ length: C }, (_, c) => {
    let sum = 0;
    for (let step = steps; step < count; step++) sum += ((data[step * C + c] as number) - (data[(step - steps) * C + c] as number)) ** 2;
    return sum / (count - steps);
  });
  return new Normalization({ mean, variance });
}

/** Learns to continue a series. The model predicts the change from the last value of a window. */
export const forecastTask: Task = {
  defaults: { units: 32, dropout: 0, learningRate: 0.002, epochs: 60, patience: 8, bidirectional: false },

  async prepare(file, settings) {
    const table = await readTable(file, settings);
    const described = table.describeColumns();
    const columns = chooseColumns(table, described, settings.target);
    const date = described.find(({ kind, name }) => kind === 'date' && !columns.includes(name))?.name ?? null;
    const missing = settings.missing ?? 'linear';
    const { series } = seriesOf(table, { columns, date, missing }, settings.warn);
    const [T, C] = series.shape as [number, number];
    const { horizon = 1, seasonLength = 1 } = settings;
    const window = settings.window ?? Math.max(2, Math.min(Math.max(24, 2 * seasonLength), Math.floor(T / 5)));
    const validationSteps = Math.max(horizon, Math.round(T * settings.validationSplit));
    const start = T - validationSteps;
    if (start < window + horizon)
      throw new DataError(
        `${file} has ${T} steps, of which ${start} are for training: too few for a window of ${window} and a horizon of ${horizon}; give a smaller --window`,
      );
    const normalization = normalizationOf(series.data.subarray(0, start * C), C, Math.ceil(window / 2));
    const part = (from: number, to: number): Samples => {
      const [x, y] = windowsOf(series, window, horizon, from, to);
      return [x, normalization.call(y)];
    };
    const [train, validation] = [part(0, start), part(start, T)];

    const input = Input({ shape: [window, C] });
    const normalized = normalization.apply(input);
    const last = new Flatten().apply(new Cropping1D([window - 1, 0]).apply(normalized));
    // Levels that training did not have are none to the network: it sees and predicts changes.
    const changes = new Subtract().apply([normalized, new RepeatVector(window).apply(last)]);
    const predicted = [...recurrentLayers(settings, false), new Dense(horizon * C), new Reshape([horizon, C])].reduce(
      (x, layer) => layer.apply(x) as SymbolicTensor,
      changes,
    );
    const model = new Model({ inputs: input, outputs: new Add().apply([predicted, new RepeatVector(horizon).apply(last)]) });
    const pipeline = inUnitsOfData(model, normalization);
    model.compile({ optimizer: new Adam({ learningRate: settings.learningRate, clipnorm: 1 }), loss: 'meanSquaredError' });
    const saved: SavedForecast = { columns, date, missing, window, horizon, seasonLength, residuals: [], validationSteps };
    const errorsBetween = async (from: number, to: number): Promise<[Tensor, Tensor]> => {
      const [x, y] = windowsOf(series, window, horizon, from, to);
      return [y, y.data.length === 0 ? y : await pipeline.predict(x)];
    };
    return {
      columns: described,
      decimal: table.format?.decimal ?? '.',
      choice: `${columns.join(', ')}${date === null ? ', in the order of the rows' : `, by the dates of '${date}'`}; windows of ${window} steps, of which the next ${horizon} follow`,
      unit: 'windows',
      train,
      validation,
      model,
      pipeline,
      metadata: async () => ({ ...saved, residuals: residualsOf(...(await errorsBetween(start, T)), horizon * C) }),
      evaluate: async () => {
        // The errors of the first half of the validation data make an interval for the second.
        const middle = start + Math.ceil(validationSteps / 2);
        const residuals = residualsOf(...(await errorsBetween(start, middle)), horizon * C);
        const lack = whyNoInterval(validationSteps - horizon + 1, COVERAGE) ?? whyNotMeasured(validationSteps, horizon);
        return evaluateForecasts(pipeline, series, start, saved, lack, (predictions, actual, origins) =>
          coverageOf(
            predictions,
            actual,
            residuals,
            origins.findIndex((origin) => origin >= middle),
          ),
        );
      },
      next: `forecast ${file} --steps ${Math.max(horizon, seasonLength)}`,
    };
  },

  async evaluate(model, file, flags) {
    const saved = model.metadata as unknown as SavedForecast;
    const { series } = await readForecast(file, saved, flags);
    const start = Math.max(saved.window, saved.seasonLength + 1);
    if ((series.shape[0] as number) < start + saved.horizon)
      throw new DataError(
        `${file} has ${series.shape[0]} rows, but at least ${start + saved.horizon} are needed: a window, and the horizon after it`,
      );
    const { residuals } = saved;
    return evaluateForecasts(model, series, start, saved, whyNoInterval(residuals.length, COVERAGE), (predictions, actual) =>
      coverageOf(predictions, actual, residuals, 0),
    );
  },

  predict: null,
};
