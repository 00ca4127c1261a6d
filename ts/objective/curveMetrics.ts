// Metrics of Keras that count true and false answers at many thresholds.
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, numberInRange, oneOf, share } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { BuiltInMetric, type MetricOptions, ratio, targetAt } from './builtInMetric.ts';
import type { MetricBatch, MetricOutput } from './ownMetric.ts';

/** The kind of a curve. */
type Curve = 'ROC' | 'PR' | 'PRGAIN';

/** Counts at thresholds from the lowest to the highest. */
interface Counts {
  readonly tp: readonly number[];
  readonly fp: readonly number[];
  /** The weight of all targets 1, and of all targets 0. */
  readonly positives: number;
  readonly negatives: number;
}

export interface ThresholdOptions extends MetricOptions {
  /** The number of thresholds from 0 to 1, at least 2. Default 200. */
  numThresholds?: number;
}

/**
 * Counts outputs between thresholds: threshold i is `i / (count - 1)` or a given one, and bucket i
 * has the outputs above it up to the next. The state holds the targets 1 of each bucket, then the
 * targets 0; of each label by itself, where labels have curves of their own.
 */
abstract class CurveMetric extends BuiltInMetric {
  readonly numThresholds: number;
  /**
   * The thresholds between the lowest and the highest one, in increasing order; null for evenly
   * spaced ones.
   */
  readonly thresholds: readonly number[] | null;
  /** The weight of each label; null for equal weights. */
  readonly labelWeights: readonly number[] | null;
  readonly #fromLogits: boolean;

  constructor(className: string, options: AUCOptions | undefined, known: readonly string[]) {
    const given = options?.thresholds ?? null;
    const thresholds = given === null ? null : numbers(given, `${className}: thresholds`).sort((a, b) => a - b);
    const even = options?.numThresholds ?? 200;
    const count = thresholds ? thresholds.length + 2 : Math.ceil(numberInRange(even, 2, 2 ** 18, `${className}: numThresholds`));
    super(className, 2 * count, options, ['numThresholds', ...known]);
    this.numThresholds = count;
    this.thresholds = thresholds;
    const weights = options?.labelWeights ?? null;
    this.labelWeights = weights === null ? null : numbers(weights, `${className}: labelWeights`);
    this.#fromLogits = booleanOption(options?.fromLogits, false, `${className}: fromLogits`);
  }

  /** Whether each label has a curve of its own. */
  get multiLabel(): boolean {
    return false;
  }

