import { type ColumnKind, describeColumn } from './columnKinds.ts';
import { guessHeader } from './guessHeader.ts';
import { isMissing } from './missing.ts';
import { isDateText } from './parseDates.ts';
import { parseNumber } from './parseNumber.ts';
import { uniqueNames } from './uniqueNames.ts';

/** The rows above the data: they hold names of columns, or units. */
export interface HeaderRows {
  /** How many rows hold names: several where groups stand above names. */
  readonly nameRows: number;
  /** Why they are taken for names or not. */
  readonly reason: string;
  /** Whether the row after the names holds units. */
  readonly hasUnits: boolean;
}

type Cells = readonly string[];

/** More rows of names are none. */
const MOST_ROWS = 3;
/** The least certainty that a row holds names where no column below holds numbers. */
const SURE = 3;

/**
 * Finds the rows of names and of units at the beginning of a table. One row of names is enough if
 * it gives every column a name of its own; else the row below it has the rest of the names.
 * @param header how many rows hold names; whether any does; 'auto'
 */
export function headerRowsOf(rows: readonly Cells[], header: boolean | number | 'auto', decimal: '.' | ','): HeaderRows {
  const said = 'it was chosen';
  if (typeof header === 'number') return { nameRows: header, reason: said, hasUnits: isAboveValues(rows, header, decimal) };
  const { hasHeader, reason } = header === 'auto' ? guessHeader(rows, decimal) : { hasHeader: header, reason: said };
  if (!hasHeader) return { nameRows: 0, reason, hasUnits: false };
  let above = 1;
  while (above < MOST_ROWS && isAboveValues(rows, above, decimal)) above++;
  const counts = Array.from({ length: above }, (_, index) => index + 1);
  const nameRows = counts.find((count) => areComplete(rows.slice(0, count), rows.slice(count, above))) ?? above;
  const more = nameRows === 1 ? '' : `, and ${nameRows === 2 ? 'row two tells' : 'rows two and three tell'} columns of one group apart`;
  return { nameRows, reason: `${reason}${more}`, hasUnits: above > nameRows };
}

/** The names that rows of names give together: `temperature` above `min` is `temperature min`. */
export function namesIn(rows: readonly Cells[]): string[] {
  return uniqueNames(joined(rows));
}

function joined(rows: readonly Cells[]): string[] {
  const last = rows.at(-1) ?? [];
  const filled = rows.map((cells, row) => (row === rows.length - 1 ? cells : spread(cells, last)));
  return last.map((_, place) => [...new Set(filled.map((cells) => (cells[place] ?? '').trim()))].filter((name) => name !== '').join(' '));
}

/** A group stands above its first column only; cells below it that are filled belong to it too. */
function spread(groups: Cells, below: Cells): string[] {
  let group = '';
  return below.map((name, place) => {
    const own = (groups[place] ?? '').trim();
    if (own !== '') group = own;
    return own === '' && name.trim() !== '' ? group : own;
  });
}

/** Whether names are all different, and none lacks where a row below has one. */
function areComplete(rows: readonly Cells[], below: readonly Cells[]): boolean {
  const names = joined(rows);
  const filled = names.filter((name) => name !== '');
  return (
    new Set(filled).size === filled.length && names.every((name, place) => name !== '' || below.every((cells) => isBlank(cells[place])))
  );
}

function isBlank(cell = ''): boolean {
  return cell.trim() === '';
}

/** Numbers that count the rows are numbers: the name, which may say otherwise, is not known yet. */
export function kindOf(rows: readonly Cells[], place: number, decimal: '.' | ','): ColumnKind {
  const cells = rows.map((each) => each[place] ?? '');
  return describeColumn('unknown', cells, decimal).kind;
}

/**
 * Whether a row holds more of the names, or units: in columns of numbers and dates it has words,
 * and no word that is one of the values below it.
 */
function isAboveValues(rows: readonly Cells[], row: number, decimal: '.' | ','): boolean {
  const [before, cells, values] = [rows.slice(0, row), rows[row], rows.slice(row + 1)];
  const isNumber = (cell: string) => !Number.isNaN(parseNumber(cell, { decimal, hasMultiples: true }));
  // Most rows below names are values, which are told at once.
  if (!cells || values.length < 2 || cells.filter(isNumber).length * 2 > cells.length) return false;
  const kinds = cells.map((_, place) => kindOf(values, place, decimal));
  const cellsOf = (kind: string) => cells.filter((cell, place) => kinds[place] === kind && !isMissing(cell));
  const numbers = cellsOf('number');
  if (numbers.some(isNumber) || cellsOf('date').some(isDateText)) return false;
  if (cells.some((cell, place) => !isMissing(cell) && values.some((each) => each[place] === cell))) return false;
  if (numbers.length > 0) return true;
  // Below groups, names fill what is empty above them.
  const fills =
    cells.some((cell) => !isBlank(cell)) && cells.every((cell, place) => isBlank(cell) || before.every((each) => isBlank(each[place])));
  const isAfterGroups = row === 1 && !areComplete(before, [cells]);
  const { hasHeader, weight } = guessHeader(rows.slice(row), decimal);
  if (kinds.includes('number')) return fills && hasHeader && weight > 0;
  return isAfterGroups && hasHeader && weight >= SURE;
}
