import { numberInRange } from '../core/options.ts';
import { BuiltInMetric, classOf, FloatMetric, indexOfLargest, type MetricOptions } from './builtInMetric.ts';
import type { MetricBatch, MetricOutput } from './ownMetric.ts';

/**
 * The mean over the classes of `rows of the class that are predicted as it / rows that are or are
 * predicted as it`; classes that do not occur are left out.
 * @param matrix `[C, C]`: weights of rows by their class and by the class that is predicted
 */
function meanIoU(matrix: Float64Array, C: number): number {
  let [sum, present] = [0, 0];
  for (let j = 0; j < C; j++) {
    let all = -(matrix[j * C + j] as number);
    for (let i = 0; i < C; i++) all += (matrix[j * C + i] as number) + (matrix[i * C + j] as number);
    if (all <= 1e-9) continue;
    sum += (matrix[j * C + j] as number) / all;
    present++;
  }
  return present === 0 ? 0 : sum / present;
}

/**
 * The mean intersection over union of the classes, of which the largest output is predicted.
 * Targets are one-hot rows or class indices. https://keras.io/api/metrics/segmentation_metrics/
 */
export class MeanIoU extends BuiltInMetric {
  static readonly builtInName: string = 'MeanIoU';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: MetricOptions) {
    super('MeanIoU', 1, options, []);
  }

  override checkOutput(output: MetricOutput): void {
    super.checkOutput(output);
    this.resizeState(output.units ** 2);
  }

  override update(batch: MetricBatch): void {
    const { rows, units: C, yPred, weights } = batch;
    for (let n = 0; n < rows; n++) {
      const place = classOf(batch, n) * C + indexOfLargest(yPred, n * C, C);
      this.state[place] = (this.state[place] as number) + (weights[n] as number);
    }
  }

  override result(): number {
    return meanIoU(this.state, Math.sqrt(this.state.length));
  }
}

export interface BinaryIoUOptions extends MetricOptions {
  /** An output of at least it says 1. Default 0.5. */
  threshold?: number;
}

/**
 * The mean intersection over union of yes and no. https://keras.io/api/metrics/segmentation_metrics/
 */
export class BinaryIoU extends FloatMetric {
  static readonly builtInName: string = 'BinaryIoU';
  readonly threshold: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: BinaryIoUOptions) {
    super('BinaryIoU', 4, options, ['threshold']);
    this.threshold = numberInRange(options?.threshold ?? 0.5, 0, 1 + Number.EPSILON, 'BinaryIoU: threshold');
  }

  override update({ rows, units: C, yTrue, yPred, weights }: MetricBatch): void {
    for (let i = 0; i < rows * C; i++) {
      const place = 2 * (yTrue[i] as number) + ((yPred[i] as number) >= this.threshold ? 1 : 0);
      this.state[place] = (this.state[place] as number) + (weights[Math.floor(i / C)] as number);
    }
  }

  override result(): number {
    return meanIoU(this.state, 2);
  }
}
