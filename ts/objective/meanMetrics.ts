// Metrics of Keras that are the weighted mean of a number of each row.
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, numberInRange } from '../core/options.ts';
import { BuiltInMetric, classOf, FloatMetric, type MetricOptions, ratio } from './builtInMetric.ts';
import type { MetricBatch, MetricOutput } from './ownMetric.ts';

/** Adds the weighted numbers of rows, and the weights, to a state `[2]`. */
function addRows(state: Float64Array, { rows, weights }: MetricBatch, ofRow: (n: number) => number): void {
  for (let n = 0; n < rows; n++) {
    const weight = weights[n] as number;
    if (weight === 0) continue;
    state[0] = (state[0] as number) + weight * ofRow(n);
    state[1] = (state[1] as number) + weight;
  }
}

export interface BinaryAccuracyOptions extends MetricOptions {
  /** Outputs above it are predicted as 1. Default 0.5. */
  threshold?: number;
}

/**
 * The fraction of correct predictions: outputs above the threshold are predicted as 1, the others
 * as 0. https://keras.io/api/metrics/accuracy_metrics/#binaryaccuracy-class
 */
export class BinaryAccuracy extends FloatMetric {
  static readonly builtInName: string = 'BinaryAccuracy';
  readonly threshold: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: BinaryAccuracyOptions) {
    super('BinaryAccuracy', 2, options, ['threshold']);
    this.threshold = numberInRange(
      options?.threshold ?? 0.5,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      'BinaryAccuracy: threshold',
    );
  }

  override update(batch: MetricBatch): void {
    const { units: C, yTrue, yPred } = batch;
    addRows(this.state, batch, (n) => {
      let right = 0;
      for (let i = n * C; i < (n + 1) * C; i++) if (((yPred[i] as number) > this.threshold ? 1 : 0) === yTrue[i]) right++;
      return right / C;
    });
  }

  override result(): number {
    return ratio(this.state[0] as number, this.state[1] as number);
  }
}

export interface TopKAccuracyOptions extends MetricOptions {
  /** The number of largest outputs among which the class must be, at least 1. Default 5. */
  k?: number;
}

/** The fraction of rows whose class is among the k largest outputs. */
abstract class TopKAccuracy extends BuiltInMetric {
  readonly k: number;

  constructor(className: string, options?: TopKAccuracyOptions) {
    super(className, 2, options, ['k']);
    this.k = Math.ceil(numberInRange(options?.k ?? 5, 1, Number.POSITIVE_INFINITY, `${className}: k`));
  }

  override update(batch: MetricBatch): void {
    const { units: C, yPred } = batch;
    addRows(this.state, batch, (n) => {
      const ofClass = yPred[n * C + classOf(batch, n)] as number;
      let larger = 0;
      for (let i = n * C; i < (n + 1) * C; i++) if ((yPred[i] as number) > ofClass) larger++;
      return larger < this.k ? 1 : 0;
    });
  }

  override result(): number {
    return ratio(this.state[0] as number, this.state[1] as number);
  }
}

/**
 * The fraction of rows whose class is among the k largest outputs. Targets are one-hot rows or
 * class indices. https://keras.io/api/metrics/accuracy_metrics/#topkcategoricalaccuracy-class
 */
export class TopKCategoricalAccuracy extends TopKAccuracy {
  static readonly builtInName: string = 'TopKCategoricalAccuracy';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: TopKAccuracyOptions) {
    super('TopKCategoricalAccuracy', options);
  }
}

/**
 * The fraction of rows whose class is among the k largest outputs.
 * https://keras.io/api/metrics/accuracy_metrics/#sparsetopkcategoricalaccuracy-class
 */
export class SparseTopKCategoricalAccuracy extends TopKAccuracy {
  static readonly builtInName: string = 'SparseTopKCategoricalAccuracy';

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: TopKAccuracyOptions) {
    super('SparseTopKCategoricalAccuracy', options);
  }
}

export interface PerplexityOptions extends MetricOptions {
  /** Whether outputs are scores before the softmax. Default false. */
  fromLogits?: boolean;
  /** A label whose rows do not count, such as that of padding. Default: all count. */
  maskTokenId?: number;
}

/** Keras's `backend.epsilon()`. */
const EPSILON = 1e-7;

/**
 * The exponential of the mean cross-entropy: the effective number of tokens among which the model
 * chooses. Targets are class indices. https://keras.io/keras_hub/api/metrics/perplexity/
 */
export class Perplexity extends BuiltInMetric {
  static readonly builtInName: string = 'Perplexity';
  override readonly mode = 'min';
  readonly fromLogits: boolean;
  readonly maskTokenId: number | null;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: PerplexityOptions) {
    super('Perplexity', 2, options, ['fromLogits', 'maskTokenId']);
    this.fromLogits = booleanOption(options?.fromLogits, false, 'Perplexity: fromLogits');
    this.maskTokenId = options?.maskTokenId ?? null;
  }

  override checkOutput(output: MetricOutput): void {
    super.checkOutput(output);
    if (output.targetKind !== 'labels')
      throw new ArgumentError(
        `compile: metric '${this.name}' takes class indices: use loss 'sparseCategoricalCrossentropy', or categoricalCrossentropy as a metric`,
      );
  }

  override update(batch: MetricBatch): void {
    const { rows, units: C, yTrue, yPred, weights } = batch;
    for (let n = 0; n < rows; n++) {
      const [label, weight] = [yTrue[n] as number, weights[n] as number];
      if (weight === 0 || label === this.maskTokenId) continue;
      let largest = 0;
      if (this.fromLogits) {
        largest = Number.NEGATIVE_INFINITY;
        for (let i = n * C; i < (n + 1) * C; i++) largest = Math.max(largest, yPred[i] as number);
      }
      let total = 0;
      for (let i = n * C; i < (n + 1) * C; i++) total += this.fromLogits ? Math.exp((yPred[i] as number) - largest) : (yPred[i] as number);
      const p = yPred[n * C + label] as number;
      const loss = this.fromLogits ? Math.log(total) + largest - p : -Math.log(Math.min(Math.max(p / total, EPSILON), 1 - EPSILON));
      this.state[0] = (this.state[0] as number) + weight * loss;
      this.state[1] = (this.state[1] as number) + weight;
    }
  }

  override result(): number {
    return this.state[1] === 0 ? 0 : Math.exp((this.state[0] as number) / (this.state[1] as number));
  }
}
