import type { NumericArray } from '../core/tensor.ts';
import type { Weight } from './weight.ts';

/** The model that a layer belongs to, as the layer sees it: where the values of its weights are. */
export interface LayerOwner {
  /** The model's name, for error messages. */
  readonly name: string;
  /** Whether a weight has values already. */
  holds(weight: Weight): boolean;
  /** A copy of a weight's values. @throws {StateError} when the model is not built, or was disposed */
  readWeight(weight: Weight): Float32Array | Float64Array;
  writeWeight(weight: Weight, values: NumericArray): void;
}
