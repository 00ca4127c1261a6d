// Metrics of Keras that count true and false answers at many thresholds.
import { booleanOption, numberInRange, oneOf, share } from '../core/options.ts';
import { BuiltInMetric, type MetricOptions, ratio, targetAt } from './builtInMetric.ts';
import type { MetricBatch } from './ownMetric.ts';

/** Counts at thresholds from the lowest to the highest. */
interface Counts {
  readonly tp: readonly number[];
  readonly fp: readonly number[];
  /** The weight of all targets 1, and of all targets 0. */
  readonly positives: number;
  readonly negatives: number;
}

export interface ThresholdOptions extends MetricOptions {
  /** How many thresholds from 0 to 1 there are, at least 2. Default 200. */
  numThresholds?: number;
}

/**
 * Counts outputs between thresholds: threshold i is `i / (count - 1)`, and bucket i has the outputs
 * above it up to the next. The state holds the targets 1 of each bucket, then the targets 0.
 */
abstract class CurveMetric extends BuiltInMetric {
  readonly numThresholds: number;
  readonly #fromLogits: boolean;

  constructor(className: string, options: (ThresholdOptions & { fromLogits?: boolean }) | undefined, known: readonly string[]) {
    const count = numberInRange(options?.numThresholds ?? 200, 2, 2 ** 18, `${className}: numThresholds`);
    super(className, 2 * Math.ceil(count), options, ['numThresholds', ...known]);
    this.numThresholds = Math.ceil(count);
    this.#fromLogits = booleanOption(options?.fromLogits, false, `${className}: fromLogits`);
  }

  override update(batch: MetricBatch): void {
    const { rows, units: C, yPred, weights } = batch;
    const { state, numThresholds: count } = this;
    for (let n = 0; n < rows; n++) {
      const weight = weights[n] as number;
      if (weight === 0) continue;
      for (let j = 0; j < C; j++) {
        const given = yPred[n * C + j] as number;
        const p = this.#fromLogits ? 1 / (1 + Math.exp(-given)) : given;
        const bucket = Math.min(Math.max(Math.ceil(p * (count - 1)) - 1, 0), count - 1);
        const target = targetAt(batch, n, j);
        state[bucket] = (state[bucket] as number) + weight * target;
        state[count + bucket] = (state[count + bucket] as number) + weight * (1 - target);
      }
    }
  }

  /** The outputs above each threshold, by their targets. */
  protected counts(): Counts {
    const { state, numThresholds: count } = this;
    const [tp, fp] = [0, count].map((start) => {
      const above = Array.from(state.subarray(start, start + count));
      for (let i = count - 2; i >= 0; i--) above[i] = (above[i] as number) + (above[i + 1] as number);
      return above;
    }) as [number[], number[]];
    return { tp, fp, positives: tp[0] as number, negatives: fp[0] as number };
  }
}

export interface AUCOptions extends ThresholdOptions {
  /** True over false positive rate ('ROC'), or precision over recall ('PR'). Default 'ROC'. */
  curve?: 'ROC' | 'PR';
  /**
   * How high the curve is between two thresholds: the mean of both ends ('interpolation', for 'PR'
   * by Davis & Goadrich 2006), the lower ('minoring') or the higher ('majoring'). Default
   * 'interpolation'.
   */
  summationMethod?: 'interpolation' | 'minoring' | 'majoring';
  /** Whether outputs are scores before the sigmoid. Default false: they are from 0 to 1. */
  fromLogits?: boolean;
}

/**
 * The area under the curve that thresholds make. Outputs of all units count together.
 * https://keras.io/api/metrics/classification_metrics/#auc-class
 */
export class AUC extends CurveMetric {
  static readonly builtInName: string = 'AUC';
  readonly curve: 'ROC' | 'PR';
  readonly summationMethod: 'interpolation' | 'minoring' | 'majoring';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: AUCOptions) {
    super('AUC', options, ['curve', 'summationMethod', 'fromLogits']);
    this.curve = oneOf(options?.curve ?? 'ROC', ['ROC', 'PR'] as const, 'AUC: curve');
    const methods = ['interpolation', 'minoring', 'majoring'] as const;
    this.summationMethod = oneOf(options?.summationMethod ?? 'interpolation', methods, 'AUC: summationMethod');
  }

  override get name(): string {
    return this.getConfig().name === undefined ? 'auc' : super.name;
  }

  override result(): number {
    const counts = this.counts();
    if (this.curve === 'PR' && this.summationMethod === 'interpolation') return interpolatedPrecision(counts);
    const { tp, fp, positives, negatives } = counts;
    const recall = tp.map((value) => ratio(value, positives));
    const isRoc = this.curve === 'ROC';
    const x = isRoc ? fp.map((value) => ratio(value, negatives)) : recall;
    const y = isRoc ? recall : tp.map((value, i) => ratio(value, value + (fp[i] as number)));
    let area = 0;
    for (let i = 0; i + 1 < x.length; i++) {
      const [a, b] = [y[i] as number, y[i + 1] as number];
      const height =
        this.summationMethod === 'interpolation' ? (a + b) / 2 : this.summationMethod === 'minoring' ? Math.min(a, b) : Math.max(a, b);
      area += height * ((x[i] as number) - (x[i + 1] as number));
    }
    return area;
  }
}

