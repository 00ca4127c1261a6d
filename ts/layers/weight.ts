import type { FloatArray } from '../core/numericArray.ts';
import type { Shape } from '../core/shape.ts';
import { typedArrayName } from '../core/tags.ts';
import type { NumericArray } from '../core/tensor.ts';
import type { StartValues } from './initializers.ts';

/** The place of the values of weights while programs use them. */
export interface WeightPlace {
  /** A copy of a weight's values. */
  read(weight: Weight): FloatArray;
  /** Sets a weight's values. */
  write(weight: Weight, values: NumericArray): void;
}

/**
 * A weight of a layer. While programs use it, its values are in their memory, which the models that
 * share the layer share. Before that they are in an array of the weight.
 */
export class Weight {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: StartValues;
  /**
   * False for weights that a forward call writes, such as moving averages: the optimizer never
   * updates them.
   */
  readonly trainable: boolean;
  /** The place of the values; null while they are in `values`. */
  place: WeightPlace | null = null;
  /** The values while no program uses them; null before they have any. */
  values: FloatArray | null = null;
  readonly #owner: { readonly name: string };

  constructor(owner: { readonly name: string }, name: string, shape: Shape, initializer: StartValues, trainable = true) {
    this.#owner = owner;
    this.name = name;
    this.shape = shape;
    this.initializer = initializer;
    this.trainable = trainable;
  }

  /** `lstm/recurrentKernel` */
  get path(): string {
    return `${this.#owner.name}/${this.name}`;
  }

  /** Whether it has values. */
  get known(): boolean {
    return this.place !== null || this.values !== null;
  }

  /** Copies the values; null when it has none yet. */
  read(): FloatArray | null {
    return this.place ? this.place.read(this) : (this.values?.slice() ?? null);
  }

  /** Sets the values. Their number must fit the shape. */
  write(values: NumericArray): void {
    if (this.place) this.place.write(this, values);
    else this.values = typedArrayName(values) === 'Float32Array' ? new Float32Array(values) : new Float64Array(values);
  }
}
