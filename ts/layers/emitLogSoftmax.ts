import type { FloatArray } from '../core/numericArray.ts';
import type { Scope } from './scope.ts';
import { featuresOf, lengthOf, matrixRows, type Value } from './value.ts';

/**
 * Emits `x - log(sum(exp(x)))` of each row of C scores x, and notes how its gradient passes back.
 * The loops are here, for both backends.
 */
export function emitLogSoftmax(scope: Scope, input: Value): Value {
  const [N, C] = [matrixRows(input), featuresOf(input)];
  const y = scope.floats('y', lengthOf(input));
  scope.native({
    reads: [scope.floatsOf(input)],
    writes: [y],
    run: ([x, out]: readonly FloatArray[]) => {
      for (let start = 0; start < N * C; start += C) {
        let most = Number.NEGATIVE_INFINITY;
        for (let j = start; j < start + C; j++) most = Math.max(most, x?.[j] as number);
        let sum = 0;
        for (let j = start; j < start + C; j++) sum += Math.exp((x?.[j] as number) - most);
        const log = most + Math.log(sum);
        for (let j = start; j < start + C; j++) (out as FloatArray)[j] = (x?.[j] as number) - log;
      }
    },
  });
  const output: Value = { ...input, form: { kind: 'floats', buffer: y } };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    const dX = dY && gradients.to(input);
    if (!dY || !dX) return;
    scope.native({
      reads: [y, dY],
      writes: [dX],
      run: ([out, given, made]: readonly FloatArray[]) => {
        for (let start = 0; start < N * C; start += C) {
          let sum = 0;
          for (let j = start; j < start + C; j++) sum += given?.[j] as number;
          for (let j = start; j < start + C; j++) (made as FloatArray)[j] = (given?.[j] as number) - Math.exp(out?.[j] as number) * sum;
        }
      },
    });
  });
  return output;
}
