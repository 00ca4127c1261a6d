import type { Sequential } from 'backtime';
import { nextDates } from '../../../ts/command/tasks/nextDates.ts';
import { type ForecastNotes, forecastFrom } from './forecast.ts';

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

/** The part of the true values that is to lie in the interval. */
export const COVERAGE = 0.9;
/** Fewer errors than this have no quantiles that are worth a word. */
const FEWEST_ERRORS = 10;

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
  const next = nextDates(Float64Array.from(times), length - known.length);
  return next && [...known, ...next];
}

/** What the errors of one step ahead lie between, in nine of ten cases. */
function boundsOf(residuals: ForecastNotes['residuals'], ahead: number): readonly [number | null, number | null] {
  if (!residuals || residuals.length < FEWEST_ERRORS) return [null, null];
  const errors = residuals.map((row) => row[ahead]).sort((a, b) => a - b);
  return [quantile(errors, (1 - COVERAGE) / 2), quantile(errors, (1 + COVERAGE) / 2)];
}

/** A quantile of sorted numbers, between neighbours along a line. */
function quantile(sorted: readonly number[], level: number): number {
  const place = level * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  return below + (place % 1) * (sorted[Math.ceil(place)] - below);
}

const DAY = 86_400_000;

/** A date for reading: without the time of the day at midnight. */
export function dateText(time: number): string {
  const text = new Date(time).toISOString();
  return time % DAY === 0 ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ');
}
