import type { Model, Tensor } from 'backtime';
import type { ColumnRoles } from '../data/columns.ts';
import { isNumber, type RowProblem, type Table } from '../data/table.ts';
import { count } from './count.ts';
import { type Prepared, UnusableDataError } from './task.ts';

/** What a forecaster needs besides its weights. */
export interface ForecastNotes {
  readonly task: 'forecast';
  readonly name: string;
  /** Steps that are read before a forecast. */
  readonly window: number;
  /** Steps that are forecast. */
  readonly horizon: number;
  /** What differences from the last known value are divided by. */
  readonly scale: number;
  /** The last part of the series, to forecast from. */
  readonly series: readonly number[];
  /** Where in `series` the part begins that was kept from training. */
  readonly heldOutFrom: number;
}

export interface ForecastSettings {
  readonly window: number;
  readonly horizon: number;
}

/** Part of the series, from its end, that is kept from training. */
const HELD_OUT = 0.2;
const MOST_VALUES_KEPT = 5000;

/**
 * A series, ready to train on. Windows are taken relative to their last value, so that a forecast of zeros repeats that value
 * and a series may climb beyond everything seen in training.
 * @throws {UnusableDataError}
 */
export function prepareForecast(table: Table, { value }: ColumnRoles, { window, horizon }: ForecastSettings): Prepared<ForecastNotes> {
  const problems: RowProblem[] = [...table.problems];
  const { series, filled } = readSeries(table, value, problems);
  const split = Math.floor(series.length * (1 - HELD_OUT));
  const needed = window + horizon;
  if (split < needed + 1 || series.length - split < horizon) {
    throw new UnusableDataError(
      `The series has ${series.length} values; to read ${window} steps and forecast ${horizon}, ${Math.ceil(Math.max((needed + 2) / (1 - HELD_OUT), horizon / HELD_OUT + 1))} are needed. Choose fewer steps or a longer series.`,
      problems,
    );
  }
  // A forecast that starts at `start` reads the window before it. Those of training end before the split, those to judge by start there.
  const trainStarts = range(window, split - horizon + 1);
  const validationStarts = range(split, series.length - horizon + 1);
  const scale = typicalChange(series.slice(0, split), horizon);
  const kept = Math.max(0, series.length - MOST_VALUES_KEPT);
  const notes: ForecastNotes = {
    task: 'forecast',
    name: table.columns[value],
    window,
    horizon,
    scale,
    series: series.slice(kept),
    heldOutFrom: split - kept,
  };
  const samples = (starts: readonly number[]) => [encodeWindows(notes, series, starts), encodeTargets(notes, series, starts)] as const;
  return {
    notes,
    train: samples(trainStarts),
    validation: samples(validationStarts),
    frame: {
      inputShape: [null, window, 1],
      first: null,
      everyStep: false,
      output: { units: horizon, activation: 'linear' },
      loss: 'meanSquaredError',
    },
    problems,
    summary: `${count(series.length)} values${filled === 0 ? '' : ` (${filled} empty ones filled in from their neighbours)`}: the first ${count(split)} to learn from, the last ${count(series.length - split)} to judge by. ${window} are read, the next ${horizon} forecast.`,
  };
}

/** Windows before each start, relative to their last value, `[N, window, 1]`. */
export function encodeWindows(notes: ForecastNotes, series: readonly number[], starts: readonly number[]): Tensor<Float32Array> {
  const { window } = notes;
  return { shape: [starts.length, window, 1], data: differences(notes, series, starts, -window, window) };
}

/** What is to be forecast from each start on, relative to the last known value, `[N, horizon]`. */
function encodeTargets(notes: ForecastNotes, series: readonly number[], starts: readonly number[]): Tensor<Float32Array> {
  const { horizon } = notes;
  return { shape: [starts.length, horizon], data: differences(notes, series, starts, 0, horizon) };
}

/** `length` values from `offset` after each start, relative to the value before the start. */
function differences(
  { scale }: ForecastNotes,
  series: readonly number[],
  starts: readonly number[],
  offset: number,
  length: number,
): Float32Array {
  const data = new Float32Array(starts.length * length);
  for (const [index, start] of starts.entries()) {
    for (let step = 0; step < length; step++) data[index * length + step] = (series[start + offset + step] - series[start - 1]) / scale;
  }
  return data;
}

/** What the model says of the `horizon` steps from `start` on, in the series' own unit. */
export async function forecastFrom(model: Model, notes: ForecastNotes, start: number): Promise<number[]> {
  const { data } = await model.predict(encodeWindows(notes, notes.series, [start]));
  return Array.from(data, (change) => notes.series[start - 1] + change * notes.scale);
}

/** Root mean squared errors on the part that was kept from training, in the series' own unit. */
export interface ForecastErrors {
  readonly model: number;
  /** Of repeating the last known value. */
  readonly naive: number;
}

/** Judges a model by every forecast that starts in the part kept from training. */
export async function judgeForecast(model: Model, notes: ForecastNotes): Promise<ForecastErrors> {
  const { series, horizon, heldOutFrom, window, scale } = notes;
  const starts = range(Math.max(heldOutFrom, window), series.length - horizon + 1);
  const { data } = await model.predict(encodeWindows(notes, series, starts), { batchSize: 64 });
  const truth = encodeTargets(notes, series, starts).data;
  let squares = 0;
  let naiveSquares = 0;
  for (let i = 0; i < truth.length; i++) {
    squares += (truth[i] - data[i]) ** 2;
    naiveSquares += truth[i] ** 2;
  }
  return { model: Math.sqrt(squares / truth.length) * scale, naive: Math.sqrt(naiveSquares / truth.length) * scale };
}

/** The column's numbers; empty cells lie on the line between their neighbours, rows with anything else are left out. */
function readSeries(table: Table, column: number, problems: RowProblem[]): { series: number[]; filled: number } {
  const series: number[] = [];
  const gaps: number[] = [];
  for (const { row, cells } of table.rows) {
    const cell = cells[column];
    if (isNumber(cell)) series.push(Number(cell));
    else if (cell !== '') problems.push({ row, message: `column “${table.columns[column]}” has “${cell}”, which is no number` });
    else if (series.length > 0) {
      gaps.push(series.length);
      series.push(Number.NaN);
    }
  }
  while (Number.isNaN(series[series.length - 1])) series.pop();
  for (const gap of gaps) {
    if (gap >= series.length) continue;
    let next = gap;
    while (Number.isNaN(series[next])) next++;
    series[gap] = series[gap - 1] + (series[next] - series[gap - 1]) / (next - gap + 1);
  }
  return { series, filled: gaps.filter((gap) => gap < series.length).length };
}

/** Root mean squared change over half the horizon: the size of what is to be forecast. */
function typicalChange(series: readonly number[], horizon: number): number {
  const lag = Math.ceil(horizon / 2);
  let squares = 0;
  for (let i = lag; i < series.length; i++) squares += (series[i] - series[i - lag]) ** 2;
  return Math.sqrt(squares / (series.length - lag)) || 1;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
