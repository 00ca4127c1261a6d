// Tables that are drawn with characters, as Markdown has them and as databases print them:
//
//     | day        | load |        day        | load
//     |------------|-----:|       ------------+------
//     | 2024-01-01 |  3.5 |        2024-01-01 |  3.5

/** Whether there is a line before the first and after the last cell of each row. */
export interface RuledLines {
  readonly left: boolean;
  readonly right: boolean;
}

/** Part of the rows of cells that have a line before the first, or after the last. */
const MOST = 0.9;

/**
 * The lines around the cells of a table; null where cells are not between lines.
 * @param records rows of fields, of which none is empty
 */
export function ruledLinesOf(separator: string, records: readonly (readonly string[])[]): RuledLines | null {
  if (separator !== '|') return null;
  const rows = records.filter((fields) => fields.length > 1 && !isRule(fields));
  if (rows.length === 0) return null;
  const has = (place: number) => rows.filter((fields) => fields.at(place)?.trim() === '').length >= MOST * rows.length;
  const [left, right] = [has(0), has(-1)];
  return records.some(isRule) || (left && right) ? { left, right } : null;
}

/** Whether a row only separates others: `|---|:--:|`, `---+---`, `+======+`. */
export function isRule(fields: readonly string[]): boolean {
  const parts = fields.flatMap((field) => field.split('+')).filter((part) => part.trim() !== '');
  // One dash between spaces stands for a missing value.
  return (
    parts.length > 0 && parts.every((part) => /^\s*(?::?[-=]{2,}:?|:-+|-+:)\s*$|^-$/.test(part)) && /[-=]{3}|.[|+]/.test(parts.join('|'))
  );
}

/** The cells of a row: without what is before the first line and after the last, and spaces. */
export function cellsOfRule(fields: readonly string[], { left, right }: RuledLines): string[] {
  // A title or another text has no lines, and an empty line nothing.
  const inner = fields.length === 1 ? fields : fields.slice(Number(left), right && fields.at(-1)?.trim() === '' ? -1 : undefined);
  const cells: string[] = [];
  let before = '';
  for (const field of inner) {
    // A line within a cell has a backslash before it.
    if (/(?:^|[^\\])(?:\\\\)*\\$/.test(field)) before += `${field.slice(0, -1)}|`;
    else {
      cells.push((before + field).trim());
      before = '';
    }
  }
  if (before !== '') cells.push(before.trim());
  return cells;
}
