/** The places of equal values, by the value, in the order in which the values first come. */
export function rowsByValue(values: readonly string[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const [row, value] of values.entries()) {
    const known = rows.get(value);
    if (known) known.push(row);
    else rows.set(value, [row]);
  }
  return rows;
}
