import type { Sequential, Tensor } from 'backtime';
import type { ColumnRoles } from '../data/columns.ts';
import { count } from '../data/count.ts';
import type { Table } from '../data/table.ts';
import { answerWorkers } from '../model/answerWorkers.ts';
import { TEST, VALIDATION } from './parts.ts';
import { readSeries } from './seriesColumn.ts';
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

const MOST_VALUES_KEPT = 5000;
/** Part of a series that may be filled in without a warning. */
const MOST_FILLED = 0.2;

/**
 * A series, ready to train on. Windows are taken relative to their last value, so that a forecast
 * of zeros repeats that value and a series may climb beyond everything seen in training.
 * @throws {UnusableDataError}
 */
export function prepareForecast(table: Table, { value }: ColumnRoles, { window, horizon }: ForecastSettings): Prepared<ForecastNotes> {
  const { series, filled, problems, missing } = readSeries(table, value);
  // Training takes the first part of the series, the test the next, validation the last.
  const testFrom = Math.floor(series.length * (1 - VALIDATION - TEST));
  const validationFrom = Math.floor(series.length * (1 - VALIDATION));
  if (testFrom <= window + horizon || Math.min(validationFrom - testFrom, series.length - validationFrom) < horizon) {
    const needed = Math.ceil(Math.max((window + horizon + 2) / (1 - VALIDATION - TEST), (horizon + 1) / Math.min(TEST, VALIDATION)));
    throw new UnusableDataError(
      `The series has ${count(series.length)} values; to read ${window} steps and forecast ${horizon}, ${count(needed)} are needed. Choose fewer steps or a longer series.`,
      problems,
    );
  }
  const scale = typicalChange(series.slice(0, testFrom), horizon);
  const kept = Math.max(0, series.length - MOST_VALUES_KEPT);
  const notes: ForecastNotes = {
    task: 'forecast',
    name: table.columns[value],
    window,
    horizon,
    scale,
    series: series.slice(kept),
    heldOutFrom: testFrom - kept,
  };
  // A forecast from the first step of a part on reads the window before it; what is to be forecast
  // ends within the part.
  const samples = (from: number, to: number) => {
    const starts = range(Math.max(window, from), to - horizon + 1);
    return [encodeWindows(notes, series, starts), encodeTargets(notes, series, starts)] as const;
  };
  return {
    notes,
    train: samples(0, testFrom),
    validation: samples(validationFrom, series.length),
    test: samples(testFrom, validationFrom),
    frame: {
      inputShape: [null, window, 1],
      first: null,
      everyStep: false,
      output: { units: horizon, activation: 'linear' },
      loss: 'meanSquaredError',
    },
    problems,
    missing,
    warnings:
      filled <= MOST_FILLED * series.length
        ? []
        : [
            `${Math.round((100 * filled) / series.length)} % of the values are missing: much of what is learnt, and judged by, are the lines that were put in their place.`,
          ],
    summary: `${count(series.length)} values${filled === 0 ? '' : ` (${count(filled)} missing ones filled in from their neighbours)`}: the first ${count(testFrom)} to learn from, the next ${count(validationFrom - testFrom)} for the test, the last ${count(series.length - validationFrom)} for validation. ${window} are read, the next ${horizon} forecast.`,
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
export async function forecastFrom(model: Sequential, notes: ForecastNotes, start: number): Promise<number[]> {
  const { data } = await model.predict(encodeWindows(notes, notes.series, [start]), answerWorkers(model, 1, notes.window));
  return Array.from(data, (change) => notes.series[start - 1] + change * notes.scale);
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
