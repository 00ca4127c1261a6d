import type { ClassCount } from './classCount.ts';
import type { OpenDates } from './openDates.ts';
import type { Series } from './series.ts';

/** How long the texts or series of a data set are. */
export interface Lengths {
  /** `words`, `characters`, `steps`. */
  readonly what: string;
  /** Numbers of examples from length `from` to below `to`. */
  readonly bins: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  /** The most that is read of an example. */
  readonly limit: number;
  /** Examples that are longer, and are cut. */
  readonly cut: number;
}

/** A series to look at, or an example of each class. */
export interface ShownSeries {
  readonly title: string;
  /** Numbers of steps, from 1. */
  readonly x: readonly number[];
  /** When each is, in milliseconds since 1970; null where that is not known. */
  readonly times: readonly number[] | null;
  readonly lines: readonly { readonly label: string; readonly values: readonly number[] }[];
}

/** What a person should look at before training. */
export interface DataCheck {
  /** The most first; null for a task without classes. */
  readonly classes: readonly ClassCount[] | null;
  /** Whether names of classes differ by case and spaces alone. */
  readonly canMerge: boolean;
  readonly lengths: Lengths | null;
  /** The numbers to predict; not there for other tasks. */
  readonly values?: Values;
  readonly series: readonly ShownSeries[];
  /** Dates that have two readings; not there, or null, where they have one. */
  readonly openDates?: OpenDates | null;
}

/** How often numbers of a column come. */
export interface Values {
  readonly name: string;
  /** Counts of numbers from `from` on to below `to`. */
  readonly bins: Lengths['bins'];
}

export const NO_CHECK: DataCheck = { classes: null, canMerge: false, lengths: null, series: [] };

const BINS = 12;

/** Counts lengths in ranges of one size, so that there are about a dozen. */
export function lengthsOf(what: string, lengths: readonly number[], limit: number): Lengths {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const size = niceSize(Math.max(1, (longest + 1) / BINS));
  const counts = new Uint32Array(Math.floor(longest / size) + 1);
  let cut = 0;
  for (const length of lengths) {
    const bin = Math.floor(length / size);
    counts[bin] = (counts[bin] as number) + 1;
    if (length > limit) cut++;
  }
  return { what, bins: Array.from(counts, (count, bin) => ({ from: bin * size, to: (bin + 1) * size, count })), limit, cut };
}

/** Counts numbers in ranges of one size. */
export function valuesOf(name: string, numbers: readonly number[]): Values {
  const [low, high] = numbers.reduce(([least, most], number) => [Math.min(least, number), Math.max(most, number)], [Infinity, -Infinity]);
  const size = niceSize((high - low) / BINS || 1);
  const first = Math.floor(low / size);
  const counts = new Uint32Array(Math.floor(high / size) - first + 1);
  for (const number of numbers) {
    const bin = Math.floor(number / size) - first;
    counts[bin] = (counts[bin] as number) + 1;
  }
  // 3 times 0.1 is 0.30000000000000004.
  const edge = (bin: number) => Number(((first + bin) * size).toPrecision(12));
  return { name, bins: Array.from(counts, (count, bin) => ({ from: edge(bin), to: edge(bin + 1), count })) };
}

/** The next of …, 0.1, 0.2, 0.5, 1, 2, 5, 10, … that is not smaller. */
function niceSize(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((digit) => digit * power >= least) ?? 10) * power;
}

/** Points that a chart of this size can show. */
const MOST_POINTS = 1000;

/** A series with no more points than can be seen: of each stretch the first, lowest, highest. */
export function thinned(values: readonly number[]): { readonly places: number[]; readonly values: number[] } {
  const stretch = Math.ceil(values.length / (MOST_POINTS / 2));
  if (stretch <= 2) return { places: values.map((_, place) => place), values: [...values] };
  const places: number[] = [];
  for (let start = 0; start < values.length; start += stretch) {
    let [low, high] = [start, start];
    for (let place = start; place < Math.min(values.length, start + stretch); place++) {
      if (values[place] < values[low]) low = place;
      if (values[place] > values[high]) high = place;
    }
    for (const place of low < high ? [low, high] : [high, low]) if (places.at(-1) !== place) places.push(place);
  }
  return { places, values: places.map((place) => values[place]) };
}

/**
 * A series as a chart.
 * @param times when each step is; null where that is not known
 * @param label what its values are
 */
export function shownSeries(title: string, series: readonly number[], times: readonly number[] | null, label = title): ShownSeries {
  const { places, values } = thinned(series);
  return {
    title,
    x: places.map((place) => place + 1),
    times: times && places.map((place) => times[place] as number),
    lines: [{ label, values }],
  };
}

/** Lines that can still be told apart. */
const MOST_LINES = 6;

/** One example of series as a chart. */
export function shownExample(title: string, channels: readonly string[], example: Series): ShownSeries {
  const { places } = thinned(example.map(([first]) => first as number));
  return {
    title,
    x: places.map((place) => place + 1),
    times: null,
    lines: channels.slice(0, MOST_LINES).map((channel, index) => ({
      label: channel,
      values: places.map((place) => example[place]?.[index] as number),
    })),
  };
}
