// Metrics of Keras that compare the directions of targets and predictions along the last axis.
import { ArgumentError } from '../core/errors.ts';
import { FloatMetric, type MetricOptions, ratio } from './builtInMetric.ts';
import type { MetricBatch, MetricOutput } from './ownMetric.ts';

/** Keras's `backend.epsilon()`. */
const EPSILON = 1e-7;

/** The weighted mean of a number of each row. */
abstract class RowMetric extends FloatMetric {
  constructor(className: string, options: MetricOptions | undefined) {
    super(className, 2, options, []);
  }

  /** The number of the row of C elements from a place on. */
  protected abstract rowValue(batch: MetricBatch, start: number): number;

  override update(batch: MetricBatch): void {
    const { rows, units: C, weights } = batch;
    const { state } = this;
    for (let n = 0; n < rows; n++) {
      const weight = weights[n] as number;
      if (weight === 0) continue;
      state[0] = (state[0] as number) + weight * this.rowValue(batch, n * C);
      state[1] = (state[1] as number) + weight;
    }
  }

  override result(): number {
    return ratio(this.state[0] as number, this.state[1] as number);
  }
}

/**
 * The cosine of the angle between target and prediction, vectors along the last axis: from -1 to 1
 * (the same direction). It is Keras's metric `CosineSimilarity`, and in `metrics` the name
 * 'cosineSimilarity' means it. The loss `CosineSimilarity` is its negative.
 * https://keras.io/api/metrics/regression_metrics/#cosinesimilarity-class
 */
export class CosineSimilarityMetric extends RowMetric {
  static readonly builtInName: string = 'CosineSimilarityMetric';

  /** @throws {ArgumentError} for an unknown option; the axis is always the last */
  constructor(options?: MetricOptions) {
    super('CosineSimilarityMetric', options);
  }

  override get name(): string {
    return this.getConfig().name === undefined ? 'cosineSimilarity' : super.name;
  }

  protected override rowValue({ units: C, yTrue, yPred }: MetricBatch, start: number): number {
    let [product, ofTarget, ofPrediction] = [0, 0, 0];
    for (let i = start; i < start + C; i++) {
      const [t, p] = [yTrue[i] as number, yPred[i] as number];
      product += t * p;
      ofTarget += t * t;
      ofPrediction += p * p;
    }
    return product * Math.min(1 / Math.sqrt(ofTarget), 1 / EPSILON) * Math.min(1 / Math.sqrt(ofPrediction), 1 / EPSILON);
  }
}

/** A metric of the means and variances of targets and predictions of each row. */
abstract class Correlation extends RowMetric {
  /** @throws {ArgumentError} when rows have one element, which has no variance */
  override checkOutput(output: MetricOutput): void {
    super.checkOutput(output);
    if (output.units < 2)
      throw new ArgumentError(`compile: metric '${this.name}' needs an output of at least two, but the last axis has ${output.units}`);
  }

  protected override rowValue({ units: C, yTrue, yPred }: MetricBatch, start: number): number {
    let [ofTarget, ofPrediction] = [0, 0];
    for (let i = start; i < start + C; i++) {
      ofTarget += (yTrue[i] as number) / C;
      ofPrediction += (yPred[i] as number) / C;
    }
    let [target, prediction, both] = [0, 0, 0];
    for (let i = start; i < start + C; i++) {
      const [t, p] = [(yTrue[i] as number) - ofTarget, (yPred[i] as number) - ofPrediction];
      target += (t * t) / C;
      prediction += (p * p) / C;
      both += (t * p) / C;
    }
    return this.correlation(both, target, prediction, ofTarget - ofPrediction);
  }

  /**
   * @param both the covariance
   * @param target the variance of the targets
   * @param prediction that of the predictions
   * @param distance of their means
   */
  protected abstract correlation(both: number, target: number, prediction: number, distance: number): number;
}

/**
 * Pearson's correlation of targets and predictions along the last axis, from -1 to 1; 0 for a row
 * whose targets or predictions are all equal (in Keras NaN).
 * https://keras.io/api/metrics/regression_metrics/
 */
export class PearsonCorrelation extends Correlation {
  static readonly builtInName: string = 'PearsonCorrelation';

  /** @throws {ArgumentError} for an unknown option; the axis is always the last */
  constructor(options?: MetricOptions) {
    super('PearsonCorrelation', options);
  }

  protected override correlation(both: number, target: number, prediction: number): number {
    return ratio(both, Math.sqrt(target * prediction));
  }
}

/**
 * Lin's concordance of targets and predictions along the last axis: 1 where they are equal, less
 * where they differ in their means or variances. Lin 1989.
 * https://keras.io/api/metrics/regression_metrics/
 */
export class ConcordanceCorrelation extends Correlation {
  static readonly builtInName: string = 'ConcordanceCorrelation';

  /** @throws {ArgumentError} for an unknown option; the axis is always the last */
  constructor(options?: MetricOptions) {
    super('ConcordanceCorrelation', options);
  }

  protected override correlation(both: number, target: number, prediction: number, distance: number): number {
    return (2 * both) / (target + prediction + distance * distance + EPSILON);
  }
}
