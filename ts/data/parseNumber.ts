import { isMissing, type TableCell } from './missing.ts';

/** How the numbers of a column are written. */
export interface NumberFormat {
  /** The decimal sign. */
  readonly decimal: '.' | ',';
  /**
   * The sign between groups of thousands, such as `'` or `_`; '' for none. Default: the other one
   * of point and comma, spaces and apostrophes.
   */
  readonly thousands?: string;
  /** Whether `K`, `M`, `B` and the like after a number multiply it. Default: they are units. */
  readonly hasMultiples?: boolean;
}

const SPACES = /[\s\u00a0\u2009\u202f'’]/g;
const MINUS = /[−–]/g;
/** A sign or a currency before the number, a unit, a currency or a percent sign after it. */
const PARTS =
  /^([+-]?)(?:[$€£¥₹]|USD|EUR|GBP|JPY|CNY|CHF)?([+-]?[\d.,]+(?:[eE][+-]?\d+)?)(?:%|‰|[$€£¥₹]|(?!(?:st|nd|rd|th)$)°?\p{L}{1,5}[²³]?(?:\/\p{L}{1,4}[²³]?)?)?$/u;
/** Spaces between digits, which are right only between groups of three. */
const SPACED = /\d[\s\u00a0\u2009\u202f'’]+\d/;
const SPACED_GROUPS = /^\D*\d{1,3}(?:[\s\u00a0\u2009\u202f'’]\d{3})+(?!\d)[^\s]*\s*\D*$/;
const SIGN_LAST = /^[^+-]*\d-$/;
/** In India groups before the last have two digits: `1,23,456`. */
const GROUPED = { '.': /^[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3})(?:\.|$)/, ',': /^[+-]?\d{1,3}(?:\.\d{3})+(?:,|$)/ } as const;

/** A limit, as of a value below what can be measured. */
const LIMIT = /^(?:[<>≤≥~≈]|[<>]=)\s*(?=[\d.,+-])/;
const MULTIPLE = /^(.*[\d.,])\s*(k|Tsd\.?|M|mn|Mio\.?|B|bn|Mrd\.?|T|tn)$/;
const POWERS: Readonly<Record<string, number>> = {
  k: 1e3,
  tsd: 1e3,
  m: 1e6,
  mn: 1e6,
  mio: 1e6,
  b: 1e9,
  bn: 1e9,
  mrd: 1e9,
  t: 1e12,
  tn: 1e12,
};

/**
 * The number that a text says, also with groups of thousands, a currency, a percent sign, a unit or
 * its sign at the end; NaN when it says none. `20 %` is 20, and a limit, `<0.1`, is its number.
 */
export function parseNumber(cell: TableCell, { decimal, thousands: given, hasMultiples }: NumberFormat = { decimal: '.' }): number {
  if (typeof cell === 'number') return cell;
  if (cell === null) return Number.NaN;
  const written = given === undefined ? cell.trim() : withoutGroups(cell.trim(), given);
  // Most numbers are written as JavaScript writes them.
  if (decimal === '.' && PLAIN.test(written)) return Number(written);
  const multiple = hasMultiples ? multipleOf(written) : null;
  if (multiple) return multiple.factor * parseNumber(multiple.number, { decimal, thousands: given });
  const text = written.replace(LIMIT, '');
  if (SPACED.test(text) && (given !== undefined || !SPACED_GROUPS.test(text))) return Number.NaN;
  const isInBrackets = /^\(.*\)$/.test(text);
  const whole = (isInBrackets ? text.slice(1, -1) : text).replace(SPACES, '').replace(MINUS, '-');
  // Accounting programs write the sign last.
  const isSignLast = SIGN_LAST.test(whole);
  const isNegative = isInBrackets || isSignLast;
  const joined = isSignLast ? whole.slice(0, -1) : whole;
  const [, sign = '', digits = ''] = PARTS.exec(joined) ?? [];
  if (digits === '' || (sign !== '' && /^[+-]/.test(digits))) return Number.NaN;
  const thousands = decimal === '.' ? ',' : '.';
  if (given !== undefined && digits.includes(thousands)) return Number.NaN;
  if (digits.includes(thousands) && !GROUPED[decimal].test(digits)) return Number.NaN;
  const plain = digits.replaceAll(thousands, '').replace(decimal, '.');
  const value = PLAIN.test(plain) ? Number(plain) : Number.NaN;
  return sign === '-' || isNegative ? -value : value;
}

/** A number before a sign that multiplies it; null without one. */
function multipleOf(text: string): { readonly number: string; readonly factor: number } | null {
  const [, number = '', sign = ''] = MULTIPLE.exec(text.replace(/K$/, 'k')) ?? [];
  return sign === '' ? null : { number, factor: POWERS[sign.toLowerCase().replace('.', '')] as number };
}

/**
 * Whether numbers of a column have different multiples, `980K` and `1.2M`: one alone may be a unit.
 */
function haveMultiples(cells: ArrayLike<TableCell>): boolean {
  // Most columns have none, which their ends tell.
  if (!endsAsMultiple(cells)) return false;
  const texts = Array.from(cells, (cell) => (cell === null || isMissing(cell) ? '' : String(cell).trim())).filter((text) => text !== '');
  if (!texts.some((text) => /[a-zA-Z.]$/.test(text) && multipleOf(text))) return false;
  const factors = texts.map((text) => {
    const isUnit = Number.isNaN(parseNumber(text)) || /\p{L}$/u.test(text);
    return multipleOf(text)?.factor ?? (isUnit ? Number.NaN : 1);
  });
  // These alone are no units.
  return !factors.some(Number.isNaN) && (new Set(factors).size > 1 || texts.some((text) => /(?:Tsd|Mio|Mrd)\.?$/.test(text)));
}

function endsAsMultiple(cells: ArrayLike<TableCell>): boolean {
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row];
    if (typeof cell === 'string' && /[a-zA-Z.]\s*$/.test(cell)) return true;
  }
  return false;
}

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A text without the sign between the groups of three digits that its number begins with. */
function withoutGroups(text: string, sign: string): string {
  if (sign === '' || !text.includes(sign)) return text;
  const between = /[\w\s]/.test(sign) ? sign : `\\${sign}`;
  const grouped = new RegExp(`^([^\\d.,]*)(\\d{1,3}(?:${between}\\d{3})+)(?!\\d|${between}\\d)`);
  return text.replace(grouped, (_, before: string, number: string) => before + number.replaceAll(sign, ''));
}

/**
 * How the numbers of a column are written: the format that reads more of its cells. Where both read
 * all, as of `1.500`, a comma is decimal only if `likely` says so.
 * @param likely the decimal sign of the other columns of the file
 * @param thousands the sign between groups, where it is known
 */
export function numberFormatOf(cells: ArrayLike<TableCell>, likely: '.' | ',' = '.', thousands?: string): NumberFormat {
  const read = { '.': 0, ',': 0 };
  const decimals = ['.', ','] as const;
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row] as TableCell;
    if (typeof cell !== 'string' || isMissing(cell)) continue;
    for (const decimal of decimals) if (!Number.isNaN(parseNumber(cell, { decimal, thousands, hasMultiples: true }))) read[decimal]++;
  }
  const hasMultiples = haveMultiples(cells);
  if (read['.'] === read[',']) return { decimal: likely, thousands, hasMultiples };
  return { decimal: read[','] > read['.'] ? ',' : '.', thousands, hasMultiples };
}
