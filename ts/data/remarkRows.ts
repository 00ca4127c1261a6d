import { kindOf } from './headerRows.ts';
import { isDateText } from './parseDates.ts';
import { parseNumber } from './parseNumber.ts';

/** How programs begin remarks. */
const REMARK = /^\s*(?:#|\/\/|%)/;

export function beginsAsRemark(cells: readonly string[] | undefined): boolean {
  return REMARK.test(cells?.[0] ?? '');
}

/**
 * Tells the remarks between the rows of a table: `# sensor replaced`. A text may begin so too. It is
 * a remark if it stands alone in its line, or where a number or a date belongs.
 * @param sample rows of the table
 * @returns whether a row of the table is a remark
 */
export function remarkTest(
  sample: readonly (readonly string[])[],
  columns: number,
  decimal: '.' | ',',
): (cells: readonly string[]) => boolean {
  let measured: readonly number[] | null = null;
  const isValue = (cell = '') => !Number.isNaN(parseNumber(cell, { decimal })) || isDateText(cell);
  return (cells) => {
    if (!beginsAsRemark(cells)) return false;
    if (columns > 1 && cells.length === 1) return true;
    measured ??= columnsOfValues(sample, columns, decimal);
    return measured[0] === 0 || (measured.length > 0 && !measured.some((place) => isValue(cells[place])));
  };
}

/** The columns of numbers and dates. */
function columnsOfValues(sample: readonly (readonly string[])[], columns: number, decimal: '.' | ','): number[] {
  const values = sample.filter((cells) => !beginsAsRemark(cells));
  return Array.from({ length: columns }, (_, place) => place).filter((place) =>
    ['number', 'date'].includes(kindOf(values, place, decimal)),
  );
}
