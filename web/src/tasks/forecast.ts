import type { Sequential, Tensor } from 'backtime';
import type { CalendarPart } from '../../../ts/data/calendar.ts';
import { answerWorkers } from '../model/answerWorkers.ts';
import { levelBefore, levelSpan, referenceAt, withoutSeason } from './season.ts';

/** A column that is read beside the series. */
export interface ForecastInput {
  readonly name: string;
  /** Of the part to learn from. */
  readonly mean: number;
  readonly deviation: number;
  /**
   * Its numbers at the steps of the series that are kept; of one that is known ahead also at the
   * steps after them.
   */
  readonly values: readonly number[];
  /**
   * Whether it is known ahead, so that the model reads it at the steps that it forecasts. Such
   * inputs come last.
   */
  readonly isAhead?: boolean;
  /** Of one that is made of the dates, what it tells of them. */
  readonly calendar?: CalendarPart;
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
   * When each step of `series` is, and each after it of which something is known ahead, in
   * milliseconds since 1970 in UTC; null where it is not known.
   */
  readonly times: readonly number[] | null;
  /** What is read beside the series; not in notes of older versions. */
  readonly inputs?: readonly ForecastInput[];
  /** Where in `series` the part begins that was kept from training. */
  readonly heldOutFrom: number;
  /**
   * Errors of forecasts that were not learnt from, actual less forecast, a row of `horizon` each;
   * null before there are any. Those of other series are scaled to this one.
   */
  readonly residuals: readonly (readonly number[])[] | null;
  /** The other series, where one model has learnt all series of a table. */
  readonly others?: readonly OtherSeries[];
}

/** What a model that forecasts all series of a table needs of each beside the first. */
export interface OtherSeries extends Pick<ForecastNotes, 'inputScale' | 'scale' | 'series' | 'times' | 'heldOutFrom'> {
  readonly keyValue: string;
  /** The numbers that are read beside it, by column. */
  readonly inputs: readonly (readonly number[])[];
}

/** The names of the series that a model forecasts, the first being that of the notes. */
export function seriesNames({ key, name, others = [] }: ForecastNotes): readonly string[] {
  return [key?.value ?? name, ...others.map(({ keyValue }) => keyValue)];
}

/** The notes of one of the series alone. @param place in {@link seriesNames} */
export function seriesAt(notes: ForecastNotes, place: number): ForecastNotes {
  const { others = [], ...first } = notes;
  const other = others[place - 1];
  if (!other) return first;
  const { keyValue, inputs, inputScale, scale, ...own } = other;
  return {
    ...rescaled(first, { inputScale, scale }),
    ...own,
    key: { column: first.key?.column ?? '', value: keyValue },
    inputs: first.inputs?.map((input, column) => ({ ...input, values: inputs[column] ?? [] })) ?? [],
  };
}

/** Notes, and the errors in them, in the scale of another series. */
export function rescaled(notes: ForecastNotes, { inputScale, scale }: Pick<ForecastNotes, 'inputScale' | 'scale'>): ForecastNotes {
  const residuals = notes.residuals?.map((row) => row.map((error) => (error / notes.scale) * scale)) ?? null;
  return { ...notes, inputScale, scale, residuals };
}

/** What the numbers of a series are divided by. */
export function scalesOf(
  shape: Pick<ForecastNotes, 'window' | 'horizon' | 'season'>,
  series: readonly number[],
  starts: readonly number[],
): Pick<ForecastNotes, 'inputScale' | 'scale'> {
  return {
    inputScale: size(readSteps({ ...shape, inputScale: 1 }, series, starts)),
    scale: size(differences({ ...shape, scale: 1 }, series, starts)),
  };
}

/** Whole numbers from `from` to before `to`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

/** The first step that can be forecast: enough is known before it. */
export function firstStart({ window, season }: Pick<ForecastNotes, 'window' | 'season'>): number {
  return season === 1 ? window : season + Math.max(window, levelSpan(season));
}

/** What is known ahead of the steps that are forecast. */
export function aheadOf({ inputs = [] }: Pick<ForecastNotes, 'inputs'>): readonly ForecastInput[] {
  return inputs.filter(({ isAhead }) => isAhead);
}

