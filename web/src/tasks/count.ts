/** A whole number for reading: `10,568`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}
