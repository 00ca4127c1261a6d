import type { Sequential, Table, Tensor } from 'backtime';
import { amount, count } from '../data/count.ts';
import { answerWorkers } from '../model/answerWorkers.ts';
import { naiveForecasts } from './baseline.ts';
import { NO_CHECK, shownSeries } from './dataCheck.ts';
import { DEFAULT_RULE, type MissingRule } from './missingRule.ts';
import { TEST, VALIDATION } from './parts.ts';
import { scalingOf } from './scaling.ts';
import { findSeason, levelBefore, levelSpan, referenceAt, withoutSeason } from './season.ts';
import { inputsOf, readSeries, type SeriesRoles } from './seriesColumn.ts';
import { type Prepared, UnusableDataError } from './task.ts';

/** A column that is read beside the series. */
export interface ForecastInput {
  readonly name: string;
  /** Of the part to learn from. */
  readonly mean: number;
  readonly deviation: number;
  /** Its numbers at the steps of the series that are kept. */
  readonly values: readonly number[];
}

/** What a forecaster needs besides its weights. */
export interface ForecastNotes {
  readonly task: 'forecast';
  readonly name: string;
  /** Which of the series of a table it is; not there where the table has one. */
  readonly key?: { readonly column: string; readonly value: string };
  /** Steps that are read before a forecast. */
  readonly window: number;
  /** Steps that are forecast. */
  readonly horizon: number;
  /**
   * Steps of the season that the model is told: it reads and forecasts what differs from a season
   * ago. 1: none.
   */
  readonly season: number;
  /** What the numbers that are read are divided by. */
  readonly inputScale: number;
  /** What forecast differences from the {@link referenceAt} are divided by. */
  readonly scale: number;
  /** The last part of the series, to forecast from. */
  readonly series: readonly number[];
  /**
   * When each step of `series` is, in milliseconds since 1970 in UTC; null where it is not known.
   */
  readonly times: readonly number[] | null;
  /** What is read beside the series; not in notes of older versions. */
  readonly inputs?: readonly ForecastInput[];
  /** Where in `series` the part begins that was kept from training. */
  readonly heldOutFrom: number;
  /**
   * Errors of forecasts that were not learnt from, actual less forecast, a row of `horizon` each;
   * null before there are any.
   */
  readonly residuals: readonly (readonly number[])[] | null;
}

export interface ForecastSettings {
  readonly window: number;
  readonly horizon: number;
}

const MOST_VALUES_KEPT = 5000;
/** Part of a series that may be filled in without a warning. */
const MOST_FILLED = 0.2;
const FEWEST_VALUES = 20;
/** Forecasts of a part that are judged: more would take time and tell nothing new. */
const MOST_JUDGED = 2000;
/** Values that are looked at for all naive forecasts of a part. */
const MOST_READ = 2e8;
/** Forecasts of a part begin at so many times the horizon at least. */
const HORIZONS_A_PART = 1.8;
/** Windows that the training part has room for at least. */
const WINDOWS_TO_LEARN = 4;
/** A season is told to the model if it continues the training part with so much less error. */
const TELLING_SEASON = 0.7;

/**
 * A series, ready to train on. Windows are taken relative to the level before a forecast, so that a
 * forecast of zeros goes on from there, in the manner of the last season where there is one, and a
 * series may climb beyond everything seen in training.
 * @throws {UnusableDataError}
 */
