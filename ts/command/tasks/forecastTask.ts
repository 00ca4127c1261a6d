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
import { readTable, type TableFlags } from '../table.ts';
import { recurrentLayers } from './recurrentLayers.ts';
import { inUnitsOfData } from './restoreScale.ts';
import { missingOf } from './seriesSamples.ts';
import { TARGET_NAMES } from './targetNames.ts';
import type { Evaluation, Samples, Task } from './task.ts';

/** What a forecasting model has as metadata. */
export interface SavedForecast {
  readonly columns: readonly string[];
  readonly date: string | null;
  readonly missing: string;
  readonly window: number;
  readonly horizon: number;
  readonly seasonLength: number;
  /** Rows `[H * C]` of errors on the validation data, for intervals. */
  readonly residuals: readonly (readonly number[])[];
}

/** Errors that are saved. */
const RESIDUALS = 200;
/** Origins of a backtest. */
const ORIGINS = 200;

/** The series of a table, `[T, C]`, earliest first. */
export function seriesOf(table: Table, { columns, date, missing }: Pick<SavedForecast, 'columns' | 'date' | 'missing'>) {
  const sorted = date === null ? table : table.sortByDate(date);
  return {
    series: sorted.matrix(columns, { missing: missingOf(missing, 'linear') }),
    times: date === null ? null : sorted.dates(date),
  };
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

/** Measures forecasts from `start` on, and those that learn nothing. */
async function evaluateForecasts(model: Model, series: Tensor, start: number, saved: SavedForecast): Promise<Evaluation> {
  const { horizon, seasonLength } = saved;
  const stride = Math.max(horizon, Math.ceil(((series.shape[0] as number) - start) / ORIGINS));
  const { errors, origins } = await backtest(model, series, { horizon, start, stride, seasonLength });
  const { model: own, ...baselines } = errors;
  const [rule, best] = Object.entries(baselines).reduce((least, next) => (next[1].mae < least[1].mae ? next : least));
  const rows = Object.entries(errors).map(
    ([name, { mae, rmse }]) => `  ${name.padEnd(14)} ${mae.toPrecision(4).padStart(9)} ${rmse.toPrecision(4).padStart(9)}`,
  );
  return {
    score: { name: 'mae', value: own.mae, baseline: best.mae, baselineRule: rule, isHigherBetter: false },
    scores: { mae: own.mae, rmse: own.rmse, smape: own.smape, mase: own.mase, baselineMae: best.mae, origins: origins.length },
    text: [`  ${''.padEnd(14)} ${'mae'.padStart(9)} ${'rmse'.padStart(9)}`, ...rows].join('\n'),
  };
}

function chooseColumns(table: Table, described: readonly ColumnDescription[], target: string | undefined): string[] {
  if (target !== undefined) {
    const names = target.split(',').map((name) => name.trim());
    for (const name of names) table.column(name);
    return names;
  }
  const numbers = described.filter(({ kind }) => kind === 'number').map(({ name }) => name);
  const named = numbers.filter((name) => TARGET_NAMES.test(name));
  const found = named.length === 1 ? named : numbers;
  if (found.length !== 1)
    throw new ArgumentError(
      `${table.source}: which column is --target? ${found.length === 0 ? 'none has numbers' : `${found.join(', ')} have numbers`}: give --target COLUMN, or several with commas between`,
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
    const { series } = seriesOf(table, { columns, date, missing });
    const [T, C] = series.shape as [number, number];
    const { horizon = 1, seasonLength = 1 } = settings;
    const window = settings.window ?? Math.max(2, Math.min(Math.max(24, 2 * seasonLength), Math.floor(T / 5)));
    const start = T - Math.max(horizon, Math.round(T * settings.validationSplit));
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
    const saved: SavedForecast = { columns, date, missing, window, horizon, seasonLength, residuals: [] };
    return {
      columns: described,
      choice: `${columns.join(', ')}${date === null ? ', in the order of the rows' : `, by the dates of '${date}'`}; windows of ${window} steps, of which the next ${horizon} follow`,
      unit: 'windows',
      train,
      validation,
      model,
      pipeline,
      metadata: async () => {
        const [x, y] = windowsOf(series, window, horizon, start, T);
        const { data } = await pipeline.predict(x);
        const width = horizon * C;
        const count = y.data.length / width;
        const residuals = Array.from({ length: Math.min(RESIDUALS, count) }, (_, index, all = Math.min(RESIDUALS, count)) => {
          const row = Math.floor((index * count) / all);
          return Array.from({ length: width }, (_unused, at) =>
            Number(((y.data[row * width + at] as number) - (data[row * width + at] as number)).toPrecision(6)),
          );
        });
        return { ...saved, residuals };
      },
      evaluate: () => evaluateForecasts(pipeline, series, start, saved),
      next: `forecast ${file} --steps ${Math.max(horizon, seasonLength)}`,
    };
  },

  async evaluate(model, file, flags: TableFlags) {
    const saved = model.metadata as unknown as SavedForecast;
    const { series } = seriesOf(await readTable(file, flags), saved);
    return evaluateForecasts(model, series, Math.max(saved.window, saved.seasonLength + 1), saved);
  },

  predict: null,
};
