import { checkVerbosity, type UnshownRun, type Verbosity } from '../callbacks/progress.ts';
import { checkOptions } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import type { WeightsLike } from '../feed/checkData.ts';
import type { Workers } from './workerOptions.ts';

/** Options of `evaluate` and `predict`. */
export interface EvaluateOptions {
  /**
   * Samples of a batch. Default 32. With a mask, the loss depends on it: see `loss` in
   * `CompileOptions`.
   */
  batchSize?: number;
  /** Weight of each sample, `[N]`, or of each step, `[N, T]`. Only for `evaluate`. */
  sampleWeight?: WeightsLike;
  /** The output: 0 nothing, 1 a progress bar, 2 a line at the end. Default 0 (Keras: 1). */
  verbose?: Verbosity;
  /**
   * Where to compute, as for `fit`: several workers share the batches. Default: 1 on the thread of
   * a page, 0 elsewhere.
   */
  workers?: Workers;
}

/** Options of `predict`. */
export interface PredictOptions extends Omit<EvaluateOptions, 'sampleWeight'> {
  /**
   * The milliseconds that the call may wait for other calls of the same model. Calls that wait are
   * computed in one batch, so a server answers many requests in little more time than one. Only
   * calls whose samples have the same shape, and whose options are the same, are computed together;
   * a batch has at most `batchSize` samples, unless one call has more. While a batch runs, the next
   * one is gathered. Default: the call does not wait. docs/workers.md#serving
   */
  maxDelay?: number;
}

const PREDICT_OPTIONS: readonly (keyof PredictOptions)[] = ['batchSize', 'maxDelay', 'verbose', 'workers'];
const EVALUATE_OPTIONS: readonly (keyof EvaluateOptions)[] = ['batchSize', 'sampleWeight', 'verbose', 'workers'];

/**
 * Checks the options that do not depend on the data.
 * @throws {ArgumentError} for an unknown option or a value outside its range
 */
export function checkEvaluateOptions(options: EvaluateOptions, label: 'evaluate' | 'predict'): UnshownRun {
  checkOptions(options, label === 'evaluate' ? EVALUATE_OPTIONS : PREDICT_OPTIONS, label);
  const batchSize = positiveInteger(options.batchSize ?? 32, `${label}: batchSize`);
  return { label, batchSize, verbose: checkVerbosity(options.verbose ?? 0, label) };
}

/** A run whose samples are one batch. */
export const ONE_BATCH: Omit<UnshownRun, 'label'> = { batchSize: Number.POSITIVE_INFINITY, verbose: 0 };
