import { numberInRange, oneOf, positiveNumber } from '../core/options.ts';
import { BuiltInMetric, type MetricOptions, targetAt } from './builtInMetric.ts';
import type { MetricBatch, MetricOutput } from './ownMetric.ts';

export interface F1ScoreOptions extends MetricOptions {
  /**
   * The average over the classes: the mean of their scores ('macro'), the mean weighted by the
   * number of rows of each class ('weighted'), or one score from the counts of all classes
   * ('micro'). Default 'macro'; Keras's default gives no single number.
   */
  average?: 'micro' | 'macro' | 'weighted';
  /** Outputs above it are predicted as 1. Default: the largest output of a row is. */
  threshold?: number;
}

export interface FBetaScoreOptions extends F1ScoreOptions {
  /** The weight of recall relative to precision, above 0. Default 1. */
  beta?: number;
}

/** Keras's `backend.epsilon()`. */
const EPSILON = 1e-7;

/** The counts of each class. */
const [TP, FP, FN] = [0, 1, 2];
const COUNTS = 3;

/**
 * `(1 + beta²) precision recall / (beta² precision + recall)`, of each output and averaged.
 * https://keras.io/api/metrics/classification_metrics/#fbetascore-class
 */
export class FBetaScore extends BuiltInMetric {
  static readonly builtInName: string = 'FBetaScore';
  readonly average: 'micro' | 'macro' | 'weighted';
  readonly beta: number;
  readonly threshold: number | null;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: FBetaScoreOptions, className = 'FBetaScore') {
    super(className, COUNTS, options, className === 'F1Score' ? ['average', 'threshold'] : ['average', 'threshold', 'beta']);
    this.average = oneOf(
      options?.average === undefined ? 'macro' : options.average,
      ['micro', 'macro', 'weighted'] as const,
      `${className}: average`,
    );
    this.beta = positiveNumber(options?.beta ?? 1, `${className}: beta`);
    this.threshold = options?.threshold ?? null;
    if (this.threshold !== null) numberInRange(this.threshold, 0, 1 + Number.EPSILON, `${className}: threshold`);
  }

  override checkOutput(output: MetricOutput): void {
    super.checkOutput(output);
    this.resizeState(COUNTS * output.units);
  }

  override update(batch: MetricBatch): void {
    const { rows, units: C, yPred, weights } = batch;
    const { state, threshold } = this;
    const add = (place: number, value: number) => {
      state[place] = (state[place] as number) + value;
    };
    for (let n = 0; n < rows; n++) {
      const weight = weights[n] as number;
      if (weight === 0) continue;
      let largest = Number.NEGATIVE_INFINITY;
      for (let i = n * C; i < (n + 1) * C; i++) largest = Math.max(largest, yPred[i] as number);
      for (let j = 0; j < C; j++) {
        const p = yPred[n * C + j] as number;
        // Rows of zeros predict nothing.
        const says = threshold === null ? p >= largest && Math.abs(p) > 1e-9 : p > threshold;
        const target = targetAt(batch, n, j);
        if (says) add(COUNTS * j + (FP as number), weight * (1 - target));
        add(COUNTS * j + (says ? (TP as number) : (FN as number)), weight * target);
      }
    }
  }

  override result(): number {
    const classes = this.state.length / COUNTS;
    const counts = (j: number) => [0, 1, 2].map((place) => this.state[COUNTS * j + place] as number) as [number, number, number];
    const each = Array.from({ length: classes }, (_, j) => counts(j));
    const sums = each.reduce((total, of) => total.map((value, place) => value + (of[place] as number)) as [number, number, number]);
    if (this.average === 'micro') return this.#score(sums);
    const present = sums[TP as 0] + sums[FN as 2];
    const weightOf = ([tp, , fn]: readonly number[]) =>
      this.average === 'macro' ? 1 / classes : ((tp as number) + (fn as number)) / (present + EPSILON);
    return each.reduce((sum, of) => sum + weightOf(of) * this.#score(of), 0);
  }

  #score([tp, fp, fn]: readonly [number, number, number]): number {
    const precision = tp / (tp + fp + EPSILON);
    const recall = tp / (tp + fn + EPSILON);
    const square = this.beta ** 2;
    return ((1 + square) * precision * recall) / (square * precision + recall + EPSILON);
  }
}

/**
 * The harmonic mean of precision and recall, of each output and averaged.
 * https://keras.io/api/metrics/classification_metrics/#f1score-class
 */
export class F1Score extends FBetaScore {
  static override readonly builtInName: string = 'F1Score';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: F1ScoreOptions) {
    super(options, 'F1Score');
  }
}
