/**
 * `base` to a whole power, computed by multiplications only. Each JavaScript engine may approximate
 * `**` in its own way, but all multiply alike, so weights that depend on this power have the same
 * bits everywhere.
 *
 * About 2 log2(exponent) products are rounded, and each squaring doubles the relative error so far.
 * The relative error of the result stays below `exponent * 2^-52`.
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
