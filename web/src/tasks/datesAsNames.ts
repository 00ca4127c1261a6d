import type { Table } from 'backtime';
import { parseDates } from '../../../ts/data/parseDates.ts';
import { columnFacts } from '../data/columns.ts';
import { count } from '../data/count.ts';

/** Fewer columns may have dates as names by chance. */
const FEWEST = 3;
const isYear = (name: string) => /^(1[89]|20|21)\d\d$/.test(name.trim());

/**
 * What is wrong with a table for a forecast whose rows are series and whose columns are times; null
 * where it is none: the column of the series would be one time of all of them.
 * @param value the column that is to be forecast
 */
export function describeDatesAsNames(table: Table, value: number): string | null {
  const columns = columnFacts(table).filter(({ kind, order }) => kind === 'number' || order);
  const areYears = columns.filter(({ name }) => isYear(name));
  const { times } = parseDates(columns.map(({ name }) => name));
  const dated = areYears.length >= FEWEST ? areYears : columns.filter((_, place) => !Number.isNaN(times[place]));
  if (dated.length < FEWEST || !dated.some(({ index }) => index === value)) return null;
  const [first, last] = [dated[0]?.name, dated.at(-1)?.name];
  return `The names of ${count(dated.length)} columns are times, “${first}” to “${last}”, so that each row is a series of its own. A forecast needs a row for each time: turn the table in a spreadsheet (copy it, and paste it transposed), so that the times stand in a column.`;
}
