/** Gives NaN the number before it; NaN at the beginning, the first number. */
export function fillPrevious(numbers: Float64Array): void {
  const first = numbers.findIndex((value) => !Number.isNaN(value));
  if (first > 0) numbers.fill(numbers[first] as number, 0, first);
  for (let row = 1; row < numbers.length; row++) if (Number.isNaN(numbers[row])) numbers[row] = numbers[row - 1] as number;
}

/** Puts NaN on the line between the numbers before and after it. */
export function fillLinear(numbers: Float64Array): void {
  let before = -1;
  for (let row = 0; row < numbers.length; row++) {
    if (Number.isNaN(numbers[row])) continue;
    const [from, to] = [before < 0 ? (numbers[row] as number) : (numbers[before] as number), numbers[row] as number];
    for (let gap = before + 1; gap < row; gap++) numbers[gap] = from + ((to - from) * (gap - before)) / (row - before);
    before = row;
  }
  if (before >= 0) numbers.fill(numbers[before] as number, before + 1);
}
