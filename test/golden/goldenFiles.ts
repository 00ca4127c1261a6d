import { readFileSync } from 'node:fs';

/** An array as the golden files hold it: batch-major, row-major. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Weights or their gradients by name, in Keras' order. */
export type NamedTensors = Readonly<Record<string, GoldenTensor>>;

/** The options of a layer; which of them are there depends on its type. */
export interface GoldenLayerConfig {
  readonly units: number;
  readonly activation?: 'linear' | 'tanh' | 'sigmoid' | 'relu' | 'softmax';
  readonly recurrentActivation?: 'linear' | 'tanh' | 'sigmoid' | 'relu';
  readonly useBias?: boolean;
  readonly returnSequences?: boolean;
  readonly returnState?: boolean;
  readonly goBackwards?: boolean;
  readonly zeroOutputForMask?: boolean;
  readonly resetAfter?: boolean;
  readonly unitForgetBias?: boolean;
  readonly maskZero?: boolean;
  readonly maskValue?: number;
  readonly truncate?: number;
}

/** A layer of a model: its type, its positional arguments and its options. */
export interface GoldenLayer {
  readonly type: 'OneHot' | 'Embedding' | 'SimpleRNN' | 'LSTM' | 'GRU' | 'Dense' | 'Masking';
  readonly arguments: readonly number[];
  readonly config: GoldenLayerConfig;
  readonly weights: NamedTensors;
}

/** Reads `test/golden/<name>.json`, written by `npm run golden`. */
export function readGolden<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')) as Content;
}

export function floatsOf(tensor: GoldenTensor): Float64Array {
  return Float64Array.from(tensor.data);
}

export function intsOf(tensor: GoldenTensor): Int32Array {
  return Int32Array.from(tensor.data);
}

/** The values of `[B, T, ...]` in the order of `[T, B, ...]`. */
export function timeMajor(tensor: GoldenTensor): Float64Array {
  const [B, T, ...rest] = tensor.shape;
  return swapLeadingAxes(Float64Array.from(tensor.data), B, T, product(rest));
}

/** The values of `[T, B, features]` in the order of `[B, T, features]`. */
export function batchMajor(values: Float64Array, T: number, B: number, features: number): Float64Array {
  return swapLeadingAxes(values, T, B, features);
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}

function swapLeadingAxes(values: Float64Array, rows: number, columns: number, size: number): Float64Array {
  const swapped = new Float64Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      swapped.set(values.subarray((row * columns + column) * size, (row * columns + column + 1) * size), (column * rows + row) * size);
    }
  }
  return swapped;
}
