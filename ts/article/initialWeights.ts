import type { RandomSequence } from '../core/random.ts';

/**
 * Uniform numbers between ±√(6 / (rows + columns)), which keep the size of signals and of gradients
 * about the same (Glorot, Bengio 2010, eq. 16).
 * @returns `[rows, columns]`
 */
export function glorotUniform(rows: number, columns: number, random: RandomSequence): Float64Array {
  const limit = Math.sqrt(6 / (rows + columns));
  return Float64Array.from({ length: rows * columns }, () => limit * (2 * random.uniform() - 1));
}

/**
 * A random matrix with orthonormal rows: products with it keep the length of vectors (Saxe,
 * McClelland, Ganguli 2014). The Gram-Schmidt process makes it from the rows of a normal matrix; it
 * runs twice because of rounding errors.
 * @returns `[size, size]`
 */
export function orthogonal(size: number, random: RandomSequence): Float64Array {
  const q = Float64Array.from({ length: size * size }, () => normal(random));
  for (let row = 0; row < size; row++) {
    const current = q.subarray(row * size, (row + 1) * size);
    for (let pass = 0; pass < 2; pass++) {
      for (let earlier = 0; earlier < row; earlier++) {
        const other = q.subarray(earlier * size, (earlier + 1) * size);
        const projection = dot(current, other);
        for (let column = 0; column < size; column++) current[column] -= projection * other[column];
      }
      const length = Math.sqrt(dot(current, current));
      for (let column = 0; column < size; column++) current[column] /= length;
    }
  }
  return q;
}

/**
 * A normal number from two uniform ones (Box, Muller 1958). `1 - u` is never 0, whose logarithm is
 * infinite.
 */
function normal(random: RandomSequence): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index] * b[index];
  return sum;
}
