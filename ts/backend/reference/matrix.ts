/** Some columns of a row-major matrix: element `[k, j]` is `data[k * stride + first + j]`. */
export interface Columns {
  readonly data: Float64Array;
  readonly rows: number;
  readonly stride: number;
  readonly first: number;
  readonly count: number;
}

/** All columns of a `[rows, columns]` matrix. */
export function wholeMatrix(data: Float64Array, rows: number, columns: number): Columns {
  return { data, rows, stride: columns, first: 0, count: columns };
}

/** `out[j] += sum over k of vector[k] * matrix[k, j]`; the offsets say where the vectors start. */
export function addVectorTimesMatrix(vector: Float64Array, vectorAt: number, matrix: Columns, out: Float64Array, outAt: number): void {
  const { data, rows, stride, first, count } = matrix;
  for (let k = 0; k < rows; k++) {
    const factor = vector[vectorAt + k];
    const row = k * stride + first;
    for (let j = 0; j < count; j++) out[outAt + j] += factor * data[row + j];
  }
}

/** `out[k] += sum over j of matrix[k, j] * vector[j]` */
export function addMatrixTimesVector(matrix: Columns, vector: Float64Array, vectorAt: number, out: Float64Array, outAt: number): void {
  const { data, rows, stride, first, count } = matrix;
  for (let k = 0; k < rows; k++) {
    const row = k * stride + first;
    let sum = 0;
    for (let j = 0; j < count; j++) sum += data[row + j] * vector[vectorAt + j];
    out[outAt + k] += sum;
  }
}

/** `matrix[k, j] += left[k] * right[j]` */
export function addOuterProduct(left: Float64Array, leftAt: number, right: Float64Array, rightAt: number, matrix: Columns): void {
  const { data, rows, stride, first, count } = matrix;
  for (let k = 0; k < rows; k++) {
    const factor = left[leftAt + k];
    const row = k * stride + first;
    for (let j = 0; j < count; j++) data[row + j] += factor * right[rightAt + j];
  }
}

/** `out[j] += vector[j]` over `count` elements. */
export function addRow(vector: Float64Array, vectorAt: number, count: number, out: Float64Array, outAt: number): void {
  for (let j = 0; j < count; j++) out[outAt + j] += vector[vectorAt + j];
}

/** `out[j] = vector[j]` over `count` elements. */
export function copyRow(vector: Float64Array, vectorAt: number, count: number, out: Float64Array, outAt: number): void {
  for (let j = 0; j < count; j++) out[outAt + j] = vector[vectorAt + j];
}
