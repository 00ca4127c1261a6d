import { ArgumentError, DataError } from '../core/errors.ts';
import { checkOptions, oneOf } from '../core/options.ts';
import { type Tensor, tensorOf } from '../core/tensor.ts';
import { countsOf } from './countsOf.ts';
import { fillPrevious } from './fillMissing.ts';
import type { DateOrder } from './parseDates.ts';
import { textsIn } from './textsIn.ts';

/** What `resample` reads of a table. */
export interface TimedTable {
  readonly source: string;
  dates(name: string, options?: { order?: DateOrder }): Float64Array;
  numbers(name: string, options?: { missing?: 'nan' }): Float64Array;
}

/** Options of {@link resample}. */
export interface ResampleOptions {
  /** The column of times. */
  time: string;
  /** The columns of numbers. */
  columns: readonly string[];
  /**
   * The step: a number of milliseconds, or a number and a unit (`ms`, `s`, `min`, `h`, `d`, `w`):
   * '10min'. Default: the step that at least half of the neighbours have; where none is so
   * frequent, as of times that jitter, the median of the steps.
   */
  every?: number | string;
  /**
   * The number of a step: the mean of the rows in it, the last row in it, or the number on the line
   * between the rows around its time. A step without rows is a gap, where 'mean' and 'last' take
   * the step before. Default 'mean'.
   */
  method?: 'mean' | 'last' | 'linear';
}

/** Numbers at an even step of time. */
export interface Resampled {
  /** The beginning of each step, in milliseconds since 1970. */
  readonly times: Float64Array;
  /** `[steps, columns]` */
  readonly values: Tensor<Float64Array>;
  /** The step, in milliseconds. */
  readonly every: number;
  /** Steps that no row fell in. */
  readonly gaps: number;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const METHODS = ['mean', 'last', 'linear'] as const;
const MOST_STEPS = 2 ** 26;

/**
 * Makes rows at an even step of time of rows at any times, as a recurrent network needs them. Rows
 * may be in any order.
 * @throws {ArgumentError} for an unknown option, and for a step that is none
 * @throws {DataError} for fewer than two rows, and for more steps than fit in memory
 * @throws the errors of `Table.dates` and `Table.numbers`
 */
export function resample(table: TimedTable, options: ResampleOptions): Resampled {
  checkOptions(options, ['time', 'columns', 'every', 'method'], 'resample');
  const method = oneOf(options.method ?? 'mean', METHODS, 'resample: method');
  const columns = textsIn(options.columns, 'resample: columns', "['x', 'y']");
  const times = table.dates(options.time);
  const order = Array.from(times.keys()).sort((a, b) => (times[a] as number) - (times[b] as number));
  if (order.length < 2) throw new DataError(`resample: ${table.source} has ${order.length} rows, at least two are needed`);
  const sorted = order.map((row) => times[row] as number);
  const every = stepOf(options.every) ?? usualStep(sorted);
  const start = sorted[0] as number;
  const steps = Math.floor(((sorted.at(-1) as number) - start) / every) + 1;
  if (steps > MOST_STEPS)
    throw new DataError(`resample: a step of ${every} ms makes ${steps} steps of ${table.source}, at most ${MOST_STEPS} are possible`);
  const places = sorted.map((time) => Math.floor((time - start) / every));
  const C = columns.length;
  const data = new Float64Array(steps * C);
  for (const [channel, name] of columns.entries()) {
    const numbers = table.numbers(name, { missing: 'nan' });
    const values = order.map((row) => numbers[row] as number);
    const made = method === 'linear' ? onLines(sorted, values, start, every, steps) : inSteps(places, values, steps, method);
    for (let step = 0; step < steps; step++) data[step * C + channel] = made[step] as number;
  }
  const stepTimes = Float64Array.from({ length: steps }, (_, step) => start + step * every);
  return { times: stepTimes, values: tensorOf([steps, C], data), every, gaps: steps - new Set(places).size };
}

/** A step in milliseconds; null for none. @throws {ArgumentError} */
function stepOf(every: number | string | undefined): number | null {
  if (every === undefined) return null;
  const [, count = '', unit = ''] = typeof every === 'string' ? (/^(\d*\.?\d*)\s*([a-z]+)$/.exec(every) ?? []) : [];
  const step = typeof every === 'number' ? every : (count === '' ? 1 : Number(count)) * (UNITS[unit] ?? Number.NaN);
  if (step > 0 && Number.isFinite(step)) return step;
  throw new ArgumentError(
    `resample: every must be a number of milliseconds or a number and one of ${Object.keys(UNITS).join(', ')}, as '10min', got ${every}`,
  );
}

/** The step that at least half of the neighbours have, otherwise the median. @throws {DataError} */
function usualStep(sorted: readonly number[]): number {
  const steps = sorted
    .slice(1)
    .map((time, row) => time - (sorted[row] as number))
    .filter((step) => step > 0)
    .sort((a, b) => a - b);
  const median = steps[steps.length >> 1];
  if (median === undefined) throw new DataError('resample: all rows have one time');
  // In sorted steps, one that at least half of them have is in the middle, or just before it.
  const counts = countsOf(steps);
  const before = steps[(steps.length - 1) >> 1] as number;
  return (counts.get(before) as number) >= steps.length / 2 ? before : median;
}

/**
 * One number for each step of those that fall in it; a step without any has that of the step
 * before.
 */
function inSteps(places: readonly number[], values: readonly number[], steps: number, method: 'mean' | 'last'): Float64Array {
  const sums = new Float64Array(steps);
  const counts = new Float64Array(steps);
  for (const [index, place] of places.entries()) {
    const value = values[index] as number;
    if (Number.isNaN(value)) continue;
    sums[place] = method === 'last' ? value : (sums[place] as number) + value;
    counts[place] = method === 'last' ? 1 : (counts[place] as number) + 1;
  }
  // 0 / 0 is NaN.
  const made = sums.map((sum, step) => sum / (counts[step] as number));
  fillPrevious(made);
  return made;
}

/** The numbers on the lines between rows, at the beginning of each step. */
function onLines(times: readonly number[], values: readonly number[], start: number, every: number, steps: number): Float64Array {
  const known = times.flatMap((time, row) => (Number.isNaN(values[row]) ? [] : [[time, values[row] as number] as const]));
  let next = 0;
  return Float64Array.from({ length: steps }, (_, step) => {
    const time = start + step * every;
    while (next < known.length && (known[next] as readonly [number, number])[0] < time) next++;
    const [after, before] = [known[next] ?? known.at(-1), known[next - 1] ?? known[0]];
    if (!after || !before) return Number.NaN;
    return after[0] <= before[0] ? after[1] : before[1] + ((after[1] - before[1]) * (time - before[0])) / (after[0] - before[0]);
  });
}
