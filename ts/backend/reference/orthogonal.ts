import type { OrthogonalArguments } from '../kernels.generated.ts';
import { randomNormalTransposed } from './randomNumbers.ts';

/**
 * `y[rows, columns] = gain * Q`, Q being the orthonormal factor of a normal matrix `[max, min]`
 * whose R has a positive diagonal, transposed when rows < columns (Saxe, McClelland, Ganguli 2014;
 * Keras' `Orthogonal`).
 *
 * That Q is what the Gram-Schmidt process gives. Done twice per column it is orthogonal to rounding
 * (Giraud et al. 2005).
 */
export function orthogonal(args: OrthogonalArguments<Float64Array>): void {
  const { rows, columns, gain, y, workspace } = args;
  const length = Math.max(rows, columns);
  const count = Math.min(rows, columns);
  // [count, length]: the columns of the normal matrix, one after the other.
  const vectors = workspace;
  randomNormalTransposed(args, length, count, vectors);

  for (let j = 0; j < count; j++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < j; i++) addMultiple(vectors, j * length, -dot(vectors, i * length, j * length, length), i * length, length);
    }
    const norm = Math.sqrt(dot(vectors, j * length, j * length, length));
    for (let k = 0; k < length; k++) vectors[j * length + k] /= norm;
  }

  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const element = rows < columns ? row * length + column : column * length + row;
      y[row * columns + column] = gain * vectors[element];
    }
  }
}

/** The product of the vectors at `a` and `b`. */
function dot(values: Float64Array, a: number, b: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += values[a + k] * values[b + k];
  return sum;
}

/** The vector at `to` plus `factor` times the one at `from`. */
function addMultiple(values: Float64Array, to: number, factor: number, from: number, length: number): void {
  for (let k = 0; k < length; k++) values[to + k] += factor * values[from + k];
}
