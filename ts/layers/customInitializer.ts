import type { Shape } from '../core/shape.ts';
import type { TensorLike } from '../core/tensor.ts';
import { Initializer, type Start } from './initializers.ts';
import type { LayerConfig } from './layerConfig.ts';

/**
 * The base of custom initializers. A model with one can be saved, and run in workers, once
 * the class is registered.
 *
 *     class Ramp extends CustomInitializer {
 *       static className = 'Ramp';
 *       call(shape) { return Float64Array.from({ length: shape[0] }, (_, place) => place); }
 *     }
 *     registerClass(Ramp);
 */
export abstract class CustomInitializer extends Initializer {
  /**
   * Makes the values of a weight, nested or one after another.
   * @param shape the sizes of the weight's axes
   * @param random draws a uniform number from 0 to 1; `setRandomSeed` or the seed of the
   *   initializer makes them repeatable
   */
  abstract call(shape: Shape, random: () => number): TensorLike;

  override start(): Start {
    return { make: (shape, random) => this.call(shape, random) };
  }

  /** The constructor's options as plain data. Default: its seed, or none. */
  override getConfig(): LayerConfig {
    return this.seed === null ? {} : { seed: this.seed };
  }
}
