import type { Sequential } from 'backtime';
import { nextTimes } from '../../../ts/data/timesAfter.ts';
import { type ForecastNotes, forecastFrom } from './forecast.ts';
import { boundsOf } from './interval.ts';

/** One forecast step. */
export interface ForecastRow {
  /** From 1, as the steps of the series are counted. */
  readonly step: number;
  /** Milliseconds since 1970 in UTC; null where the series has no dates, or uneven ones. */
  readonly time: number | null;
  readonly value: number;
  /** The ends of the interval; null without errors to tell it from. */
  readonly lower: number | null;
  readonly upper: number | null;
}

/** Forecasts the steps from `start` on, with dates and intervals. */
export async function forecastRows(model: Sequential, notes: ForecastNotes, start: number, firstStep = 1): Promise<ForecastRow[]> {
  const values = await forecastFrom(model, notes, start);
  const times = timesFrom(notes, start, values.length);
  return values.map((value, ahead) => {
    const [lower, upper] = boundsOf(notes.residuals, ahead);
    return {
      step: start + ahead + firstStep,
      time: times?.[ahead] ?? null,
      value,
      lower: lower === null ? null : value + lower,
      upper: upper === null ? null : value + upper,
    };
  });
}

/** When the steps from `start` on are, also those that are yet to come. */
function timesFrom({ times }: ForecastNotes, start: number, length: number): readonly number[] | null {
  if (!times) return null;
  const known = times.slice(start, start + length);
  if (known.length === length) return known;
  const next = nextTimes(Float64Array.from(times), length - known.length);
  return next && [...known, ...next];
}

/**
 * What comes after the last value of each series, as a table.
 * @param hasKey whether a column says which series a row is of
 */
export async function forecastTable(
  model: Sequential,
  all: readonly ForecastNotes[],
  hasKey: boolean,
  onPart: (part: number) => void = () => {},
): Promise<{ header: string[]; rows: (string | number)[][] }> {
  const [first] = all;
  const rows: (string | number)[][] = [];
  for (const [place, notes] of all.entries()) {
    const own = (await forecastRows(model, notes, notes.series.length)).map(rowOfForecast);
    rows.push(...own.map((row) => (hasKey ? [notes.key?.value ?? '', ...row] : row)));
    onPart((place + 1) / all.length);
  }
  return { header: [...(hasKey ? [first?.key?.column ?? 'series'] : []), 'step', 'date', first?.name ?? '', 'from', 'to'], rows };
}

/** A step of a forecast as a row of a table. */
export function rowOfForecast({ step, time, value, lower, upper }: ForecastRow): (string | number)[] {
  const rounded = (number: number | null) => (number === null ? '' : Number(number.toPrecision(6)));
  return [step, time === null ? '' : dateText(time), rounded(value), rounded(lower), rounded(upper)];
}

const DAY = 86_400_000;

/** A date for reading: without the time of the day at midnight. */
export function dateText(time: number): string {
  const text = new Date(time).toISOString();
  return time % DAY === 0 ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ');
}
