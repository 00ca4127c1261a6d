// `toLocaleString` makes such a formatter anew for each number, and a chart has many.
const WHOLE = new Intl.NumberFormat('en');

/** A whole number for reading: `10,568`. */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** A number of things: `1 row`, `10,568 rows`, `2 classes`, `3 series`. */
export function amount(value: number, thing: string): string {
  return `${count(value)} ${value === 1 ? thing : plural(thing)}`;
}

/** Several of a thing: `rows`, `classes`, `series`. */
export function plural(thing: string): string {
  return thing === 'series' ? thing : `${thing}${thing.endsWith('s') ? 'es' : 's'}`;
}

/** Three digits that matter, without an exponent where that can be read. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return count(Math.round(value));
  return size !== 0 && size < 0.001 ? value.toExponential(2) : String(Number(value.toPrecision(3)));
}
