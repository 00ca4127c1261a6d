/** The three matrix products of back-propagation, on row-major matrices in flat arrays. Each adds to what `out` holds. */

/** `out += a · b`: a `[rows, inner]`, b `[inner, columns]`, out `[rows, columns]`. */
export function addProduct(out: Float64Array, a: Float64Array, b: Float64Array, rows: number, inner: number, columns: number): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < inner; i++) {
      const factor = a[row * inner + i];
      for (let column = 0; column < columns; column++) out[row * columns + column] += factor * b[i * columns + column];
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
