import { isDate, isMissing, isNumber } from './cells.ts';

/** What the first rows of a file are. */
export interface HeaderGuess {
  /** How many rows before the table are titles or remarks. */
  readonly titles: number;
  /** Whether the row after them holds the names of the columns. */
  readonly hasHeader: boolean;
  /** What that was told from, for the user: “because …”. */
  readonly reason: string;
}

type Cells = readonly string[];

/** A sign that the first row holds names (above 0) or is one of the data (below 0). */
interface Sign {
  readonly weight: number;
  readonly reason: string;
}

/** Looks at this many rows, and at fewer of a wide table. */
const MOST_ROWS = 1000;
const MOST_CELLS = 500_000;
const MOST_TITLES = 10;

/**
 * Compares the first row with the rows below it, column by column: names stand above numbers or
 * dates, or above words that repeat and are none of them; a row of the data is like the others.
 * @param hasHeader what the user said of the first row after the titles
 */
export function guessHeader(rows: readonly Cells[], hasHeader?: boolean): HeaderGuess {
  const width = usualWidth(rows);
  const titles = countTitles(rows, width, hasHeader);
  if (hasHeader !== undefined) return { titles, hasHeader, reason: 'you said so' };
  return { titles, ...compare(rows.slice(titles, titles + 1 + sampleSize(width)), width) };
}

function sampleSize(width: number): number {
  return Math.max(50, Math.min(MOST_ROWS, Math.floor(MOST_CELLS / width)));
}

