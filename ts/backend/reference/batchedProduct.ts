import type { BatchedProductArguments } from '../kernels.generated.ts';

/** `y = left · right`, or `y += left · right`, for `count0 * count1` products. */
export function batchedProduct(args: BatchedProductArguments<Float64Array>): void {
  const { count0, count1, rows, depth, columns, accumulate, left, right, y } = args;
  const [leftRow, leftColumn] = args.leftTransposed ? [1, args.leftRowStride] : [args.leftRowStride, 1];
  const [rightRow, rightColumn] = args.rightTransposed ? [1, args.rightRowStride] : [args.rightRowStride, 1];
  for (let i = 0; i < count0; i++) {
    for (let j = 0; j < count1; j++) {
      const leftStart = i * args.leftStride0 + j * args.leftStride1;
      const rightStart = i * args.rightStride0 + j * args.rightStride1;
      const yStart = i * args.yStride0 + j * args.yStride1;
      for (let m = 0; m < rows; m++) {
        for (let n = 0; n < columns; n++) {
          const place = yStart + m * args.yRowStride + n;
          let sum = accumulate ? y[place] : 0;
          for (let k = 0; k < depth; k++)
            sum += left[leftStart + m * leftRow + k * leftColumn] * right[rightStart + k * rightRow + n * rightColumn];
          y[place] = sum;
        }
      }
    }
  }
}
