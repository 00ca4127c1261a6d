import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import type { FloatArray } from '../core/numericArray.ts';
import type { OwnConfig, TargetKind } from './loss.ts';
import { ownName } from './ownName.ts';

/**
 * A batch's targets and predictions, as {@link Metric.update} gets them. The arrays are views that
 * end with the call.
 */
export interface MetricBatch {
  /**
   * N: B rows, or B times the steps of sequences. Row n is of sample `n % samples`, step
   * `Math.floor(n / samples)`.
   */
  readonly rows: number;
  /** B, or a worker's part of it. */
  readonly samples: number;
  /** C: size of the last axis of the outputs. */
  readonly units: number;
  /** Size of the last axis of the targets; 1 for labels. */
  readonly targetUnits: number;
  /** `[N, targetUnits]`, or labels `[N]`: the targets as the loss takes them. */
  readonly yTrue: FloatArray | Int32Array;
  /** `[N, C]`: the outputs of the model. */
  readonly yPred: FloatArray;
  /**
   * `[N]`: the weight of each row. 0 at masked steps; in `weightedMetrics` the sample weight,
   * otherwise 1.
   */
  readonly weights: FloatArray;
}

/** An output that a metric is compiled for. */
export interface MetricOutput {
  /** C: size of its last axis. */
  readonly units: number;
  readonly targetKind: TargetKind;
  /** Whether labels are no indices of the last axis. */
  readonly anyLabels: boolean;
  /** Size of the last axis of its targets; 1 for labels. */
  readonly targetUnits: number;
}

/** The longest state of a metric; each batch has one. */
const LONGEST_STATE = 2 ** 20;

/**
 * A custom metric: `update` adds a batch to `state`, and `result` computes the value from it. Every
 * batch begins with a state from `reset`. `merge` combines the states of batches, and of the parts
 * of a batch in workers. Example:
 *
 *     class Recall extends Metric {
 *       static className = 'Recall';
 *       override readonly mode = 'max';
 *       constructor(options?: { name?: string }) {
 *         super(2, options?.name); // found, present
 *       }
 *       update({ rows, yTrue, yPred, weights }: MetricBatch) {
 *         for (let n = 0; n < rows; n++) {
 *           this.state[0] += yPred[n] > 0.5 && yTrue[n] === 1 ? weights[n] : 0;
 *           this.state[1] += yTrue[n] === 1 ? weights[n] : 0;
 *         }
 *       }
 *       result() {
 *         return this.state[0] / this.state[1];
 *       }
 *     }
 *     model.compile({ loss: 'binaryCrossentropy', metrics: [new Recall()] }); // history: recall, valRecall
 */
export abstract class Metric {
  #state: Float64Array;
  #resized = false;
  /**
   * Whether lower or higher values are better, for `EarlyStopping`; null: the option `mode`
   * decides.
   */
  readonly mode: 'min' | 'max' | null = null;
  /**
   * Whether `update` needs all steps of a sample at once. Otherwise long sequences of layers with
   * `truncate` may come to it in several parts.
   */
  readonly perSample: boolean = false;
  readonly #name: string | undefined;

  /**
   * @param stateLength the length of the state
   * @param name its name in the history. Default: the static `className` with a small first letter
   * @throws {ArgumentError} when the length is not an integer from 1 to 2^20, and when the name is
   *   no string
   */
  constructor(stateLength: number, name?: string) {
    if (name !== undefined && (typeof name !== 'string' || name === ''))
      throw new ArgumentError(`Metric: name must be a string, got ${describe(name)}`);
    this.#state = stateOf(stateLength);
    this.#name = name;
  }

  /** The state, in float64 on every backend. */
  get state(): Float64Array {
    return this.#state;
  }

  /** Its name in the history. */
  get name(): string {
    return this.#name ?? ownName(this, 'metric');
  }

  /**
   * Called in `compile`: checks whether it fits an output. Default: it fits all.
   * @throws {ArgumentError} when it does not
   */
  checkOutput(_output: MetricOutput): void {}

  /**
   * Sets the length of the state if it depends on the output. Call it in `checkOutput`.
   * @throws {ArgumentError} when another output has decided otherwise
   */
  protected resizeState(length: number): void {
    if (this.#resized && length !== this.#state.length)
      throw new ArgumentError(`compile: metric '${this.name}' was compiled for an output of another size: make one for each`);
    this.#resized = true;
    if (length !== this.#state.length) this.#state = stateOf(length);
  }

  /** Adds a batch to `state`. */
  abstract update(batch: MetricBatch): void;

  /** Computes the value from `state`. */
  abstract result(): number;

  /** Sets `state` to its initial value. Default: zeros. */
  reset(): void {
    this.state.fill(0);
  }

  /** Merges another state into `state`. Default: adds it. */
  merge(other: Float64Array): void {
    for (const [index, value] of other.entries()) this.state[index] = (this.state[index] as number) + value;
  }

  /** The constructor's options, for files and workers. */
  getConfig(): OwnConfig {
    return this.#name === undefined ? {} : { name: this.#name };
  }
}

/**
 * The state of a metric.
 * @throws {ArgumentError} when its length is not an integer from 1 to 2^20
 */
function stateOf(length: number): Float64Array {
  if (!Number.isInteger(length) || length < 1 || length > LONGEST_STATE)
    throw new ArgumentError(`Metric: the length of the state must be an integer from 1 to ${LONGEST_STATE}, got ${describe(length)}`);
  return new Float64Array(length);
}
