import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Loss } from './loss.ts';
import type { MetricChoice, ResolvedMetric } from './metrics.ts';

/** How one output is trained. */
export interface OutputOptions {
  readonly loss: Loss;
  /** The weight of the loss in the total. */
  readonly lossWeight: number;
  readonly metrics: readonly MetricChoice[];
  readonly weightedMetrics: readonly MetricChoice[];
}

/** The loss and the metrics of one output. */
export interface OutputCompilation {
  readonly loss: Loss;
  /** The weight of the loss in the total. */
  readonly lossWeight: number;
  readonly metrics: readonly ResolvedMetric[];
}

/** The losses and metrics of a program. */
export interface Compilation {
  /** One for each output of the graph. */
  readonly outputs: readonly OutputCompilation[];
  /**
   * The results of a step after the loss: with several outputs the loss of each, then the metrics
   * of each.
   */
  readonly metrics: readonly ResolvedMetric[];
  readonly optimizer: Optimizer;
}
