/** Two axes that windows pass over: the inner one in memory, then the outer one. */
export interface WindowAxes {
  readonly input0: number;
  readonly output0: number;
  readonly window0: number;
  readonly stride0: number;
  readonly before0: number;
  readonly input1: number;
  readonly output1: number;
  readonly window1: number;
  readonly stride1: number;
  readonly before1: number;
  /** Default 1. */
  readonly dilation0?: number;
  /** Default 1. */
  readonly dilation1?: number;
}

/**
 * Visits every place of the input that an output sees, output after output, in the order of the
 * taps. Padding is left out.
 */
export function forEachTap(axes: WindowAxes, visit: (output: number, input: number, tap: number) => void): void {
  const { dilation0 = 1, dilation1 = 1 } = axes;
  for (let q = 0; q < axes.output1; q++) {
    for (let p = 0; p < axes.output0; p++) {
      for (let s = 0; s < axes.window0; s++) {
        for (let t = 0; t < axes.window1; t++) {
          const inner = p * axes.stride0 + s * dilation0 - axes.before0;
          const outer = q * axes.stride1 + t * dilation1 - axes.before1;
          if (inner < 0 || inner >= axes.input0 || outer < 0 || outer >= axes.input1) continue;
          visit(q * axes.output0 + p, outer * axes.input0 + inner, s * axes.window1 + t);
        }
      }
    }
  }
}
