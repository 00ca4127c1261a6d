import { LARGEST_FLOAT32 } from '../core/float32.ts';
import { numberInRange } from '../core/options.ts';
import { power } from '../core/power.ts';
import type { Emitter } from '../layers/emitter.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import { Optimizer, type OptimizerConfig, type OptimizerOptions, type UpdateBuffers } from './optimizer.ts';

export interface AdamOptions extends OptimizerOptions {
  /** Decay of the mean gradient: the fraction that a step keeps. Default 0.9. */
  beta1?: number;
  /** Decay of the mean squared gradient: the fraction that a step keeps. Default 0.999. */
  beta2?: number;
  /** Added to the square root. Default 1e-7. */
  epsilon?: number;
}

/**
 * Adam: a step is the mean gradient divided by the root of its mean square. Kingma & Ba 2015.
 * https://keras.io/api/optimizers/adam/
 */
export class Adam extends Optimizer {
  readonly className = 'Adam';
  readonly slotNames = ['momentum', 'velocity'];
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: AdamOptions) {
    super(options, ['beta1', 'beta2', 'epsilon'], 'Adam', 0.001);
    this.beta1 = numberInRange(options?.beta1 ?? 0.9, 0, 1, 'Adam: beta1');
    this.beta2 = numberInRange(options?.beta2 ?? 0.999, 0, 1, 'Adam: beta2');
    this.epsilon = numberInRange(options?.epsilon ?? 1e-7, 0, LARGEST_FLOAT32, 'Adam: epsilon');
  }

  /** The learning rate with both bias corrections, as in Keras. */
  override stepSize(iteration: number): number {
    const step = iteration + 1;
    return (this.learningRateAt(iteration) * Math.sqrt(1 - power(this.beta2, step))) / (1 - power(this.beta1, step));
  }

  override emitUpdate(emitter: Emitter, { count, parameters, gradients, slots, settings }: UpdateBuffers): void {
    const [momentum, velocity] = slots as readonly [PlannedBuffer, PlannedBuffer];
    emitter.call('adam', {
      count,
      oneMinusBeta1: 1 - this.beta1,
      oneMinusBeta2: 1 - this.beta2,
      epsilon: this.epsilon,
      parameters,
      gradients,
      momentum,
      velocity,
      settings,
    });
  }

  override getConfig(iteration?: number): OptimizerConfig {
    return { ...super.getConfig(iteration), beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
  }
}
