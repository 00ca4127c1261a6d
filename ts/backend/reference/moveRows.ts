import type { MoveRowsArguments } from '../kernels.generated.ts';

/** Copies rows from `x` to `y`, or adds them to what `y` holds. */
export function moveRows(args: MoveRowsArguments<Float64Array>): void {
  const { count0, count1, count2, count3, width, accumulate, x, y } = args;
  const xStrides = [args.xStride0, args.xStride1, args.xStride2, args.xStride3].map((stride) => stride | 0);
  const yStrides = [args.yStride0, args.yStride1, args.yStride2, args.yStride3].map((stride) => stride | 0);
  const place = (start: number, strides: readonly number[], indices: readonly number[]) =>
    indices.reduce((sum, index, axis) => sum + index * strides[axis], start);
  for (let i = 0; i < count0; i++) {
    for (let j = 0; j < count1; j++) {
      for (let k = 0; k < count2; k++) {
        for (let l = 0; l < count3; l++) {
          const from = place(args.xStart, xStrides, [i, j, k, l]);
          const to = place(args.yStart, yStrides, [i, j, k, l]);
          for (let n = 0; n < width; n++) y[to + n] = accumulate ? y[to + n] + x[from + n] : x[from + n];
        }
      }
    }
  }
}
