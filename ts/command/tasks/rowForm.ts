import { isDateText } from '../../data/parseDates.ts';
import type { Table } from '../../node.ts';

/** What a row is: a series with a column for each step, or a column for each feature. */
export type RowKind = 'series' | 'features';

/** What the rows of a table are taken for, and the reason in words. */
export interface RowForm {
  readonly kind: RowKind;
  readonly reason: string;
}

/** Whether a column is called as steps of time are: `hour`. */
export function isOfTime(name: string): boolean {
  return OF_TIME.test(name.trim().toLowerCase());
}

/** A name that ends in a number, or is one. */
const NUMBERED = /^(.*?)[\s_.:-]*(-?\d+(?:\.\d+)?)$/;
/** What steps of time are called. */
const OF_TIME = /^(?:|t|ts|time|times|timestep|step|lag|sec|second|s|ms|min|minute|h|hour|d|day|w|week|m|month|q|quarter|y|year)$/;
/** What features are called that have no names. */
const OF_FEATURES = /^(?:f|feat|feature|var|variable|attr|attribute|dim|pc|pca|component|emb|embedding)$/;
/** So few columns whose names say nothing are no series. */
const FEWEST = 4;
/** The most by which scales of the steps of a series differ. */
const ALIKE = 4;

/**
 * Finds out whether the columns of a table are steps or features: the names of steps count up or
 * down, or are dates. Where names count whatever is in the columns, as `x1`, `x2`, their scales
 * decide.
 */
export function rowFormOf(table: Table, columns: readonly string[]): RowForm {
  if (columns.length > 1 && columns.every(isDateText)) return { kind: 'series', reason: 'their names are dates' };
  const stem = stemOf(columns);
  if (stem === null) return { kind: 'features', reason: 'their names do not count steps' };
  if (OF_TIME.test(stem)) return { kind: 'series', reason: 'their names count steps' };
  if (OF_FEATURES.test(stem)) return { kind: 'features', reason: `they are called ${columns[0]}` };
  if (columns.length < FEWEST) return { kind: 'features', reason: 'they are numbered, but few' };
  return areAlike(table, columns)
    ? { kind: 'series', reason: 'they are numbered, and of one scale' }
    : { kind: 'features', reason: 'they are numbered, but their scales differ' };
}

/** What comes before the numbers of names that count evenly; null of others. */
function stemOf(names: readonly string[]): string | null {
  const parts = names.map((name) => NUMBERED.exec(name.trim().toLowerCase()));
  const [first, second] = parts;
  if (!first || !second) return null;
  const step = Number(second[2]) - Number(first[2]);
  const count = (part: RegExpExecArray | null, index: number) =>
    part?.[1] === first[1] && Math.abs(Number(part?.[2]) - Number(first[2]) - index * step) <= 1e-6 * Math.abs(step);
  return step !== 0 && parts.every(count) ? (first[1] as string) : null;
}

/** Whether the spread of each column, and its distance from the others, are like those of all. */
function areAlike(table: Table, columns: readonly string[]): boolean {
  const all = columns.map((name) => momentsOf(table.numbers(name, { missing: 'nan' }).filter((value) => !Number.isNaN(value))));
  const spreads = all.map(({ deviation }) => deviation).sort((a, b) => a - b);
  const usual = spreads[spreads.length >> 1] as number;
  const means = all.map(({ mean }) => mean).sort((a, b) => a - b);
  const middle = means[means.length >> 1] as number;
  return all.every(
    ({ mean, deviation }) => deviation <= ALIKE * usual && usual <= ALIKE * deviation && Math.abs(mean - middle) <= ALIKE * usual,
  );
}

function momentsOf(values: Float64Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}
