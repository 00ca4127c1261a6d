import { RandomSequence } from '../../ts/core/random.ts';

/** Makes test data from a seed: the same seed gives the same arrays in the same order. */
export class RandomArrays {
  readonly #random: RandomSequence;

  constructor(seed: number) {
    this.#random = new RandomSequence(seed, 0x74657374);
  }

  /** Uniform in low..high; by default -1..1. */
  floats(length: number, low = -1, high = 1): Float64Array {
    return Float64Array.from({ length }, () => low + (high - low) * this.#random.uniform());
  }

  /** Like {@link floats}, each rounded to a float32: data that both backends hold exactly. */
  float32s(length: number, low = -1, high = 1): Float64Array {
    return this.floats(length, low, high).map(Math.fround);
  }

  /** Uniform over low..high-1. */
  integers(length: number, high: number, low = 0): Int32Array {
    return Int32Array.from({ length }, () => low + Math.floor((high - low) * this.#random.uniform()));
  }

  /** One integer over low..high-1. */
  integer(high: number, low = 0): number {
    return this.integers(1, high, low)[0];
  }

  /** 1 with the given probability, else 0. */
  mask(length: number, probability = 0.6): Int32Array {
    return new Int32Array(length).map(() => (this.#random.uniform() < probability ? 1 : 0));
  }

  /** Rows of positive numbers that sum to one. */
  probabilities(rows: number, classes: number): Float64Array {
    const values = this.floats(rows * classes, 0.05, 1);
    for (let row = 0; row < rows; row++) {
      const slice = values.subarray(row * classes, (row + 1) * classes);
      const sum = slice.reduce((total, value) => total + value, 0);
      for (let i = 0; i < classes; i++) slice[i] /= sum;
    }
    return values;
  }

  /** One element of the list. */
  choice<Item>(items: readonly Item[]): Item {
    return items[this.integer(items.length)];
  }
}