/** What is made of the dates, in the order of the inputs, which it ends. */
export function calendarOf({ inputs = [] }: Pick<ForecastNotes, 'inputs'>): readonly CalendarPart[] {
  return [...new Set(inputs.flatMap(({ calendar }) => calendar ?? []))];
}

/** The inputs that are columns of a table. */
export function columnsOf({ inputs = [] }: Pick<ForecastNotes, 'inputs'>): readonly ForecastInput[] {
  return inputs.filter(({ calendar }) => calendar === undefined);
}

/** Of how many steps from `start` on all is known that a forecast of them needs. */
export function stepsKnown(notes: ForecastNotes, start: number): number {
  return Math.max(
    0,
    aheadOf(notes).reduce((least, { values }) => Math.min(least, values.length - start), notes.horizon),
  );
}

/** What a forecast from `start` on lacks, and what to do about it; null where it lacks nothing. */
export function describeUnknown(notes: ForecastNotes, start: number): string | null {
  const { horizon, name } = notes;
  const known = stepsKnown(notes, start);
  if (known === horizon) return null;
  const names = aheadOf(notes)
    .filter(({ values }) => values.length - start < horizon)
    .map((input) => `“${input.name}”`)
    .join(', ');
  const what = known === 0 ? 'Nothing can be forecast' : `Only ${known} of ${horizon} steps can be forecast`;
  const rows = start === notes.series.length ? `a row for each of the ${horizon} steps after the last number of “${name}”` : 'more rows';
  return `${what}: the model reads ${names} at the steps that it forecasts, and ${known === 0 ? 'no row tells it' : 'rows tell it no further'}. Add ${rows}, with ${names} filled in and “${name}” left empty.`;
}

/**
 * What is read before each start: the series, then its inputs, `[N, window, 1 + inputs]`. Where
 * inputs are known ahead, the steps that are forecast follow, `[N, window + horizon, 2 + inputs]`:
 * what is known of them, means for the rest, and a last number that is 1 there.
 */
export function encodeWindows(notes: ForecastNotes, starts: readonly number[]): Tensor<Float32Array> {
  const { series, window, horizon, inputs = [] } = notes;
  const own = readSteps(notes, series, starts);
  const isAhead = aheadOf(notes).length > 0;
  const length = isAhead ? window + horizon : window;
  const width = (isAhead ? 2 : 1) + inputs.length;
  if (width === 1) return { shape: [starts.length, window, 1], data: own };
  const data = new Float32Array(starts.length * length * width);
  for (const [index, start] of starts.entries()) {
    for (let step = 0; step < length; step++) {
      const place = (index * length + step) * width;
      const isForecast = step >= window;
      if (isForecast) data[place + width - 1] = 1;
      else data[place] = own[index * window + step] as number;
      for (const [column, { values, mean, deviation, ...input }] of inputs.entries()) {
        const value = isForecast && !input.isAhead ? undefined : values[start - window + step];
        data[place + column + 1] = value === undefined ? 0 : (value - mean) / deviation;
      }
    }
  }
  return { shape: [starts.length, length, width], data };
}

/** What is to be forecast from each start on, `[N, horizon]`. */
export function encodeTargets(notes: ForecastNotes, series: readonly number[], starts: readonly number[]): Tensor<Float32Array> {
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

/**
 * What the model says of the `horizon` steps from `start` on, in the series' own unit; of fewer
 * where less is known ahead. A step is answered from what comes up to it alone, so that the first
 * ones do not need the others.
 */
export async function forecastFrom(model: Sequential, notes: ForecastNotes, start: number): Promise<number[]> {
  const { series, season, scale, window } = notes;
  const steps = stepsKnown(notes, start);
  if (steps === 0) return [];
  const { data } = await model.predict(encodeWindows(notes, [start]), answerWorkers(model, 1, window));
  const level = levelBefore(series, season, start);
  return Array.from(data.subarray(0, steps), (difference, ahead) => referenceAt(series, season, start, ahead, level) + difference * scale);
}

/** Root of the mean square. */
function size(numbers: Float32Array): number {
  let squares = 0;
  for (const number of numbers) squares += number ** 2;
  return Math.sqrt(squares / numbers.length) || 1;
}