function usualWidth(rows: readonly Cells[]): number {
  const counts = new Map<number, number>();
  for (const { length } of rows.slice(0, MOST_ROWS)) counts.set(length, (counts.get(length) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 0;
}

/**
 * Rows of one cell above a table of several columns. Spreadsheets fill such a row up with empty
 * cells; then it may be a row of the data that lacks much, and is a title only if names follow.
 */
function countTitles(rows: readonly Cells[], width: number, hasHeader: boolean | undefined): number {
  const isTitle = (cells: Cells) => cells.filter((cell) => cell !== '').length <= 1;
  const found = rows.slice(0, MOST_TITLES).findIndex((cells) => !isTitle(cells));
  if (width < 2 || found <= 0) return 0;
  const filledUp = rows.slice(0, found).some(({ length }) => length >= width);
  if (!filledUp) return found;
  return width > 2 && (hasHeader ?? compare(rows.slice(found, found + 1 + sampleSize(width)), width).hasHeader) ? found : 0;
}

function compare([first, ...others]: readonly Cells[], width: number): Omit<HeaderGuess, 'titles'> {
  const below = others.filter(({ length }) => length === width);
  const columns = first.map((cell, index) => ({ index, cell, filled: filledCells(below, index) }));
  const numbers = columns.filter(({ filled }) => areMostly(filled, isNumber));
  const signs = [
    signOfNumbers(numbers, below),
    ...columns.filter((column) => !numbers.includes(column)).map(signOfWords),
    ...columns.map(({ cell, filled }) => (cell === '' && filled.length >= 3 && filled.length === below.length ? NO_NAME : null)),
  ].filter((sign) => sign !== null);
  const sum = signs.reduce((total, { weight }) => total + weight, 0);
  if (sum === 0) return lookAtFirst(first);
  const strength = ({ weight }: Sign) => weight * Math.sign(sum);
  return { hasHeader: sum > 0, reason: signs.reduce((best, sign) => (strength(sign) > strength(best) ? sign : best)).reason };
}

/** A column: its cell in the first row, and those below that are not missing. */
interface Column {
  readonly index: number;
  readonly cell: string;
  readonly filled: readonly string[];
}

function filledCells(rows: readonly Cells[], index: number): string[] {
  return rows.map((cells) => cells[index] ?? '').filter((cell) => !isMissing(cell));
}

function areMostly(cells: readonly string[], isOne: (cell: string) => boolean): boolean {
  return cells.length > 0 && cells.filter(isOne).length >= 0.8 * cells.length;
}

const NO_NAME: Sign = { weight: 1, reason: 'it has an empty cell where all rows below have one' };

/** All columns of numbers together are one sign: a wide table has hundreds. */
function signOfNumbers(columns: readonly Column[], below: readonly Cells[]): Sign | null {
  const names = columns.filter(({ cell }) => !isMissing(cell) && !isNumber(cell));
  const numbers = columns.filter(({ cell }) => isNumber(cell));
  const counting = countsUp(numbers, below);
  if (counting === 'surely')
    return { weight: 3, reason: `“${numbers[0].cell}”, “${numbers[1].cell}”, … count up, and the rows below do not` };
  const values = counting === 'maybe' ? 0 : numbers.length;
  if (names.length > values) return { weight: 3, reason: `“${names[0].cell}” stands above numbers` };
  return names.length < values ? { weight: -2, reason: `“${numbers[0].cell}” is a number like those below it` } : null;
}

/**
 * Whether numbers in the first row are names: `0`, `1`, `2`, … or `2019`, `2020`, above rows that
 * do not count up so.
 */
function countsUp(columns: readonly Column[], below: readonly Cells[]): 'surely' | 'maybe' | 'no' {
  const first = columns.map(({ cell }) => Number(cell));
  if (!isProgression(first)) return 'no';
  const alike = below.filter((cells) =>
    isProgression(columns.map(({ index }) => (isNumber(cells[index]) ? Number(cells[index]) : Number.NaN))),
  );
  if (alike.length * 2 >= below.length) return 'no';
  const areYears = first.every((value) => Number.isInteger(value) && value >= 1800 && value < 2200);
  return first.length >= 4 || areYears ? 'surely' : first.length === 3 ? 'maybe' : 'no';
}

function isProgression(values: readonly number[]): boolean {
  const step = values[1] - values[0];
  return (
    step !== 0 && values.length >= 2 && values.every((value, index) => Math.abs(value - values[0] - index * step) <= 1e-6 * Math.abs(step))
  );
}

/** A sign in a column of words, or of dates. */
function signOfWords({ cell, filled }: Column): Sign | null {
  if (isMissing(cell) || filled.length === 0) return null;
  if (areMostly(filled, isDate)) {
    if (isDate(cell)) return { weight: -2, reason: `“${cell}” is a date or a time like those below it` };
    return isNumber(cell) ? null : { weight: 2, reason: `“${cell}” stands above dates or times` };
  }
  const counts = new Map<string, number>();
  for (const other of filled) counts.set(other, (counts.get(other) ?? 0) + 1);
  if (counts.has(cell)) return { weight: -2, reason: `“${cell}” is in a row below too` };
  return signOfRepeats(cell, counts, filled.length) ?? signOfShape(cell, filled);
}

/**
 * Where words repeat, one more row of the data would have one of them: as probably as few rows have
 * a word of their own.
 */
function signOfRepeats(cell: string, counts: ReadonlyMap<string, number>, rows: number): Sign | null {
  const single = [...counts.values()].filter((count) => count === 1).length / rows;
  const weight = single === 0 && rows >= 20 ? 3 : single < 0.1 && rows >= 10 ? 2 : single < 0.5 && rows >= 4 ? 1 : 0;
  if (weight === 0) return null;
  const [one, two] = [...counts].sort(([, a], [, b]) => b - a).map(([word]) => shorten(word));
  return {
    weight,
    reason: `“${shorten(cell)}” is none of the words that repeat below it: “${one}”${two === undefined ? '' : `, “${two}”`}, …`,
  };
}

/** Where words do not repeat, names may still be of another shape. */
function signOfShape(cell: string, filled: readonly string[]): Sign | null {
  const hasDigit = (text: string) => /\d/.test(text);
  if (filled.length >= 5 && filled.every(hasDigit)) {
    return hasDigit(cell)
      ? { weight: -1, reason: `“${shorten(cell)}” has digits like those below it` }
      : { weight: 1, reason: `“${shorten(cell)}” has no digit, and all below it have some` };
  }
  if (filled.length < 10) return null;
  if (filled.every(({ length }) => length > cell.length)) return { weight: 1, reason: `“${cell}” is shorter than all below it` };
  return filled.every(({ length }) => length < cell.length)
    ? { weight: 1, reason: `“${shorten(cell)}” is longer than all below it` }
    : null;
}

/** Where the rows below tell nothing: names are short, all there, all different, and no numbers. */
function lookAtFirst(cells: Cells): Omit<HeaderGuess, 'titles'> {
  const hasHeader = cells.every((cell) => cell !== '' && cell.length <= 40 && !isNumber(cell)) && new Set(cells).size === cells.length;
  return { hasHeader, reason: hasHeader ? 'its cells are short and all different' : 'its cells do not look like names' };
}

function shorten(text: string): string {
  return text.length > 30 ? `${text.slice(0, 30)}…` : text;
}
