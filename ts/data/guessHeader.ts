import { countsOf } from './countsOf.ts';
import { isMissing } from './missing.ts';
import { isDateText } from './parseDates.ts';
import { parseNumber } from './parseNumber.ts';

/** Whether a first row holds names, and the reason. */
export interface HeaderGuess {
  readonly hasHeader: boolean;
  /** In words: `“load” stands above numbers`. */
  readonly reason: string;
  /** The certainty; 0 if the rows below decide nothing. */
  readonly weight: number;
}

type Cells = readonly string[];

/** A sign that the first row holds names (above 0) or is one of the data (below 0). */
type Sign = Omit<HeaderGuess, 'hasHeader'>;

/**
 * Compares the first row with the rows below it, column by column: names stand above numbers or
 * dates, or above words that repeat and are none of them; a row of the data is like the others.
 */
export function guessHeader([first = [], ...others]: readonly Cells[], decimal: '.' | ','): HeaderGuess {
  const below = others.filter(({ length }) => length === first.length);
  const isNumber = (cell: string) => !Number.isNaN(parseNumber(cell, { decimal, hasMultiples: true }));
  const columns = first.map((cell, index) => ({ index, cell: cell.trim(), filled: filledCells(below, index) }));
  const numbers = columns.filter(({ filled }) => areMostly(filled, isNumber) && !areMostly(filled, isDateText));
  const signs = [
    signOfNumbers(numbers, below, isNumber),
    ...columns.filter((column) => !numbers.includes(column)).map((column) => signOfWords(column, isNumber)),
    ...columns.map(({ cell, filled }) => (cell === '' && filled.length >= 3 && filled.length === below.length ? NO_NAME : null)),
  ].filter((sign) => sign !== null);
  const sum = signs.reduce((total, { weight }) => total + weight, 0);
  if (sum === 0) return lookAtFirst(first, isNumber);
  const strength = ({ weight }: Sign) => weight * Math.sign(sum);
  const { reason } = signs.reduce((best, sign) => (strength(sign) > strength(best) ? sign : best));
  return { hasHeader: sum > 0, reason, weight: Math.abs(sum) };
}

/** A column: its cell in the first row, and those below that are not missing. */
interface Column {
  readonly index: number;
  readonly cell: string;
  readonly filled: Cells;
}

function filledCells(rows: readonly Cells[], index: number): string[] {
  return rows.map((cells) => (cells[index] ?? '').trim()).filter((cell) => !isMissing(cell));
}

function areMostly(cells: Cells, isOne: (cell: string) => boolean): boolean {
  return cells.length > 0 && cells.filter(isOne).length >= 0.8 * cells.length;
}

const NO_NAME: Sign = { weight: 1, reason: 'it has an empty cell where all rows below have one' };

/** All columns of numbers together are one sign: a wide table has hundreds. */
function signOfNumbers(columns: readonly Column[], below: readonly Cells[], isNumber: (cell: string) => boolean): Sign | null {
  const names = columns.filter(({ cell }) => !isMissing(cell) && !isNumber(cell));
  const numbers = columns.filter(({ cell }) => isNumber(cell));
  const counting = countsUp(numbers, below);
  if (counting === 'surely')
    return { weight: 3, reason: `“${numbers[0]?.cell}”, “${numbers[1]?.cell}”, … count up, and the rows below do not` };
  const values = counting === 'maybe' ? 0 : numbers.length;
  if (names.length > values) return { weight: 3, reason: `“${shorten(names[0]?.cell)}” stands above numbers` };
  return names.length < values ? { weight: -2, reason: `“${numbers[0]?.cell}” is a number like those below it` } : null;
}

/**
 * Whether numbers in the first row are names: `0`, `1`, `2`, … or `2019`, `2020`, above rows that
 * do not count up so.
 */
function countsUp(columns: readonly Column[], below: readonly Cells[]): 'surely' | 'maybe' | 'no' {
  const first = columns.map(({ cell }) => Number(cell));
  if (!isProgression(first)) return 'no';
  const alike = below.filter((cells) => isProgression(columns.map(({ index }) => Number((cells[index] ?? '') || Number.NaN))));
  if (alike.length * 2 >= below.length) return 'no';
  const areYears = first.every((value) => Number.isInteger(value) && value >= 1800 && value < 2200);
  return first.length >= 4 || areYears ? 'surely' : first.length === 3 ? 'maybe' : 'no';
}

function isProgression(values: readonly number[]): boolean {
  const [start = Number.NaN, second = Number.NaN] = values;
  const step = second - start;
  return step !== 0 && values.every((value, index) => Math.abs(value - start - index * step) <= 1e-6 * Math.abs(step));
}

/** A sign in a column of words, or of dates. */
function signOfWords({ cell, filled }: Column, isNumber: (cell: string) => boolean): Sign | null {
  if (isMissing(cell) || filled.length === 0) return null;
  if (areMostly(filled, isDateText)) {
    if (isDateText(cell)) return { weight: -2, reason: `“${cell}” is a date or a time like those below it` };
    return isNumber(cell) ? null : { weight: 2, reason: `“${shorten(cell)}” stands above dates or times` };
  }
  const counts = countsOf(filled);
  if (counts.has(cell)) return { weight: -2, reason: `“${shorten(cell)}” is in a row below too` };
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
function signOfShape(cell: string, filled: Cells): Sign | null {
  const hasDigit = (text: string) => /\d/.test(text);
  if (filled.length >= 5 && filled.every(hasDigit)) {
    return hasDigit(cell)
      ? { weight: -1, reason: `“${shorten(cell)}” has digits like those below it` }
      : { weight: 1, reason: `“${shorten(cell)}” has no digit, and all below it have some` };
  }
  if (filled.length < 10) return null;
  if (filled.every(({ length }) => length > cell.length)) return { weight: 1, reason: `“${shorten(cell)}” is shorter than all below it` };
  return filled.every(({ length }) => length < cell.length)
    ? { weight: 1, reason: `“${shorten(cell)}” is longer than all below it` }
    : null;
}

/** Where the rows below tell nothing: names are short, all there, all different, and no numbers. */
function lookAtFirst(cells: Cells, isNumber: (cell: string) => boolean): HeaderGuess {
  const hasHeader =
    cells.every((cell) => cell.trim() !== '' && cell.length <= 40 && !isNumber(cell)) && new Set(cells).size === cells.length;
  return { hasHeader, reason: hasHeader ? 'its cells are short and all different' : 'its cells do not look like names', weight: 0 };
}

function shorten(text = ''): string {
  return text.length > 30 ? `${text.slice(0, 30)}…` : text;
}
