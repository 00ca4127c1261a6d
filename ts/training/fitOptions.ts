import { ArgumentError } from '../core/errors.ts';
import { booleanOption, checkOptions, numberInRange, wholeNumber } from '../core/options.ts';
import { describe, positiveInteger } from '../core/shape.ts';
import type { TensorLike } from '../core/tensor.ts';
import type { Callback } from './callback.ts';
import { checkCallbacks } from './checkCallbacks.ts';
import type { ClassWeight } from './classWeight.ts';
import type { FitPlan } from './fit.ts';
import { checkVerbosity, type Verbosity } from './progress.ts';
import { TrainingControl } from './trainingControl.ts';
import type { Workers } from './workerOptions.ts';

/** Options of `fit`. https://keras.io/api/models/model_training_apis/ */
export interface FitOptions {
  /** Samples a step. Default 32. */
  batchSize?: number;
  /** Passes over the data. Default 1. */
  epochs?: number;
  /** Epoch to start counting from, for the callbacks and the display; from `epochs` on there is nothing to do, as in Keras. Default 0. */
  initialEpoch?: number;
  /** What is printed. Default 'auto': a progress bar on a terminal, a line an epoch in other Node processes, nothing in a browser. */
  verbose?: Verbosity;
  /** Called as training goes on, in order, each awaited. */
  callbacks?: readonly Callback[];
  /** Inputs and targets (and weights) to evaluate after each epoch. */
  validationData?: readonly [x: TensorLike, y: TensorLike, sampleWeight?: TensorLike];
  /** Fraction of the data, taken from its end before shuffling, to evaluate instead of training on it. Default 0. */
  validationSplit?: number;
  /** Default batchSize. */
  validationBatchSize?: number;
  /** Validate after every so many epochs. Default 1. */
  validationFreq?: number;
  /** New order of the samples in each epoch. Default true. */
  shuffle?: boolean;
  /** Weight of each sample in the loss, `[N]`, or of each step, `[N, T]`. */
  sampleWeight?: TensorLike;
  /**
   * Weight of the samples of each class, by class index; for targets that are class indices, one-hot rows, or 0 and 1. Classes that
   * it does not name weigh 1. 'balanced' gives all classes the same weight in sum, as in scikit-learn: each sample weighs
   * `samples / (classes * samples of its class)`, counted over the samples that are trained on.
   */
  classWeight?: ClassWeight | 'balanced';
  /**
   * Stops training between two steps; `fit` then throws the signal's reason, and the weights are those of the last step. Callbacks
   * that are running are waited for, each for at most a second.
   */
  signal?: AbortSignal;
  /** Pauses training between two steps, and lets it go on. */
  control?: TrainingControl;
  /**
   * Where to train: 0 on this thread, 1 in a worker, n > 1 in n workers that split every batch; 'auto' chooses by the size of
   * the work (docs/workers.md). Default: 1 on the thread of a page, 0 elsewhere. With 'auto' and the default, this thread
   * goes on where no worker can start.
   */
  workers?: Workers;
}

/** What of a run is chosen by options alone. */
export interface FitChoices extends Omit<FitPlan, 'dataset' | 'validation'> {
  readonly validationSplit: number;
  /** What the user gave, as it was when `fit` was called. */
  readonly given: Readonly<FitOptions>;
}

const FIT_OPTIONS: readonly (keyof FitOptions)[] = [
  'batchSize',
  'epochs',
  'initialEpoch',
  'verbose',
  'callbacks',
  'validationData',
  'validationSplit',
  'validationBatchSize',
  'validationFreq',
  'shuffle',
  'sampleWeight',
  'classWeight',
  'signal',
  'control',
  'workers',
];

/** Checks what does not depend on the data. @throws {ArgumentError} */
export function checkFitOptions(given: FitOptions): FitChoices {
  checkOptions(given, FIT_OPTIONS, 'fit');
  const options: FitOptions = Object.fromEntries(FIT_OPTIONS.map((name) => [name, given[name]]));
  const batchSize = positiveInteger(options.batchSize ?? 32, 'fit: batchSize');
  const validationBatchSize = positiveInteger(options.validationBatchSize ?? batchSize, 'fit: validationBatchSize');
  const epochs = positiveInteger(options.epochs ?? 1, 'fit: epochs');
  const initialEpoch = wholeNumber(options.initialEpoch ?? 0, 'fit: initialEpoch');
  const validationSplit = numberInRange(options.validationSplit ?? 0, 0, 1, 'fit: validationSplit');
  const validationFreq = positiveInteger(options.validationFreq ?? 1, 'fit: validationFreq');
  checkVerbosity(options.verbose ?? 'auto', 'fit');
  const shuffle = booleanOption(options.shuffle, true, 'fit: shuffle');
  const callbacks = checkCallbacks(options.callbacks ?? []);
  const signal: unknown = options.signal ?? null;
  if (signal !== null && !(signal instanceof AbortSignal))
    throw new ArgumentError(`fit: signal must be an AbortSignal, got ${describe(signal)}`);
  const control: unknown = options.control ?? null;
  if (control !== null && !(control instanceof TrainingControl))
    throw new ArgumentError(`fit: control must be a TrainingControl, got ${describe(control)}`);
  if (validationSplit > 0 && options.validationData) throw new ArgumentError('fit takes validationData or validationSplit, got both');
  if (options.sampleWeight && options.classWeight) throw new ArgumentError('fit takes sampleWeight or classWeight, got both');
  const sizes = { batchSize, validationBatchSize, validationFreq, epochs, initialEpoch, validationSplit };
  return { ...sizes, shuffle, callbacks, signal, control, given: options };
}