/** The area under precision over recall, where true positives are linear in all positives. */
function interpolatedPrecision({ tp, fp, positives }: Counts): number {
  let area = 0;
  for (let i = 0; i + 1 < tp.length; i++) {
    const [a, b] = [tp[i] as number, tp[i + 1] as number];
    const [all, next] = [a + (fp[i] as number), b + (fp[i + 1] as number)];
    const slope = ratio(a - b, Math.max(all - next, 0));
    const intercept = b - slope * next;
    const log = all > 0 && next > 0 ? Math.log(all / next) : 0;
    area += ratio(slope * (a - b + intercept * log), positives);
  }
  return area;
}

/** The largest of one rate where another is at least a value. */
abstract class RateAtRate extends CurveMetric {
  readonly #value: number;

  constructor(className: string, option: string, options: ThresholdOptions) {
    super(className, options, [option]);
    this.#value = share((options as Record<string, unknown> | undefined)?.[option], `${className}: ${option}`);
  }

  protected largest(rate: (i: number) => number, where: (i: number) => number): number {
    let largest = 0;
    for (let i = 0; i < this.numThresholds; i++) if (where(i) >= this.#value) largest = Math.max(largest, rate(i));
    return largest;
  }

  /** The rates at threshold i. */
  protected rates() {
    const { tp, fp, positives, negatives } = this.counts();
    return {
      sensitivity: (i: number) => ratio(tp[i] as number, positives),
      specificity: (i: number) => ratio(negatives - (fp[i] as number), negatives),
      precision: (i: number) => ratio(tp[i] as number, (tp[i] as number) + (fp[i] as number)),
    };
  }
}

/**
 * The best sensitivity (recall) of the thresholds with at least a given specificity.
 * https://keras.io/api/metrics/classification_metrics/#sensitivityatspecificity-class
 */
export class SensitivityAtSpecificity extends RateAtRate {
  static readonly builtInName: string = 'SensitivityAtSpecificity';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: ThresholdOptions & { specificity: number }) {
    super('SensitivityAtSpecificity', 'specificity', options);
  }

  override result(): number {
    const { sensitivity, specificity } = this.rates();
    return this.largest(sensitivity, specificity);
  }
}

/**
 * The best specificity of the thresholds with at least a given sensitivity.
 * https://keras.io/api/metrics/classification_metrics/#specificityatsensitivity-class
 */
export class SpecificityAtSensitivity extends RateAtRate {
  static readonly builtInName: string = 'SpecificityAtSensitivity';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: ThresholdOptions & { sensitivity: number }) {
    super('SpecificityAtSensitivity', 'sensitivity', options);
  }

  override result(): number {
    const { sensitivity, specificity } = this.rates();
    return this.largest(specificity, sensitivity);
  }
}

/**
 * The best precision of the thresholds with at least a given recall.
 * https://keras.io/api/metrics/classification_metrics/#precisionatrecall-class
 */
export class PrecisionAtRecall extends RateAtRate {
  static readonly builtInName: string = 'PrecisionAtRecall';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: ThresholdOptions & { recall: number }) {
    super('PrecisionAtRecall', 'recall', options);
  }

  override result(): number {
    const { sensitivity, precision } = this.rates();
    return this.largest(precision, sensitivity);
  }
}

/**
 * The best recall of the thresholds with at least a given precision.
 * https://keras.io/api/metrics/classification_metrics/#recallatprecision-class
 */
export class RecallAtPrecision extends RateAtRate {
  static readonly builtInName: string = 'RecallAtPrecision';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: ThresholdOptions & { precision: number }) {
    super('RecallAtPrecision', 'precision', options);
  }

  override result(): number {
    const { sensitivity, precision } = this.rates();
    return this.largest(sensitivity, precision);
  }
}
