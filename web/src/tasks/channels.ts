import type { ColumnRoles } from '../data/columns.ts';

/** How the columns of a row that is a whole series are its steps: of one channel, or of several. */
export interface Channels {
  /** Names of the channels; `value` where there is one. */
  readonly channels: readonly string[];
  /** For each step the places of its channels among the columns. */
  readonly steps: readonly (readonly number[])[];
}

/** Steps of a channel at least, so that a few columns of similar names are not taken for them. */
const FEWEST_STEPS = 3;
const NUMBERED: readonly RegExp[] = [
  // acc_x_12, x12, x[12]
  /^(?<channel>.*?\D)[\s_.[(-]*(?<step>\d+)[\])]?$/,
  // 12_x, t12_x
  /^(?<step>[a-z]*\d+)[\s_.-]+(?<channel>\D.*)$/i,
];

/**
 * Finds the channels in the names of columns: `x1, x2, …, y1, y2, …` are two, with as many steps.
 * Other names are steps of one channel, in the order of the columns.
 * @param areThings whether columns whose names count nothing are different things, so that a row is
 *   one step with as many channels
 */
export function channelsOf(names: readonly string[], areThings = false): Channels {
  for (const pattern of NUMBERED) {
    const places = new Map<string, Map<string, number>>();
    for (const [place, name] of names.entries()) {
      const { channel, step } = pattern.exec(name)?.groups ?? {};
      if (channel === undefined || step === undefined) break;
      const of = channel.replace(/[\s_.[(-]+$/, '');
      const steps = places.get(of) ?? new Map<string, number>();
      steps.set(step, place);
      places.set(of, steps);
    }
    const found = [...places.values()];
    const steps = [...(found[0]?.keys() ?? [])];
    const count = found.reduce((sum, { size }) => sum + size, 0);
    const areAlike = found.every((own) => own.size === steps.length && steps.every((step) => own.has(step)));
    if (count === names.length && found.length > 1 && areAlike && steps.length >= FEWEST_STEPS) {
      const order = steps.sort((a, b) => Number(a.replace(/\D/g, '')) - Number(b.replace(/\D/g, '')));
      return { channels: [...places.keys()], steps: order.map((step) => found.map((own) => own.get(step) as number)) };
    }
  }
  if (areThings && !areCounted(names)) return { channels: [...names], steps: [names.map((_, place) => place)] };
  return { channels: ['value'], steps: names.map((_, place) => [place]) };
}

/** The columns with the numbers of an example. @param label the column with what is to be told */
export function valueColumns(
  { values, series, time = null }: Pick<ColumnRoles, 'values' | 'series'> & { time?: number | null },
  label: number,
): number[] {
  return values.filter((column) => column !== label && column !== series && column !== time);
}

/** Whether names are the same but for a number, which is in all of them: `h0`, `h1`, `h2`. */
function areCounted(names: readonly string[]): boolean {
  const first = names[0]?.replace(/\d+/g, '');
  return names.length > 1 && names.every((name) => /\d/.test(name) && name.replace(/\d+/g, '') === first);
}
