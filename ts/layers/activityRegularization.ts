import { ArgumentError } from '../core/errors.ts';
import { numberInRange } from '../core/options.ts';
import { ElementwiseLayer } from './elementwiseLayer.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { L1L2 } from './regularizers.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

export interface ActivityRegularizationOptions extends Omit<LayerOptions, 'activityRegularizer'> {
  /** Factor of the sum of the absolute values. Default 0. */
  l1?: number;
  /** Factor of the sum of the squares. Default 0. */
  l2?: number;
}

/**
 * Returns its input, and adds a penalty on it to the loss, as `activityRegularizer: new L1L2({ l1,
 * l2 })` does. https://keras.io/api/layers/regularization_layers/activity_regularization/
 */
export class ActivityRegularization extends ElementwiseLayer {
  readonly className = 'ActivityRegularization';
  override readonly activityRegularizer: L1L2;

  /** @throws {ArgumentError} for an unknown option or a factor below 0 */
  constructor(options: ActivityRegularizationOptions = {}) {
    super(options, ['l1', 'l2'], 'ActivityRegularization');
    if ((options as LayerOptions).activityRegularizer)
      throw new ArgumentError('ActivityRegularization takes its factors as l1 and l2, and no activityRegularizer');
    const factor = (name: 'l1' | 'l2') => numberInRange(options[name] ?? 0, 0, Number.POSITIVE_INFINITY, `ActivityRegularization: ${name}`);
    this.activityRegularizer = new L1L2({ l1: factor('l1'), l2: factor('l2') });
  }

  override emit(_scope: Scope, [input]: readonly [Value]): readonly Value[] {
    return [input];
  }

  override getConfig(): LayerConfig {
    const { activityRegularizer, ...config } = super.getConfig();
    return { ...config, ...this.activityRegularizer.getConfig() };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): ActivityRegularization {
    return new ActivityRegularization(config as ActivityRegularizationOptions);
  }
}
