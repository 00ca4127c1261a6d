/**
 * Most values that a season is looked for in, the last ones. It is found in them as well as in all.
 */
const LOOKED_AT = 20_000;
const LONGEST = 1000;
/** How many lengths are tried. */
const TRIED = 12;
/** Forecasts that each length is tried with. */
const ORIGINS = 200;
/**
 * A shorter season, or none, is preferred to one that has not so much less error. Several seasons
 * look better than one anyway: their mean level is surer.
 */
const WORTH = 0.8;
const WORTH_OF_SEVERAL = 0.65;
const ROUNDING = 1e-9;

/** A season that was found in a series. */
export interface FoundSeason {
  /** Its steps; 1: none. */
  readonly season: number;
  /**
   * The error of forecasts by the last season alone, over that of forecasts without a season: how
   * much the season tells. 1 for none.
   */
  readonly part: number;
}

/**
 * The length of a season, found in a series: that with which the values of a season ago, moved by
 * the change from season to season, continue the series best.
 * @returns season 1 where no season does it clearly better than the last value and a straight line
 */
export function findSeason(series: readonly number[], horizon: number): FoundSeason {
  const values = series.slice(-LOOKED_AT);
  const plain = Math.min(errorOf(values, horizon, 1), errorOfLine(values, horizon));
  let best = { season: 1, error: plain };
  for (const season of likelyLengths(values)) {
    const error = errorOf(values, horizon, season);
    const worth = best.season > 1 && season % best.season === 0 ? WORTH_OF_SEVERAL : WORTH;
    // Differences of rounding are none.
    if (error < worth * best.error - ROUNDING * plain) best = { season, error };
  }
  return { season: best.season, part: best.season === 1 ? 1 : best.error / plain };
}

/** What of a series stays when its season is taken away; itself for season 1. */
export function withoutSeason(series: readonly number[], season: number, step: number): number {
  return season === 1 ? series[step] : series[step] - series[step - season];
}

/**
 * Steps that a level is the mean of, whole seasons: a forecast of several short seasons adds it up,
 * so that it must be sure.
 */
const LEVEL_STEPS = 28;

/** How many steps a level is the mean of where there are enough. */
export function levelSpan(season: number): number {
  return season === 1 ? 1 : season * Math.max(1, Math.floor(LEVEL_STEPS / season));
}

/** The level about which {@link withoutSeason} moves before a step: what a forecast begins with. */
export function levelBefore(series: readonly number[], season: number, start: number): number {
  if (season === 1) return series[start - 1];
  const span = Math.min(levelSpan(season), season * Math.floor((start - season) / season));
  let sum = 0;
  for (let step = start - span; step < start; step++) sum += withoutSeason(series, season, step);
  return sum / span;
}

/** How a series continues if nothing is known but its last season and its level. */
export function referenceAt(series: readonly number[], season: number, start: number, ahead: number, level: number): number {
  if (season === 1) return level;
  const seasons = Math.ceil((ahead + 1) / season);
  return series[start + ahead - seasons * season] + seasons * level;
}

/** The error of forecasts by a season and its level. */
function errorOf(series: readonly number[], horizon: number, season: number): number {
  return errorOfRule(series, horizon, (start) => {
    const level = levelBefore(series, season, start);
    return (ahead) => referenceAt(series, season, start, ahead, level);
  });
}

/** The error of forecasts along the line from the first to the last value. */
function errorOfLine(series: readonly number[], horizon: number): number {
  return errorOfRule(series, horizon, (start) => {
    const slope = (series[start - 1] - series[0]) / (start - 1);
    return (ahead) => series[start - 1] + (ahead + 1) * slope;
  });
}

/** The root mean squared error of a rule; all rules are tried with the same forecasts. */
function errorOfRule(series: readonly number[], horizon: number, rule: (start: number) => (ahead: number) => number): number {
  const first = Math.max(2, Math.min(2 * LONGEST, Math.floor((2 * series.length) / 3)));
  const stride = Math.max(1, Math.floor((series.length - horizon - first) / ORIGINS));
  let squares = 0;
  let count = 0;
  for (let start = first; start + horizon <= series.length; start += stride) {
    const forecast = rule(start);
    for (let ahead = 0; ahead < horizon; ahead++, count++) squares += (series[start + ahead] - forecast(ahead)) ** 2;
  }
  return Math.sqrt(squares / count);
}

/** Lengths at which the series is most like itself, shortest first. */
function likelyLengths(series: readonly number[]): number[] {
  // A tried forecast reads two seasons before two thirds of the series.
  const longest = Math.min(LONGEST, Math.floor(series.length / 3));
  const detrended = withoutTrend(series);
  const alike = Array.from({ length: longest + 2 }, (_, lag) => likeness(detrended, lag));
  const peaks: number[] = [];
  for (let lag = 2; lag <= longest; lag++)
    if (alike[lag] > 0 && alike[lag] >= alike[lag - 1] && alike[lag] >= alike[lag + 1]) peaks.push(lag);
  return peaks
    .sort((a, b) => alike[b] - alike[a])
    .slice(0, TRIED)
    .sort((a, b) => a - b);
}

/** The mean product of values that are `lag` steps apart. */
function likeness(values: Float64Array, lag: number): number {
  let sum = 0;
  for (let step = lag; step < values.length; step++) sum += values[step] * values[step - lag];
  return sum / (values.length - lag);
}

/** The series less the straight line that is nearest to it. */
function withoutTrend(series: readonly number[]): Float64Array {
  const middle = (series.length - 1) / 2;
  const mean = series.reduce((sum, value) => sum + value, 0) / series.length;
  let products = 0;
  let squares = 0;
  for (const [step, value] of series.entries()) {
    products += (step - middle) * (value - mean);
    squares += (step - middle) ** 2;
  }
  const slope = squares === 0 ? 0 : products / squares;
  return Float64Array.from(series, (value, step) => value - mean - slope * (step - middle));
}
