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

/**
 * `out[j] += sum over k of vector[k] * matrix[k, j]`; the offsets say where the vectors start. Four
 * rows are taken at a time, which is three times as fast as one because `out` is then loaded and
 * stored less.
 */
export function addVectorTimesMatrix(vector: Float64Array, vectorAt: number, matrix: Columns, out: Float64Array, outAt: number): void {
  const { data, rows, stride, first, count } = matrix;
  let k = 0;
  for (; k + 4 <= rows; k += 4) {
    const factor0 = vector[vectorAt + k];
    const factor1 = vector[vectorAt + k + 1];
    const factor2 = vector[vectorAt + k + 2];
    const factor3 = vector[vectorAt + k + 3];
    const row0 = k * stride + first;
    const row1 = row0 + stride;
    const row2 = row1 + stride;
    const row3 = row2 + stride;
    for (let j = 0; j < count; j++) {
      out[outAt + j] += factor0 * data[row0 + j] + factor1 * data[row1 + j] + factor2 * data[row2 + j] + factor3 * data[row3 + j];
    }
  }
  for (; k < rows; k++) addMultipleOfRow(vector[vectorAt + k], data, k * stride + first, count, out, outAt);
}

/**
 * `out[k] += sum over j of matrix[k, j] * vector[j]`, also four rows at a time: their sums do not
 * wait for each other.
 */
export function addMatrixTimesVector(matrix: Columns, vector: Float64Array, vectorAt: number, out: Float64Array, outAt: number): void {
  const { data, rows, stride, first, count } = matrix;
  let k = 0;
  for (; k + 4 <= rows; k += 4) {
    const row0 = k * stride + first;
    const row1 = row0 + stride;
    const row2 = row1 + stride;
    const row3 = row2 + stride;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let j = 0; j < count; j++) {
      const factor = vector[vectorAt + j];
      sum0 += data[row0 + j] * factor;
      sum1 += data[row1 + j] * factor;
      sum2 += data[row2 + j] * factor;
      sum3 += data[row3 + j] * factor;
    }
    out[outAt + k] += sum0;
    out[outAt + k + 1] += sum1;
    out[outAt + k + 2] += sum2;
    out[outAt + k + 3] += sum3;
  }
  for (; k < rows; k++) {
    const row = k * stride + first;
    let sum = 0;
    for (let j = 0; j < count; j++) sum += data[row + j] * vector[vectorAt + j];
    out[outAt + k] += sum;
  }
}

/** `matrix[k, j] += left[k] * right[j]` */
export function addOuterProduct(left: Float64Array, leftAt: number, right: Float64Array, rightAt: number, matrix: Columns): void {
  const { data, rows, stride, first, count } = matrix;
  for (let k = 0; k < rows; k++) addMultipleOfRow(left[leftAt + k], right, rightAt, count, data, k * stride + first);
}

/** `out[j] += factor * vector[j]` over `count` elements. */
function addMultipleOfRow(factor: number, vector: Float64Array, vectorAt: number, count: number, out: Float64Array, outAt: number): void {
  for (let j = 0; j < count; j++) out[outAt + j] += factor * vector[vectorAt + j];
}

/** `out[j] += vector[j]` over `count` elements. */
export function addRow(vector: Float64Array, vectorAt: number, count: number, out: Float64Array, outAt: number): void {
  for (let j = 0; j < count; j++) out[outAt + j] += vector[vectorAt + j];
}

/** `out[j] = vector[j]` over `count` elements. */
export function copyRow(vector: Float64Array, vectorAt: number, count: number, out: Float64Array, outAt: number): void {
  for (let j = 0; j < count; j++) out[outAt + j] = vector[vectorAt + j];
}
