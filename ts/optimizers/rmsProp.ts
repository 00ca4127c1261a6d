import { LARGEST_FLOAT32 } from '../core/float32.ts';
import { booleanOption, numberInRange, share } from '../core/options.ts';
import type { Emitter } from '../layers/emitter.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import { Optimizer, type OptimizerConfig, type OptimizerOptions, type UpdateBuffers } from './optimizer.ts';

export interface RMSpropOptions extends OptimizerOptions {
  /** Decay of the mean square: the fraction that a step keeps. Default 0.9. */
  rho?: number;
  /** The momentum: the fraction of the last step that is added. Default 0. */
  momentum?: number;
  /** Added under the square root. Default 1e-7. */
  epsilon?: number;
  /**
   * Divide by the standard deviation of the gradient instead of by the root of its mean square.
   * Default false.
   */
  centered?: boolean;
}

/**
 * RMSprop: a step is the gradient divided by the root of its recent mean square. Default learning
 * rate 0.001. https://keras.io/api/optimizers/rmsprop/
 */
export class RMSprop extends Optimizer {
  readonly className = 'RMSprop';
  readonly slotNames: readonly string[];
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: RMSpropOptions) {
    super(options, ['rho', 'momentum', 'epsilon', 'centered'], 'RMSprop', 0.001);
    this.rho = numberInRange(options?.rho ?? 0.9, 0, 1, 'RMSprop: rho');
    this.momentum = share(options?.momentum ?? 0, 'RMSprop: momentum');
    this.epsilon = numberInRange(options?.epsilon ?? 1e-7, 0, LARGEST_FLOAT32, 'RMSprop: epsilon');
    this.centered = booleanOption(options?.centered, false, 'RMSprop: centered');
    this.slotNames = ['meanSquare', ...(this.centered ? ['mean'] : []), ...(this.momentum > 0 ? ['velocity'] : [])];
  }

  override emitUpdate(emitter: Emitter, { count, parameters, gradients, slots, settings }: UpdateBuffers): void {
    const slot = (name: string) => slots[this.slotNames.indexOf(name)] ?? null;
    emitter.call('rmsProp', {
      count,
      oneMinusRho: 1 - this.rho,
      momentum: this.momentum,
      epsilon: this.epsilon,
      parameters,
      gradients,
      meanSquare: slot('meanSquare') as PlannedBuffer,
      mean: slot('mean'),
      velocity: slot('velocity'),
      settings,
    });
  }

  override getConfig(iteration?: number): OptimizerConfig {
    return { ...super.getConfig(iteration), rho: this.rho, momentum: this.momentum, epsilon: this.epsilon, centered: this.centered };
  }
}
