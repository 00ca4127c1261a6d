import type { FloatArray } from '../core/numericArray.ts';
import type { Weight } from '../layers/weight.ts';
import type { Parameters } from '../program/parameters.ts';

/**
 * The gradients of the weights, added up over passes until they are applied. They lie on the heap,
 * by weight, because training and other engines use the memory of the parameters meanwhile.
 */
export class GradientSum {
  readonly #sums = new Map<Weight, FloatArray>();
  #isEmpty = true;

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Adds the gradients in the memory of the parameters. */
  add(parameters: Parameters): void {
    for (const weight of parameters.trainableWeights) {
      const part = parameters.backend.floats(parameters.gradient(weight));
      const sum = this.#sums.get(weight);
      if (!sum) this.#sums.set(weight, part.slice());
      else if (this.#isEmpty) sum.set(part);
      else for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] as number) + (part[index] as number);
    }
    this.#isEmpty = false;
  }

  /** Writes the sums to the memory of the parameters. */
  write(parameters: Parameters): void {
    for (const weight of parameters.trainableWeights) {
      const sum = this.#sums.get(weight);
      if (sum) parameters.backend.floats(parameters.gradient(weight)).set(sum);
    }
  }

  /** Starts again. */
  clear(): void {
    this.#isEmpty = true;
  }

  /** Starts again, with other weights. */
  forget(): void {
    this.#sums.clear();
    this.#isEmpty = true;
  }
}
