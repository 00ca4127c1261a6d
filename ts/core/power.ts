/**
 * `base` to a whole power, by multiplications alone. JavaScript engines may each approximate `**` in their own way, while every
 * machine multiplies alike, so that weights which depend on it have the same bits everywhere.
 *
 * Each of the about 2 log2(exponent) products is rounded, and squares double the error they are given: it stays below
 * `exponent * 2^-52` of the result.
 * @param exponent 0, 1, 2, …
 */
export function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
