import { describe, expect, it } from 'vitest';
import { addColumnSums, addProduct, addProductTransposed, addTransposedProduct } from '../../ts/article/matrix.ts';
import { expectClose } from '../support/differences.ts';
import { RandomArrays } from '../support/randomArrays.ts';

/** Sizes on both sides of the four rows that addProduct takes at a time. */
const SIZES = [1, 3, 4, 5, 8, 10];

describe('matrix products add to what is there', () => {
  it.each(SIZES)('over an inner dimension of %i', (inner) => {
    for (const [rows, columns] of [
      [1, 1],
      [2, 3],
      [5, 4],
    ]) {
      const random = new RandomArrays(rows + inner);
      const a = random.floats(rows * inner);
      const b = random.floats(inner * columns);
      const there = random.floats(rows * columns);
      const expected = there.map((value, index) => {
        const [row, column] = [Math.floor(index / columns), index % columns];
        return Array.from({ length: inner }, (_, i) => a[row * inner + i] * b[i * columns + column]).reduce(
          (sum, term) => sum + term,
          value,
        );
      });
      const transpose = (matrix: Float64Array, height: number, width: number) =>
        matrix.map((_, index) => matrix[(index % height) * width + Math.floor(index / height)]);

      const products = [there.slice(), there.slice(), there.slice()];
      addProduct(products[0], a, b, rows, inner, columns);
      addTransposedProduct(products[1], transpose(a, rows, inner), b, rows, inner, columns);
      addProductTransposed(products[2], a, transpose(b, inner, columns), rows, inner, columns);
      for (const product of products) expectClose(product, expected, { relative: 1e-14 }, 'product');
    }
  });

  it('and so do column sums', () => {
    const out = Float64Array.of(1, 2);
    addColumnSums(out, Float64Array.of(10, 20, 30, 40, 50, 60), 3, 2);
    expect(out).toEqual(Float64Array.of(91, 122));
  });
});
