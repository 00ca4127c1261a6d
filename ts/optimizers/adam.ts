import { LARGEST_FLOAT32 } from '../core/float32.ts';
import { booleanOption, numberInRange } from '../core/options.ts';
import { power } from '../core/power.ts';
import { EMISSION_PARTS, MORE_EMISSION } from '../layers/emissionPart.ts';
import type { Emitter } from '../layers/emitter.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import { Optimizer, type OptimizerConfig, type OptimizerOptions, type UpdateBuffers } from './optimizer.ts';

export interface AdamOptions extends AdamLikeOptions {
  /** Divide by the largest mean square so far. Reddi et al. 2018. Default false. */
  amsgrad?: boolean;
}

/** Options of Adam and of the optimizers that are like it. */
export interface AdamLikeOptions extends OptimizerOptions {
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
  readonly slotNames: readonly string[];
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly amsgrad: boolean;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: AdamOptions) {
    super(options, ['beta1', 'beta2', 'epsilon', 'amsgrad'], 'Adam', 0.001);
    this.beta1 = numberInRange(options?.beta1 ?? 0.9, 0, 1, 'Adam: beta1');
    this.beta2 = numberInRange(options?.beta2 ?? 0.999, 0, 1, 'Adam: beta2');
    this.epsilon = numberInRange(options?.epsilon ?? 1e-7, 0, LARGEST_FLOAT32, 'Adam: epsilon');
    this.amsgrad = booleanOption(options?.amsgrad, false, 'Adam: amsgrad');
    this.slotNames = ['momentum', 'velocity', ...(this.amsgrad ? ['largestVelocity'] : [])];
    if (this.amsgrad) EMISSION_PARTS.add(MORE_EMISSION);
  }

  /** The learning rate with both bias corrections, as in Keras. */
  override stepSize(iteration: number): number {
    const step = iteration + 1;
    return (this.learningRateAt(iteration) * Math.sqrt(1 - power(this.beta2, step))) / (1 - power(this.beta1, step));
  }

  override emitUpdate(emitter: Emitter, { count, parameters, gradients, slots, settings }: UpdateBuffers): void {
    const [momentum, velocity] = slots as readonly [PlannedBuffer, PlannedBuffer];
    const constants = { oneMinusBeta1: 1 - this.beta1, oneMinusBeta2: 1 - this.beta2, epsilon: this.epsilon };
    if (this.amsgrad) {
      MORE_EMISSION.loaded.emitAmsgrad(emitter, { ...constants, arrays: [parameters, gradients, ...slots], rate: settings });
      return;
    }
    emitter.call('adam', {
      count,
      ...constants,
      parameters,
      gradients,
      momentum,
      velocity,
      settings,
    });
  }

  override getConfig(iteration?: number): OptimizerConfig {
    const { beta1, beta2, epsilon, amsgrad } = this;
    return { ...super.getConfig(iteration), beta1, beta2, epsilon, ...(amsgrad ? { amsgrad } : {}) };
  }
}
