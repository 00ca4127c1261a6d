/**
 * The three matrix products of back-propagation, on row-major matrices in flat arrays. Each adds to
 * what `out` holds.
 */

/** `out += a · b`: a `[rows, inner]`, b `[inner, columns]`, out `[rows, columns]`. */
export function addProduct(out: Float64Array, a: Float64Array, b: Float64Array, rows: number, inner: number, columns: number): void {
  for (let row = 0; row < rows; row++) {
    const to = row * columns;
    let i = row * inner;
    let from = 0;
    // Four rows of b at a time, because storing a sum takes longer than adding to it. Most of the
    // forward pass is here.
    for (; from + 3 * columns < inner * columns; i += 4, from += 4 * columns) {
      const [f0, f1, f2, f3] = [a[i], a[i + 1], a[i + 2], a[i + 3]];
      for (let column = 0; column < columns; column++) {
        const at = from + column;
        out[to + column] += f0 * b[at] + f1 * b[at + columns] + f2 * b[at + 2 * columns] + f3 * b[at + 3 * columns];
      }
    }
    for (; from < inner * columns; i++, from += columns) {
      for (let column = 0; column < columns; column++) out[to + column] += a[i] * b[from + column];
    }
  }
}

/** `out += aᵀ · b`: a `[inner, rows]`, b `[inner, columns]`, out `[rows, columns]`. */
export function addTransposedProduct(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): void {
  for (let i = 0; i < inner; i++) {
    for (let row = 0; row < rows; row++) {
      const factor = a[i * rows + row];
      for (let column = 0; column < columns; column++) out[row * columns + column] += factor * b[i * columns + column];
    }
  }
}

/** `out += a · bᵀ`: a `[rows, inner]`, b `[columns, inner]`, out `[rows, columns]`. */
export function addProductTransposed(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let i = 0; i < inner; i++) sum += a[row * inner + i] * b[column * inner + i];
      out[row * columns + column] += sum;
    }
  }
}

/** `out += Σ over rows of a`: a `[rows, columns]`, out `[columns]`. */
export function addColumnSums(out: Float64Array, a: Float64Array, rows: number, columns: number): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) out[column] += a[row * columns + column];
  }
}
