import type { FloatArray } from '../core/numericArray.ts';
import type { Shape } from '../core/shape.ts';
import { typedArrayName } from '../core/tags.ts';
import type { NumericArray } from '../core/tensor.ts';
import type { StartValues } from './initializers.ts';

/** The types of integers that weights of quantised models have. */
export type QuantisedType = 'int16' | 'int8';

/** The values of a weight of a quantised model: integers and their scales. */
export interface QuantisedValues {
  readonly type: QuantisedType;
  /** Whether each row (0) or each column (1) has a scale. Only the latter are multiplied. */
  readonly axis: 0 | 1;
  /** Of the weight's shape, which has two axes. */
  readonly integers: { readonly shape: Shape; readonly data: Int16Array | Int8Array };
  readonly scales: { readonly shape: Shape; readonly data: Float32Array };
}

/** The integers of a weight. */
export interface Integers {
  readonly values: QuantisedValues;
  /** The floats that the integers represent. */
  read(): Float32Array;
  /** @throws {StateError} always: they cannot be set */
  refuse(): never;
}

/** The place of the values of weights while programs use them. */
export interface WeightPlace {
  /** A copy of a weight's values. */
  read(weight: Weight): FloatArray;
  /** A weight's values in place. Use them only within one function. */
  view(weight: Weight): FloatArray;
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
  /** The integers of a quantised model's weight, which never change; null for others. */
  quantised: Integers | null = null;
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
    return (this.place ?? this.values ?? this.quantised) !== null;
  }

  /**
   * Copies the values; null when it has none yet. For a quantised weight, the floats that its
   * integers represent.
   */
  read(): FloatArray | null {
    if (this.quantised) return this.quantised.read();
    return this.place ? this.place.read(this) : (this.values?.slice() ?? null);
  }

  /**
   * The values in place, for code that only reads them; null when it has none yet. Use them only
   * within one function: later they may be elsewhere.
   */
  view(): FloatArray | null {
    return this.place ? this.place.view(this) : this.values;
  }

  /**
   * Sets the values. Their number must fit the shape.
   * @throws {StateError} for a weight of a quantised model
   */
  write(values: NumericArray): void {
    this.quantised?.refuse();
    if (this.place) this.place.write(this, values);
    else this.values = typedArrayName(values) === 'Float32Array' ? new Float32Array(values) : new Float64Array(values);
  }
}