export function prepareForecast(
  table: Table,
  roles: SeriesRoles,
  wanted: ForecastSettings,
  rule: MissingRule = DEFAULT_RULE,
): Prepared<ForecastNotes> {
  const { series, inputs, times, filled, problems, missing, warnings, openDates } = readSeries(table, roles, rule);
  if (series.length < FEWEST_VALUES) {
    throw new UnusableDataError(
      `The series has ${amount(series.length, 'value')}; at least ${FEWEST_VALUES} are needed, and some hundred to learn much.`,
      problems,
    );
  }
  // Training takes the first part of the series, the test the next, validation the last.
  const testFrom = Math.floor(series.length * (1 - VALIDATION - TEST));
  const validationFrom = Math.floor(series.length * (1 - VALIDATION));
  const horizon = Math.min(wanted.horizon, Math.max(1, Math.floor((validationFrom - testFrom) / HORIZONS_A_PART)));
  const window = Math.min(wanted.window, Math.max(2, Math.floor(testFrom / WINDOWS_TO_LEARN)));
  const learnt = series.slice(0, testFrom);
  const names = inputsOf(roles).map((column) => table.names[column] as string);
  const read = names.map((name, place) => inputOf(name, inputs[place] as number[], testFrom));
  const found = findSeason(learnt, horizon);
  // Where a season tells little, or leaves little to learn from, it would rather hinder the model.
  const isTold = found.part < TELLING_SEASON && testFrom - horizon - firstStart({ window, season: found.season }) >= WINDOWS_TO_LEARN;
  const season = isTold ? found.season : 1;
  const kept = Math.max(0, series.length - MOST_VALUES_KEPT);
  const shape = { window, horizon, season };
  const trainStarts = range(firstStart(shape), testFrom - horizon + 1);
  const notes: ForecastNotes = {
    task: 'forecast',
    name: table.names[roles.value],
    ...(roles.key != null && { key: { column: table.names[roles.key] as string, value: roles.keyValue ?? '' } }),
    ...shape,
    inputScale: size(readSteps({ ...shape, inputScale: 1 }, series, trainStarts)),
    scale: size(differences({ ...shape, scale: 1 }, series, trainStarts)),
    series: series.slice(kept),
    times: times?.slice(kept) ?? null,
    inputs: read.map((input) => ({ ...input, values: input.values.slice(kept) })),
    heldOutFrom: testFrom - kept,
    residuals: null,
  };
  const most = Math.max(1, Math.min(MOST_JUDGED, Math.floor(MOST_READ / series.length)));
  // A forecast from the first step of a part on reads the steps before it; what is to be forecast
  // ends within the part.
  const starts = (from: number, to: number) => spread(Math.max(firstStart(shape), from), to - horizon + 1, most);
  const testStarts = starts(testFrom, validationFrom);
  const validationStarts = starts(validationFrom, series.length);
  const samples = (all: readonly number[]) =>
    [encodeWindows({ ...notes, series, inputs: read }, all), encodeTargets(notes, series, all)] as const;
  const naive = (all: readonly number[]) => naiveForecasts(series, all, horizon, found.season);
  return {
    notes,
    train: samples(trainStarts),
    validation: samples(validationStarts),
    test: samples(testStarts),
    testExamples: null,
    baselines: { validation: naive(validationStarts), test: naive(testStarts) },
    frame: {
      inputShape: [null, window, 1 + names.length],
      first: null,
      everyStep: false,
      output: { units: horizon, activation: 'linear' },
      loss: 'meanSquaredError',
    },
    problems,
    missing,
    warnings: [
      ...warnings,
      ...(filled <= MOST_FILLED * series.length
        ? []
        : [
            `${Math.round((100 * filled) / series.length)} % of the values are missing: much of what is learnt, and judged by, are the numbers that were put in their place.`,
          ]),
    ],
    check: { ...NO_CHECK, openDates, series: [shownSeries(table.names[roles.value], series, times)] },
    summary: `${count(series.length)} values${filled === 0 ? '' : ` (${count(filled)} missing ones filled in)`}: the first ${count(testFrom)} to learn from, the next ${count(validationFrom - testFrom)} for the test, the last ${count(series.length - validationFrom)} for validation. ${window} are read, the next ${horizon} forecast${window < wanted.window || horizon < wanted.horizon ? ': fewer than were asked for, because the series is short' : ''}. ${names.length === 0 ? '' : `Read beside it: ${names.join(', ')}. `}${describeSeason(found.season)}`,
  };
}

