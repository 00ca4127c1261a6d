import { REDUCTIONS, type ReduceRowsArguments } from '../kernels.generated.ts';

/** `y[outer, inner]`: the sum, maximum or minimum of `x[outer, count, inner]` over `count`. */
export function reduceRows({ operation, outer, count, inner, x, y }: ReduceRowsArguments<Float64Array>): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let result = x[o * count * inner + i];
      for (let n = 1; n < count; n++) {
        const value = x[(o * count + n) * inner + i];
        if (operation === REDUCTIONS.sum) result += value;
        else result = operation === REDUCTIONS.max ? Math.max(result, value) : Math.min(result, value);
      }
      y[o * inner + i] = result;
    }
  }
}
