/** The typed arrays that data may come in. */
export type NumericArray = Float32Array | Float64Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array | Uint8ClampedArray;

/** A shape and the values in row-major order: what Backtime returns, and one of the things it takes. */
export interface Tensor<A extends NumericArray = NumericArray> {
  readonly shape: readonly number[];
  readonly data: A;
}
