import { kindOf } from './headerRows.ts';
import { isDateText } from './parseDates.ts';
import { parseNumber } from './parseNumber.ts';

/** How programs begin remarks. */
const REMARK = /^\s*(?:#|\/\/|%)/;

export function beginsAsRemark(cells: readonly string[] | undefined): boolean {
  return REMARK.test(cells?.[0] ?? '');
}

/**
 * Tells the remarks between the rows of a table: `# sensor replaced`. A text may begin so too. It
 * is a remark if it stands alone in its line, or where a number or a date belongs. So is a row that
 * repeats the names, as files have that were put together.
 * @param names the rows of names
 * @param sample rows of the table
 * @returns whether a row of the table is a remark
 */
export function remarkTest(
  names: readonly (readonly string[])[],
  sample: readonly (readonly string[])[],
  columns: number,
  decimal: '.' | ',',
): (cells: readonly string[]) => boolean {
  let measured: readonly number[] | null = null;
  const isValue = (cell = '') => !Number.isNaN(parseNumber(cell, { decimal, hasMultiples: true })) || isDateText(cell);
  const heads = new Set(names.map(plain));
  return (cells) => {
    const repeats = heads.size > 0 && heads.has(plain(cells));
    if (!repeats && !beginsAsRemark(cells)) return false;
    if (columns > 1 && (repeats || cells.length === 1)) return true;
    measured ??= columnsOfValues(sample, columns, decimal);
    return measured[0] === 0 || (measured.length > 0 && !measured.some((place) => isValue(cells[place])));
  };
}

function plain(cells: readonly string[]): string {
  return cells.map((cell) => cell.trim()).join('\n');
}

/** The columns of numbers and dates. */
function columnsOfValues(sample: readonly (readonly string[])[], columns: number, decimal: '.' | ','): number[] {
  const values = sample.filter((cells) => !beginsAsRemark(cells));
  return Array.from({ length: columns }, (_, place) => place).filter((place) =>
    ['number', 'date'].includes(kindOf(values, place, decimal)),
  );
}
