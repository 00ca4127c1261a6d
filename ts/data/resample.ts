import { checkOptions, oneOf } from '../core/options.ts';
import { type Tensor, tensorOf } from '../core/tensor.ts';
import { fillPrevious } from './fillMissing.ts';
import type { DateOrder } from './parseDates.ts';
import { textsIn } from './textsIn.ts';
import { timeSteps } from './timeSteps.ts';

/** The part of a table that `resample` reads. */
export interface TimedTable {
  readonly source: string;
  dates(name: string, options?: { order?: DateOrder }): Float64Array;
  numbers(name: string, options?: { missing?: 'nan' }): Float64Array;
}

/** Options of `Table.resample`. */
export interface ResampleOptions {
  /** The column of times. */
  time: string;
  /** Whether the day or the month comes first. Default: all dates of the column decide. */
  order?: DateOrder;
  /** The columns of numbers. */
  columns: readonly string[];
  /**
   * The step: a number of milliseconds, or a number and a unit (`ms`, `s`, `min`, `h`, `d`, `w`,
   * `mo`, `y`): '10min'; or 'workday'. Default: months where all rows are on one day of them,
   * working days where no day is on a weekend; else the step that at least half of the neighbours
   * have, and where none is so frequent, as of times that jitter, the median of the steps; a row
   * is then of the nearest step.
   */
  every?: number | string;
  /**
   * The value of a step: the mean of its rows, its last row, or a linear interpolation between the
   * rows around its time. A step without rows is a gap, which 'mean' and 'last' fill with the
   * previous step. Default 'mean'.
   */
  method?: 'mean' | 'last' | 'linear';
}

/** Numbers at an even step of time. */
export interface Resampled {
  /** The beginning of each step, in milliseconds since 1970. */
  readonly times: Float64Array;
  /** `[steps, columns]` */
  readonly values: Tensor<Float64Array>;
  /** The step, in milliseconds; of months and working days the mean. */
  readonly every: number;
  /** The step in the form of the option `every`: '10min', '1mo', 'workday'. */
  readonly step: string;
  /** The number of steps without a row. */
  readonly gaps: number;
}

const METHODS = ['mean', 'last', 'linear'] as const;

/** `Table.resample`, which documents it. */
export function resample(table: TimedTable, options: ResampleOptions): Resampled {
  checkOptions(options, ['time', 'order', 'columns', 'every', 'method'], 'resample');
  const method = oneOf(options.method ?? 'mean', METHODS, 'resample: method');
  const columns = textsIn(options.columns, 'resample: columns', "['x', 'y']");
  const rowTimes = table.dates(options.time, options.order && { order: options.order });
  const { times, places, every: step, gaps } = timeSteps(rowTimes, options.every, `resample: ${table.source}`);
  const order = Array.from(rowTimes.keys()).sort((a, b) => (rowTimes[a] as number) - (rowTimes[b] as number));
  const sorted = order.map((row) => rowTimes[row] as number);
  const C = columns.length;
  const data = new Float64Array(times.length * C);
  for (const [channel, name] of columns.entries()) {
    const numbers = table.numbers(name, { missing: 'nan' });
    const values = order.map((row) => numbers[row] as number);
    const inOrder = order.map((row) => places[row] as number);
    const made = method === 'linear' ? onLines(sorted, values, times) : inSteps(inOrder, values, times.length, method);
    for (let place = 0; place < times.length; place++) data[place * C + channel] = made[place] as number;
  }
  const every = ((times.at(-1) as number) - (times[0] as number)) / Math.max(1, times.length - 1);
  return { times, values: tensorOf([times.length, C], data), every, step, gaps };
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
function onLines(times: readonly number[], values: readonly number[], steps: Float64Array): Float64Array {
  const known = times.flatMap((time, row) => (Number.isNaN(values[row]) ? [] : [[time, values[row] as number] as const]));
  let next = 0;
  return steps.map((time) => {
    while (next < known.length && (known[next] as readonly [number, number])[0] < time) next++;
    const [after, before] = [known[next] ?? known.at(-1), known[next - 1] ?? known[0]];
    if (!after || !before) return Number.NaN;
    return after[0] <= before[0] ? after[1] : before[1] + ((after[1] - before[1]) * (time - before[0])) / (after[0] - before[0]);
  });
}
