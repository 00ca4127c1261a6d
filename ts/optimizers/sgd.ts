import { booleanOption, share } from '../core/options.ts';
import type { Emitter } from '../layers/emitter.ts';
import { Optimizer, type OptimizerConfig, type OptimizerOptions, type UpdateBuffers } from './optimizer.ts';

export interface SGDOptions extends OptimizerOptions {
  /** The momentum: the fraction of the last step that is added. Default 0. */
  momentum?: number;
  /** Use Nesterov's momentum. Default false. */
  nesterov?: boolean;
}

/**
 * Gradient descent, optionally with momentum. Default learning rate 0.01.
 * https://keras.io/api/optimizers/sgd/
 */
export class SGD extends Optimizer {
  readonly className = 'SGD';
  readonly slotNames: readonly string[];
  readonly momentum: number;
  readonly nesterov: boolean;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: SGDOptions) {
    super(options, ['momentum', 'nesterov'], 'SGD', 0.01);
    this.momentum = share(options?.momentum ?? 0, 'SGD: momentum');
    this.nesterov = booleanOption(options?.nesterov, false, 'SGD: nesterov');
    this.slotNames = this.momentum > 0 ? ['velocity'] : [];
  }

  override emitUpdate(emitter: Emitter, { count, parameters, gradients, slots, settings }: UpdateBuffers): void {
    emitter.call('sgd', {
      count,
      momentum: this.momentum,
      nesterov: this.nesterov ? 1 : 0,
      parameters,
      gradients,
      velocity: slots[0] ?? null,
      settings,
    });
  }

  override getConfig(iteration?: number): OptimizerConfig {
    return { ...super.getConfig(iteration), momentum: this.momentum, nesterov: this.nesterov };
  }
}
