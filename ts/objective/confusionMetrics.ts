// Metrics of Keras that count true and false answers at one threshold.
import { ArgumentError } from '../core/errors.ts';
import { numberInRange } from '../core/options.ts';
import { BuiltInMetric, type MetricOptions, ratio, targetAt } from './builtInMetric.ts';
import type { MetricBatch, MetricOutput } from './ownMetric.ts';

export interface ConfusionOptions extends MetricOptions {
  /**
   * Outputs above it are predicted as 1. Default 0.5; with `topK`, any output. One number, not an
   * array.
   */
  thresholds?: number;
}

export interface PrecisionOptions extends ConfusionOptions {
  /** Only the k largest outputs of a row are predicted as 1. Default: no limit. */
  topK?: number;
  /** Count only this output. Default: all. */
  classId?: number;
}

/** Positions of the counts in the state. */
const [TP, TN, FP, FN] = [0, 1, 2, 3];

/**
 * Weighted counts over the outputs of all rows: true positives, true negatives, false positives,
 * false negatives.
 */
abstract class ConfusionMetric extends BuiltInMetric {
  readonly thresholds: number | null;
  readonly topK: number | null;
  readonly classId: number | null;

  constructor(className: string, options: PrecisionOptions | undefined, known: readonly string[]) {
    super(className, 4, options, ['thresholds', ...known]);
    this.thresholds = options?.thresholds ?? null;
    if (this.thresholds !== null) numberInRange(this.thresholds, 0, 1 + Number.EPSILON, `${className}: thresholds`);
    this.topK = options?.topK ?? null;
    if (this.topK !== null) numberInRange(this.topK, 1, Number.POSITIVE_INFINITY, `${className}: topK`);
    this.classId = options?.classId ?? null;
    if (this.classId !== null) numberInRange(this.classId, 0, Number.POSITIVE_INFINITY, `${className}: classId`);
  }

  override checkOutput(output: MetricOutput): void {
    super.checkOutput(output);
    if (this.classId !== null && this.classId >= output.units)
      throw new ArgumentError(`compile: metric '${this.name}' has classId ${this.classId}, but the outputs are 0 to ${output.units - 1}`);
  }

  override update(batch: MetricBatch): void {
    const { rows, units: C, yPred, weights } = batch;
    const { state, topK, classId } = this;
    const threshold = this.thresholds ?? (topK === null ? 0.5 : Number.NEGATIVE_INFINITY);
    for (let n = 0; n < rows; n++) {
      const weight = weights[n] as number;
      if (weight === 0) continue;
      for (let j = classId ?? 0; j < (classId === null ? C : classId + 1); j++) {
        const p = yPred[n * C + j] as number;
        const says = p > threshold && (topK === null || isAmongLargest(yPred, n * C, C, j, topK));
        const target = targetAt(batch, n, j);
        // Soft targets count partly as 1 and partly as 0.
        const [yes, no] = says ? [TP, FP] : [FN, TN];
        state[yes as number] = (state[yes as number] as number) + weight * target;
        state[no as number] = (state[no as number] as number) + weight * (1 - target);
      }
    }
  }

  protected count(place: number): number {
    return this.state[place] as number;
  }
}

/** Whether value j is among the k largest; of equal values the first are. */
function isAmongLargest(values: ArrayLike<number>, start: number, count: number, j: number, k: number): boolean {
  const own = values[start + j] as number;
  let before = 0;
  for (let i = 0; i < count; i++) {
    const value = values[start + i] as number;
    if (value > own || (value === own && i < j)) before++;
  }
  return before < k;
}

/** The weighted number of true positives. https://keras.io/api/metrics/classification_metrics/ */
export class TruePositives extends ConfusionMetric {
  static readonly builtInName: string = 'TruePositives';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: ConfusionOptions) {
    super('TruePositives', options, []);
  }

  override result(): number {
    return this.count(TP as number);
  }
}

/** The weighted number of true negatives. */
export class TrueNegatives extends ConfusionMetric {
  static readonly builtInName: string = 'TrueNegatives';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: ConfusionOptions) {
    super('TrueNegatives', options, []);
  }

  override result(): number {
    return this.count(TN as number);
  }
}

/** The weighted number of false positives. */
export class FalsePositives extends ConfusionMetric {
  static readonly builtInName: string = 'FalsePositives';
  override readonly mode = 'min';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: ConfusionOptions) {
    super('FalsePositives', options, []);
  }

  override result(): number {
    return this.count(FP as number);
  }
}

/** The weighted number of false negatives. */
export class FalseNegatives extends ConfusionMetric {
  static readonly builtInName: string = 'FalseNegatives';
  override readonly mode = 'min';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: ConfusionOptions) {
    super('FalseNegatives', options, []);
  }

  override result(): number {
    return this.count(FN as number);
  }
}

/**
 * The fraction of the outputs above the threshold whose targets are 1.
 * https://keras.io/api/metrics/classification_metrics/#precision-class
 */
export class Precision extends ConfusionMetric {
  static readonly builtInName: string = 'Precision';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: PrecisionOptions) {
    super('Precision', options, ['topK', 'classId']);
  }

  override result(): number {
    return ratio(this.count(TP as number), this.count(TP as number) + this.count(FP as number));
  }
}

/**
 * The fraction of the targets 1 whose outputs are above the threshold.
 * https://keras.io/api/metrics/classification_metrics/#recall-class
 */
export class Recall extends ConfusionMetric {
  static readonly builtInName: string = 'Recall';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: PrecisionOptions) {
    super('Recall', options, ['topK', 'classId']);
  }

  override result(): number {
    return ratio(this.count(TP as number), this.count(TP as number) + this.count(FN as number));
  }
}
