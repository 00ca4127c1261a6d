/** Texts that stand for a missing value, in lower case. */
const MISSING = new Set([
  '',
  'na',
  'n/a',
  '#n/a',
  '#na',
  'nan',
  'null',
  'none',
  'nil',
  'undefined',
  'missing',
  '-',
  '--',
  '–',
  '—',
  '?',
  '.',
]);

/**
 * Whether a cell holds no value: nothing, or a text that people write in its place, such as `NA`,
 * `n/a`, `null` and `-`.
 */
export function isMissing(cell: TableCell): boolean {
  if (cell === null) return true;
  return typeof cell === 'number' ? Number.isNaN(cell) : MISSING.has(cell.trim().toLowerCase());
}

/** A cell of a table: the text of a file, or a value of a file that has types. */
export type TableCell = string | number | null;

/**
 * How a missing number is filled: an error, NaN, the previous number, linear interpolation, or a
 * given number.
 */
export type MissingNumbers = 'error' | 'nan' | 'previous' | 'linear' | number;
