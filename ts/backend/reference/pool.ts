import type { PoolBackwardArguments, PoolForwardArguments } from '../kernels.generated.ts';
import { forEachTap, type WindowAxes } from './windows.ts';

/** For each output the places that it sees, in the order of their taps. */
function seenBy(axes: WindowAxes): number[][] {
  const seen = Array.from({ length: axes.output0 * axes.output1 }, (): number[] => []);
  forEachTap(axes, (output, input) => seen[output].push(input));
  return seen;
}

/** The place of the largest element of a window: the first of equals, or of those that are NaN. */
function largest(places: readonly number[], x: Float64Array, width: number, n: number): number {
  return places.reduce((best, place) => {
    const [a, b] = [x[place * width + n], x[best * width + n]];
    return a > b || (Number.isNaN(a) && !Number.isNaN(b)) ? place : best;
  });
}

/** `y[place, n]` = the largest of the elements `x[input, n]` that the place sees, or their mean. */
export function poolForward({ average, width, x, y, ...axes }: PoolForwardArguments<Float64Array>): void {
  for (const [output, places] of seenBy(axes).entries()) {
    for (let n = 0; n < width; n++) {
      y[output * width + n] = average
        ? places.reduce((sum, place) => sum + x[place * width + n], 0) / places.length
        : x[largest(places, x, width, n) * width + n];
    }
  }
}

/** The gradient of {@link poolForward}. */
export function poolBackward({ average, width, x, dY, dX, ...axes }: PoolBackwardArguments<Float64Array>): void {
  dX.fill(0);
  for (const [output, places] of seenBy(axes).entries()) {
    for (let n = 0; n < width; n++) {
      const gradient = dY[output * width + n];
      if (!average) dX[largest(places, x, width, n) * width + n] += gradient;
      else for (const place of places) dX[place * width + n] += gradient / places.length;
    }
  }
}
