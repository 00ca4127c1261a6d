import { countsOf } from './countsOf.ts';
import { guessHeader } from './guessHeader.ts';
import { type HeaderRows, headerRowsOf } from './headerRows.ts';
import { isDateText } from './parseDates.ts';
import { parseNumber } from './parseNumber.ts';
import { beginsAsRemark } from './remarkRows.ts';
import type { TableFormat } from './tableFormat.ts';

/** The separator of aligned tables: a run of spaces. */
export const SPACE = ' ';

/**
 * The separators to look for. If two fit equally well, the first one is taken, which is rarer in
 * sentences.
 */
export const SEPARATORS = ['\t', ';', '|', ','] as const;

/**
 * The separator with which the first records have the same number of fields, and more than one; a
 * comma when there is none.
 * @param parse the records of the sample with a separator
 */
export function separatorOf(parse: (separator: string) => readonly (readonly string[])[]): string {
  let best = ',';
  let most = 0;
  for (const separator of SEPARATORS) {
    const counts = parse(separator).map(({ length }) => length);
    const usual = mode(counts);
    if (usual < 2) continue;
    // Numbers with decimal commas have fields at commas, too, but not the same number of them.
    const share = counts.filter((count) => count === usual).length / counts.length;
    const score = share * share * (1 + usual / 1000);
    if (score > most) [best, most] = [separator, score];
  }
  return most === 0 && areColumnsOfSpaces(parse(SPACE)) ? SPACE : best;
}

/** The least parts: of rows with the usual number of fields, and of fields that are numbers. */
const [MOST_ALIKE, MOST_NUMBERS] = [0.9, 0.3];
const FEWEST_ROWS = 3;

/** Whether spaces separate columns: the rows have equally many fields, many of them numbers. */
function areColumnsOfSpaces(records: readonly (readonly string[])[]): boolean {
  const usual = mode(records.map(({ length }) => length));
  const alike = records.filter(({ length }) => length === usual);
  if (usual < 2 || alike.length < FEWEST_ROWS || alike.length < MOST_ALIKE * records.length) return false;
  const isNumber = (text: string) => !Number.isNaN(parseNumber(text));
  // `1 234` is a number, and `2024-01-31 12:00` a time.
  const isOneValue = (record: readonly string[]) => isNumber(record.join(' ')) || isDateText(record.join(' '));
  const fields = alike.slice(1).flat();
  return !alike.slice(1).every(isOneValue) && fields.filter(isNumber).length >= MOST_NUMBERS * fields.length;
}

/** Where the table of a file begins. */
export interface CSVLayout extends HeaderRows {
  /** Rows of titles before the table. */
  readonly titles: number;
  /** Rows before the data: titles, names and units. */
  readonly before: number;
}

/**
 * Finds the table in the first records of a file: rows of titles have fewer fields than the table,
 * names differ in kind from the cells below them, and units are texts above numbers.
 * @param header how many rows hold names, or whether any does, where it is known; 'auto'
 */
export function layoutOf(records: readonly (readonly string[])[], header: boolean | number | 'auto', decimal: '.' | ','): CSVLayout {
  const widths = records.map((record) => record.filter((field) => field.trim() !== '').length);
  const usual = mode(widths.slice(-Math.ceil(widths.length / 2)));
  let titles = 0;
  const [isComment, width] = [(row: number) => beginsAsRemark(records[row]), (row: number) => records[row]?.length];
  const last = records.length - 1;
  // The last of them may hold the names, unless the row below does.
  const isAboveNames = (row: number) => header === 'auto' && namesFollow(records.slice(row + 1), decimal);
  while (titles < last && isComment(titles) && (isComment(titles + 1) || width(titles) !== width(titles + 1) || isAboveNames(titles)))
    titles++;
  if (header !== false) {
    while (titles < last && usual > 1 && (widths[titles] as number) <= usual / 2 && width(titles) !== width(last)) titles++;
    // A title is also followed by empty fields, where a spreadsheet has written it.
    const isAboveTable = () => usual > 2 || (usual === 2 && namesFollow(records.slice(titles + 1), decimal));
    while (titles < last - 1 && widths[titles] === 1 && isTitle(records[titles], decimal) && isAboveTable()) titles++;
  }
  const found = headerRowsOf(records.slice(titles), header, decimal);
  return { titles, ...found, before: titles + found.nameRows + Number(found.hasUnits) };
}

/**
 * The lines of the rows before the data, and what they hold.
 * @param lines those of the rows before the data
 * @param first the line of the first row of data
 */
export function linesBefore(
  { titles, nameRows, reason, hasUnits, before }: CSVLayout,
  lines: readonly number[],
  first: number,
): Omit<TableFormat, 'encoding' | 'separator' | 'decimal' | 'remarkLines'> {
  const nameLines = lines.slice(titles, titles + nameRows);
  return {
    hasHeader: nameRows > 0,
    nameLines,
    headerReason: reason,
    firstLine: nameLines[0] ?? first,
    titleLines: lines.slice(0, titles),
    unitsLine: hasUnits ? (lines[before - 1] as number) : null,
  };
}

/** Whether the first row with more than one text holds names, surely. */
function namesFollow(records: readonly (readonly string[])[], decimal: '.' | ','): boolean {
  const first = records.findIndex((record) => record.filter((field) => field.trim() !== '').length > 1);
  const { hasHeader, weight } = guessHeader(records.slice(Math.max(0, first)), decimal);
  return hasHeader && weight > 0;
}

/** Whether the only text of a row is no value of a table: no number and no date. */
function isTitle(record: readonly string[] | undefined, decimal: '.' | ','): boolean {
  const text = record?.find((field) => field.trim() !== '') ?? '';
  return Number.isNaN(parseNumber(text, { decimal })) && !isDateText(text);
}

/** The most frequent number; the larger one of two. */
function mode(values: readonly number[]): number {
  return [...countsOf(values)].sort(([a, many], [b, few]) => few - many || b - a)[0]?.[0] ?? 0;
}
