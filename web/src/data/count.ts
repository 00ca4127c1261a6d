/** A whole number for reading: `10,568`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** A number of things: `1 row`, `10,568 rows`. */
export function amount(value: number, thing: string): string {
  return `${count(value)} ${thing}${value === 1 ? '' : 's'}`;
}