  /** The bucket of an output. */
  #bucketOf(p: number): number {
    const { thresholds, numThresholds: count } = this;
    if (!thresholds) return Math.min(Math.max(Math.ceil(p * (count - 1)) - 1, 0), count - 1);
    let [low, high] = [0, thresholds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((thresholds[middle] as number) < p) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  override update(batch: MetricBatch): void {
    const { rows, units: C, yPred, weights } = batch;
    const { state, numThresholds: count, multiLabel } = this;
    const labelWeights = multiLabel ? null : this.labelWeights;
    for (let n = 0; n < rows; n++) {
      const weight = weights[n] as number;
      if (weight === 0) continue;
      for (let j = 0; j < C; j++) {
        const given = yPred[n * C + j] as number;
        const p = this.#fromLogits ? 1 / (1 + Math.exp(-given)) : given;
        const bucket = (multiLabel ? 2 * j * count : 0) + this.#bucketOf(p);
        const target = targetAt(batch, n, j);
        const counted = weight * (labelWeights?.[j] ?? 1);
        state[bucket] = (state[bucket] as number) + counted * target;
        state[count + bucket] = (state[count + bucket] as number) + counted * (1 - target);
      }
    }
  }

  /** The outputs above each threshold, by their targets, of one label or of all together. */
  protected counts(label = 0): Counts {
    const { state, numThresholds: count } = this;
    const first = 2 * label * count;
    const [tp, fp] = [first, first + count].map((start) => {
      const above = Array.from(state.subarray(start, start + count));
      for (let i = count - 2; i >= 0; i--) above[i] = (above[i] as number) + (above[i + 1] as number);
      return above;
    }) as [number[], number[]];
    return { tp, fp, positives: tp[0] as number, negatives: fp[0] as number };
  }
}

export interface AUCOptions extends ThresholdOptions {
  /**
   * True over false positive rate ('ROC'), precision over recall ('PR'), or their gains over a
   * model that always predicts 1 ('PRGAIN', Flach & Kull 2015). Default 'ROC'.
   */
  curve?: Curve;
  /**
   * The height of the curve between two thresholds: the mean of both ends ('interpolation', for
   * 'PR' by Davis & Goadrich 2006), the lower ('minoring') or the higher ('majoring'). Default
   * 'interpolation'.
   */
  summationMethod?: 'interpolation' | 'minoring' | 'majoring';
  /** Whether outputs are scores before the sigmoid. Default false: they are from 0 to 1. */
  fromLogits?: boolean;
  /**
   * Thresholds between 0 and 1, instead of `numThresholds`; 0 and 1 are added. Default: evenly
   * spaced ones.
   */
  thresholds?: readonly number[];
  /**
   * Whether each output is a label with a curve of its own; the result is the mean of their areas.
   * Default false: outputs of all units count together.
   */
  multiLabel?: boolean;
  /** The number of labels, which the output must have, with `multiLabel`. Default: any. */
  numLabels?: number;
  /**
   * The weight of each label: of its area in the mean with `multiLabel`, otherwise of its outputs.
   * Default: equal weights.
   */
  labelWeights?: readonly number[];
}

/** @throws {ArgumentError} when it is no array of numbers of at least 0 */
function numbers(value: unknown, where: string): number[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new ArgumentError(`${where} must be an array of numbers of at least 0, got ${describe(value)}`);
  return value.map((each) => numberInRange(each, 0, Number.POSITIVE_INFINITY, where));
}

/**
 * The area under the curve that thresholds make.
 * https://keras.io/api/metrics/classification_metrics/#auc-class
 */
export class AUC extends CurveMetric {
  static readonly builtInName: string = 'AUC';
  readonly curve: Curve;
  readonly summationMethod: 'interpolation' | 'minoring' | 'majoring';
  readonly numLabels: number | null;
  readonly #multiLabel: boolean;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: AUCOptions) {
    const own = ['thresholds', 'multiLabel', 'numLabels', 'labelWeights'];
    super('AUC', options, ['curve', 'summationMethod', 'fromLogits', ...own]);
    this.curve = oneOf(options?.curve ?? 'ROC', ['ROC', 'PR', 'PRGAIN'] as const, 'AUC: curve');
    this.#multiLabel = booleanOption(options?.multiLabel, false, 'AUC: multiLabel');
    this.numLabels = options?.numLabels === undefined ? null : positiveInteger(options.numLabels, 'AUC: numLabels');
    if (this.numLabels !== null && !this.#multiLabel) throw new ArgumentError('AUC: numLabels needs multiLabel: true');
    const methods = ['interpolation', 'minoring', 'majoring'] as const;
    this.summationMethod = oneOf(options?.summationMethod ?? 'interpolation', methods, 'AUC: summationMethod');
  }

  override get name(): string {
    return this.getConfig().name === undefined ? 'auc' : super.name;
  }

  override get multiLabel(): boolean {
    return this.#multiLabel;
  }

  override checkOutput(output: MetricOutput): void {
    super.checkOutput(output);
    const labels = this.numLabels ?? this.labelWeights?.length ?? output.units;
    if (labels !== output.units || (this.labelWeights?.length ?? labels) !== labels)
      throw new ArgumentError(`compile: metric '${this.name}' needs numLabels and labelWeights for ${output.units} outputs`);
    if (this.multiLabel) this.resizeState(2 * this.numThresholds * output.units);
  }

  override result(): number {
    if (!this.multiLabel) return this.#area(0);
    const { labelWeights } = this;
    let [sum, weights] = [0, 0];
    for (let label = 0; label < this.state.length / (2 * this.numThresholds); label++) {
      const weight = labelWeights?.[label] ?? 1;
      sum += weight * this.#area(label);
      weights += weight;
    }
    return ratio(sum, weights);
  }

  /** The area under the curve of a label, or of all outputs together. */
  #area(label: number): number {
    const counts = this.counts(label);
    if (this.curve === 'PR' && this.summationMethod === 'interpolation') return interpolatedPrecision(counts);
    const { tp, fp, positives, negatives } = counts;
    const recall = tp.map((value) => ratio(value, positives));
    // The cost of a false prediction in the gains. A recall without gain counts 0.
    const cost = ratio(positives, negatives);
    const gain = (value: number, wrong: number, none: number) => (value === 0 ? none : 1 - (cost * wrong) / value);
    const [x, y] = {
      ROC: () => [fp.map((value) => ratio(value, negatives)), recall] as const,
      PR: () => [recall, tp.map((value, i) => ratio(value, value + (fp[i] as number)))] as const,
      PRGAIN: () =>
        [tp.map((value) => Math.max(gain(value, positives - value, 0), 0)), tp.map((value, i) => gain(value, fp[i] as number, 1))] as const,
    }[this.curve]();
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