function describeSeason(season: number): string {
  return season === 1 ? 'No season was found.' : `A season of ${count(season)} steps was found.`;
}

/** The first step that can be forecast: enough is known before it. */
export function firstStart({ window, season }: Pick<ForecastNotes, 'window' | 'season'>): number {
  return season === 1 ? window : season + Math.max(window, levelSpan(season));
}

function inputOf(name: string, values: readonly number[], learnt: number): ForecastInput {
  const { means, deviations } = scalingOf(
    values.slice(0, learnt).map((value) => [value]),
    1,
  );
  return { name, mean: means[0] as number, deviation: deviations[0] as number, values };
}

/** What is read before each start: the series, then its inputs, `[N, window, 1 + inputs]`. */
export function encodeWindows(notes: ForecastNotes, starts: readonly number[]): Tensor<Float32Array> {
  const { series, window, inputs = [] } = notes;
  const own = readSteps(notes, series, starts);
  const width = 1 + inputs.length;
  if (width === 1) return { shape: [starts.length, window, 1], data: own };
  const data = new Float32Array(own.length * width);
  for (const [place, value] of own.entries()) data[place * width] = value;
  for (const [column, { values, mean, deviation }] of inputs.entries())
    for (const [index, start] of starts.entries())
      for (let step = 0; step < window; step++)
        data[(index * window + step) * width + column + 1] = ((values[start - window + step] as number) - mean) / deviation;
  return { shape: [starts.length, window, width], data };
}

/** What is to be forecast from each start on, `[N, horizon]`. */
function encodeTargets(notes: ForecastNotes, series: readonly number[], starts: readonly number[]): Tensor<Float32Array> {
  return { shape: [starts.length, notes.horizon], data: differences(notes, series, starts) };
}

/** The steps before each start without their season, relative to the level there. */
function readSteps(
  { window, season, inputScale }: Pick<ForecastNotes, 'window' | 'season' | 'inputScale'>,
  series: readonly number[],
  starts: readonly number[],
): Float32Array {
  const data = new Float32Array(starts.length * window);
  for (const [index, start] of starts.entries()) {
    const level = levelBefore(series, season, start);
    for (let step = 0; step < window; step++)
      data[index * window + step] = (withoutSeason(series, season, start - window + step) - level) / inputScale;
  }
  return data;
}

/** The steps from each start on, relative to how the series would go on by its season and level. */
function differences(
  { horizon, season, scale }: Pick<ForecastNotes, 'horizon' | 'season' | 'scale'>,
  series: readonly number[],
  starts: readonly number[],
): Float32Array {
  const data = new Float32Array(starts.length * horizon);
  for (const [index, start] of starts.entries()) {
    const level = levelBefore(series, season, start);
    for (let ahead = 0; ahead < horizon; ahead++)
      data[index * horizon + ahead] = (series[start + ahead] - referenceAt(series, season, start, ahead, level)) / scale;
  }
  return data;
}

/** What the model says of the `horizon` steps from `start` on, in the series' own unit. */
export async function forecastFrom(model: Sequential, notes: ForecastNotes, start: number): Promise<number[]> {
  const { series, season, scale, window } = notes;
  const { data } = await model.predict(encodeWindows(notes, [start]), answerWorkers(model, 1, window));
  const level = levelBefore(series, season, start);
  return Array.from(data, (difference, ahead) => referenceAt(series, season, start, ahead, level) + difference * scale);
}

/** Root of the mean square. */
function size(numbers: Float32Array): number {
  let squares = 0;
  for (const number of numbers) squares += number ** 2;
  return Math.sqrt(squares / numbers.length) || 1;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

/** At most `most` numbers from `from` to before `to`, evenly apart. */
function spread(from: number, to: number, most: number): number[] {
  const stride = Math.max(1, Math.ceil((to - from) / most));
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / stride)) }, (_, index) => from + index * stride);
}
