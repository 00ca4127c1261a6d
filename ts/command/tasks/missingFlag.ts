import { ArgumentError, DataError, type MissingNumbers, type Table } from '../../node.ts';

/** A cell, as the beginning of what is said of it. */
export const placeOf = (table: Table, row: number, column: string) => `${table.place(row)}, column '${column}',`;

/** @param remedy a value of `--missing` that allows it */
export const noValue = (table: Table, row: number, column: string, remedy: string) =>
  new DataError(`${placeOf(table, row, column)} has no value: fill it, --missing ${remedy} for example`);

/** The flag `--missing`. @throws {ArgumentError} for another text */
export function missingOf(given: string | undefined, usual: MissingNumbers): MissingNumbers {
  if (given === undefined) return usual;
  if (given === 'error' || given === 'previous' || given === 'linear') return given;
  return numberOf(given, 'error, previous, linear or a number');
}

/**
 * The flag `--missing` of features: rows are in no order.
 * @throws {ArgumentError} for another text
 */
export function missingOfFeatures(given: string): 'mean' | 'error' | number {
  if (given === 'mean' || given === 'error') return given;
  return numberOf(given, 'mean, error or a number where each row has features', ': --rows series takes the columns for steps');
}

/** @param expected what the flag may be */
function numberOf(given: string, expected: string, remedy = ''): number {
  const value = Number(given);
  if (given.trim() === '' || !Number.isFinite(value)) throw new ArgumentError(`--missing must be ${expected}, got '${given}'${remedy}`);
  return value;
}

/** The numbers of a channel, with what `--missing` says in the place of NaN. */
export function filled(numbers: Float64Array, missing: MissingNumbers): Float64Array {
  if (typeof missing === 'number') return numbers.map((value) => (Number.isNaN(value) ? missing : value));
  if (missing === 'error') return numbers;
  const isKnown = (value: number) => !Number.isNaN(value);
  return numbers.map((value, step) => {
    if (isKnown(value)) return value;
    const before = numbers.subarray(0, step).findLastIndex(isKnown);
    const after = step + numbers.subarray(step).findIndex(isKnown);
    // Before the first number and after the last one there is one neighbour.
    if (after < step) return numbers[before] ?? Number.NaN;
    if (before < 0 || missing === 'previous') return numbers[before < 0 ? after : before] as number;
    const [from, to] = [numbers[before] as number, numbers[after] as number];
    return from + ((to - from) * (step - before)) / (after - before);
  });
}
