import type { NumericArray } from '../core/tensor.ts';
import type { Weight } from './weight.ts';

/** The model of a layer, as the layer sees it: it holds the values of the weights. */
export interface LayerOwner {
  /** The model's name, for error messages. */
  readonly name: string;
  /** Whether a weight has values. */
  holds(weight: Weight): boolean;
  /** Copies a weight's values. @throws {StateError} when the model is not built, or was disposed */
  readWeight(weight: Weight): Float32Array | Float64Array;
  writeWeight(weight: Weight, values: NumericArray): void;
}
