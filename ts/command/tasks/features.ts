import { type CalendarPart, calendarNames, calendarNumbers } from '../../data/calendar.ts';
import { DataError, type Table } from '../../node.ts';
import type { TableFlags } from '../table.ts';
import { missingOfFeatures, noValue, placeOf } from './missingFlag.ts';

/**
 * The categories of a column in their order, each of which is a number that is 0 or 1; null of a
 * column of numbers.
 */
export type Categories = readonly string[] | null;

/** Columns of features. */
export interface FeatureColumns {
  readonly columns: readonly string[];
  /** Those of each column; absent where all are numbers. */
  readonly categories?: readonly Categories[];
  /** What is read of each column of dates, null of the others; absent where there is none. */
  readonly calendar?: readonly (readonly CalendarPart[] | null)[];
  readonly missing: string;
}

/** A number of a row. */
interface Feature {
  readonly name: string;
  readonly column: string;
  /** Whether it is 0 or 1. */
  readonly isCategory: boolean;
}

const textsOf = (table: Table, name: string) => table.texts(name).map((text, row) => (table.hasValue(name, row) ? text.trim() : ''));

/** The categories of a column, sorted. */
export function categoriesOf(table: Table, name: string): readonly string[] {
  return [...new Set(textsOf(table, name))].filter((text) => text !== '').sort();
}

/** The numbers of a row, in their order: `price`, `shop=north`. */
function featuresIn({ columns, categories, calendar }: Omit<FeatureColumns, 'missing'>): readonly Feature[] {
  return columns.flatMap((column, place): readonly Feature[] => {
    const parts = calendar?.[place];
    if (parts)
      return parts.flatMap((part) =>
        calendarNames(part).map((name) => ({ name: `${column} ${name}`, column, isCategory: part === 'weekday' })),
      );
    const known = categories?.[place];
    return known
      ? known.map((category) => ({ name: `${column}=${category}`, column, isCategory: true }))
      : [{ name: column, column, isCategory: false }];
  });
}

/** The names of the numbers of a row, in their order. */
export function featureNames(columns: Omit<FeatureColumns, 'missing'>): string[] {
  return featuresIn(columns).map(({ name }) => name);
}

/** The places of the numbers of a row that are 0 or 1. */
export function categoryPlaces(columns: Omit<FeatureColumns, 'missing'>): ReadonlySet<number> {
  return new Set(featuresIn(columns).flatMap(({ isCategory }, place) => (isCategory ? [place] : [])));
}

/** In how many cells of rows of numbers a value is missing. */
export function missingCells(columns: Omit<FeatureColumns, 'missing'>, rows: readonly Float64Array[]): number {
  const features = featuresIn(columns);
  const lacking = (row: Float64Array) => new Set(features.flatMap(({ column }, place) => (Number.isNaN(row[place]) ? [column] : [])));
  return rows.reduce((sum, row) => sum + lacking(row).size, 0);
}

/**
 * The numbers of each row, with NaN for missing ones that become the mean. A category that training
 * did not have is no category: all of its numbers are 0, with a warning for the column.
 * @throws {DataError} naming the row, for a value that is missing and must not be
 */
export function featuresOf(
  table: Table,
  { columns, categories, calendar, missing }: FeatureColumns,
  { warn }: Pick<TableFlags, 'warn'>,
): Float64Array[] {
  const filling = missingOfFeatures(missing);
  const parts = columns.map((name, column) => {
    const dated = calendar?.[column];
    if (dated) {
      const times = table.dates(name, { invalid: 'missing' });
      return (row: number) => {
        const time = times[row] as number;
        if (Number.isNaN(time) && table.hasValue(name, row))
          throw new DataError(`${placeOf(table, row, name)} is '${table.column(name)[row]}', expected a date`);
        if (Number.isNaN(time) && filling === 'error') throw noValue(table, row, name, 'mean');
        return dated.flatMap((part) => calendarNumbers(part, time));
      };
    }
    const known = categories?.[column];
    if (!known) {
      const numbers = table.numbers(name, { missing: 'nan' });
      return (row: number) => {
        const value = numbers[row] as number;
        if (Number.isNaN(value) && filling === 'error') throw noValue(table, row, name, 'mean');
        return [Number.isNaN(value) && typeof filling === 'number' ? filling : value];
      };
    }
    const texts = textsOf(table, name);
    const unknown = texts.filter((text) => text !== '' && !known.includes(text));
    if (unknown.length > 0) {
      const different = [...new Set(unknown)];
      const listed = `${different.slice(0, 5).join(', ')}${different.length > 5 ? ', …' : ''}`;
      warn(
        `column '${name}' of ${table.source} has ${different.length} ${different.length === 1 ? 'category' : 'categories'} that the model was not trained on, in ${unknown.length} of ${texts.length} rows: ${listed}; they count as none of ${known.slice(0, 5).join(', ')}${known.length > 5 ? ', …' : ''}`,
      );
    }
    return (row: number) => {
      const text = texts[row] as string;
      if (text === '' && filling === 'error') throw noValue(table, row, name, 'mean');
      return known.map((category) => Number(category === text));
    };
  });
  return Array.from({ length: table.rowCount }, (_, row) => Float64Array.from(parts.flatMap((part) => part(row))));
}
