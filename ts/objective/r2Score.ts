import { oneOf } from '../core/options.ts';
import { FloatMetric, type MetricOptions } from './builtInMetric.ts';
import type { MetricBatch, MetricOutput } from './ownMetric.ts';

export interface R2ScoreOptions extends MetricOptions {
  /**
   * The mean over the outputs ('uniformAverage'), or weighted by the variances of their targets
   * ('varianceWeightedAverage'). Default 'uniformAverage'.
   */
  classAggregation?: 'uniformAverage' | 'varianceWeightedAverage';
}

/** The sums for each output: weights, targets, their squares and the squared errors. */
const SUMS = 4;

/**
 * The fraction of the targets' variance that the outputs explain: 1 for a perfect model, 0 for one
 * that predicts the mean, negative for a worse one.
 * https://keras.io/api/metrics/regression_metrics/#r2score-class
 */
export class R2Score extends FloatMetric {
  static readonly builtInName: string = 'R2Score';
  readonly classAggregation: 'uniformAverage' | 'varianceWeightedAverage';

  /** @throws {ArgumentError} for an unknown option or value */
  constructor(options?: R2ScoreOptions) {
    super('R2Score', SUMS, options, ['classAggregation']);
    const ways = ['uniformAverage', 'varianceWeightedAverage'] as const;
    this.classAggregation = oneOf(options?.classAggregation ?? 'uniformAverage', ways, 'R2Score: classAggregation');
  }

  override checkOutput(output: MetricOutput): void {
    super.checkOutput(output);
    this.resizeState(SUMS * output.units);
  }

  override update({ rows, units: C, yTrue, yPred, weights }: MetricBatch): void {
    const { state } = this;
    for (let n = 0; n < rows; n++) {
      const weight = weights[n] as number;
      if (weight === 0) continue;
      for (let j = 0; j < C; j++) {
        const [t, p] = [yTrue[n * C + j] as number, yPred[n * C + j] as number];
        for (const [place, value] of [1, t, t * t, (t - p) ** 2].entries())
          state[SUMS * j + place] = (state[SUMS * j + place] as number) + weight * value;
      }
    }
  }

  override result(): number {
    const isUniform = this.classAggregation === 'uniformAverage';
    let [sum, weights] = [0, 0];
    for (let start = 0; start < this.state.length; start += SUMS) {
      const [count, total, squares, errors] = Array.from(this.state.subarray(start, start + SUMS)) as [number, number, number, number];
      const variance = squares - (total * total) / count;
      const score = 1 - errors / variance;
      const weight = isUniform ? 1 : variance;
      sum += weight * (Number.isFinite(score) ? score : 0);
      weights += weight;
    }
    return sum / weights;
  }
}
