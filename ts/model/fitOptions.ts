import type { CallbackOf } from '../callbacks/callback.ts';
import { checkCallbacks } from '../callbacks/checkCallbacks.ts';
import type { ModelInTraining } from '../callbacks/modelInTraining.ts';
import { checkVerbosity, type Verbosity } from '../callbacks/progress.ts';
import { TrainingControl } from '../control/trainingControl.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, checkOptions, numberInRange } from '../core/options.ts';
import { nonNegativeInteger, positiveInteger } from '../core/shape.ts';
import { isAbortSignal } from '../core/tags.ts';
import { type BatchesLike, isBatches } from '../feed/batches.ts';
import type { InputsLike, WeightsLike } from '../feed/checkData.ts';
import type { ClassWeight } from '../feed/classWeight.ts';
import { GivenDataset } from '../feed/givenDataset.ts';
import type { FitPlan } from '../run/fit.ts';
import type { Workers } from './workerOptions.ts';

/** Options of `fit`. https://keras.io/api/models/model_training_apis/ */
export interface FitOptionsOf<M extends ModelInTraining = ModelInTraining> {
  /**
   * Samples of a batch. Each step trains on one batch. Default 32. With a mask, the loss depends on
   * it: see `loss` in `CompileOptions`.
   */
  batchSize?: number;
  /** Passes over the data. Default 1. With 0 the data is checked and nothing is trained. */
  epochs?: number;
  /**
   * Number of the first epoch. Training ends before epoch `epochs`, as in Keras, so
   * `epochs - initialEpoch` epochs run. Default 0.
   */
  initialEpoch?: number;
  /**
   * The output: 0 nothing, 1 a progress bar, 2 a line for each epoch. Default 'auto': a progress
   * bar on a terminal, a line for each epoch in other Node processes, nothing in a browser.
   */
  verbose?: Verbosity;
  /** Functions that `fit` calls during training, in order; it awaits each one. */
  callbacks?: readonly CallbackOf<M>[];
  /**
   * Inputs and targets (and weights), a data set, or an iterable of batches, to evaluate after each
   * epoch.
   */
  validationData?: readonly [x: InputsLike, y: InputsLike, sampleWeight?: WeightsLike] | GivenDataset | BatchesLike;
  /**
   * Fraction of the data for validation instead of training. It is taken from the end, before
   * shuffling. Default 0.
   */
  validationSplit?: number;
  /** Samples of a batch in validation. Default: those of its data set, or batchSize. */
  validationBatchSize?: number;
  /** Number of epochs from one validation to the next. Default 1. */
  validationFreq?: number;
  /**
   * Whether each epoch has a new order of the samples. Default true. Models with stateful layers
   * need false.
   */
  shuffle?: boolean;
  /**
   * For an iterable: number of batches of an epoch. The next epoch continues after the last batch
   * of this one; an iterable that ends earlier starts again. Default: all batches.
   */
  stepsPerEpoch?: number;
  /**
   * For an iterable as validationData: number of batches of each validation, from the first on.
   * Default: all batches.
   */
  validationSteps?: number;
  /**
   * For an iterable: size of the shuffle buffer in batches. The next batch is drawn at random from
   * the buffer, with the model's seed. Default 1: the order of the iterable.
   */
  shuffleBuffer?: number;
  /** Weight of each sample in the loss, `[N]`, or of each step, `[N, T]`. */
  sampleWeight?: WeightsLike;
  /**
   * Weight of the samples of each class, by class index. The targets must be class indices, one-hot
   * rows, or 0 and 1. A class without an entry has the weight 1. 'balanced' gives all classes the
   * same total weight, as in scikit-learn: the weight of a sample is
   * `samples / (classes * samples of its class)`, counted over the training samples.
   */
  classWeight?: ClassWeight | 'balanced';
  /**
   * Stops training between two steps. `fit` then rejects with the signal's reason, and the model
   * has the weights of the last step, or those that a callback sets in `onTrainEnd`, as
   * `EarlyStopping` does with `restoreBestWeights`. `fit` waits for each running callback for at
   * most a second.
   */
  signal?: AbortSignal;
  /** Pauses and resumes training between two steps. */
  control?: TrainingControl;
  /**
   * Where to train: 0 on this thread, 1 in a worker, n > 1 in n workers that split every batch.
   * 'auto' chooses by the amount of work (docs/workers.md). Default: 1 on the thread of a page, 0
   * elsewhere. If no worker can start, 'auto' and the default train on this thread.
   */
  workers?: Workers;
}

/** The parts of a run that depend only on the options. */
export interface FitChoices
  extends Omit<FitPlan, 'dataset' | 'validation' | 'source' | 'validationSource' | 'shuffleSeed' | 'diverged' | 'callbacks'> {
  readonly callbacks: readonly CallbackOf[];
  readonly validationSplit: number;
  /** Batches of a validation on an iterable; null for all. */
  readonly validationSteps: number | null;
  /** Size of the shuffle buffer in batches. */
  readonly shuffleBuffer: number;
  /** The user's options at the time of the call. */
  readonly given: Readonly<FitOptionsOf>;
}

const FIT_OPTIONS: readonly (keyof FitOptionsOf)[] = [
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
  'stepsPerEpoch',
  'validationSteps',
  'shuffleBuffer',
  'sampleWeight',
  'classWeight',
  'signal',
  'control',
  'workers',
];

/**
 * Checks the options that do not depend on the data.
 * @param isIterable whether the data is an iterable of batches
 * @throws {ArgumentError} for an unknown option or a value outside its range
 */
export function checkFitOptions(given: FitOptionsOf, isIterable: boolean): FitChoices {
  checkOptions(given, FIT_OPTIONS, 'fit');
  const options: FitOptionsOf = Object.fromEntries(FIT_OPTIONS.map((name) => [name, given[name]]));
  const batchSize = positiveInteger(options.batchSize ?? 32, 'fit: batchSize');
  const ofDataset = options.validationData instanceof GivenDataset ? options.validationData.batchSize : batchSize;
  const validationBatchSize = positiveInteger(options.validationBatchSize ?? ofDataset, 'fit: validationBatchSize');
  const epochs = nonNegativeInteger(options.epochs ?? 1, 'fit: epochs');
  const initialEpoch = nonNegativeInteger(options.initialEpoch ?? 0, 'fit: initialEpoch');
  const validationSplit = numberInRange(options.validationSplit ?? 0, 0, 1, 'fit: validationSplit');
  const validationFreq = positiveInteger(options.validationFreq ?? 1, 'fit: validationFreq');
  checkVerbosity(options.verbose ?? 'auto', 'fit');
  const shuffle = booleanOption(options.shuffle, true, 'fit: shuffle');
  const callbacks = checkCallbacks(options.callbacks ?? []);
  const signal: unknown = options.signal ?? null;
  if (signal !== null && !isAbortSignal(signal)) throw new ArgumentError(`fit: signal must be an AbortSignal, got ${describe(signal)}`);
  const control: unknown = options.control ?? null;
  if (control !== null && !(control instanceof TrainingControl))
    throw new ArgumentError(`fit: control must be a TrainingControl, got ${describe(control)}`);
  if (validationSplit > 0 && options.validationData != null)
    throw new ArgumentError('fit takes validationData or validationSplit, got both');
  if (options.sampleWeight != null && options.classWeight != null)
    throw new ArgumentError('fit takes sampleWeight or classWeight, got both');
  const stepsPerEpoch = options.stepsPerEpoch === undefined ? null : positiveInteger(options.stepsPerEpoch, 'fit: stepsPerEpoch');
  const validationSteps = options.validationSteps === undefined ? null : positiveInteger(options.validationSteps, 'fit: validationSteps');
  for (const name of ['stepsPerEpoch', 'shuffleBuffer'] as const)
    if (!isIterable && options[name] !== undefined) throw new ArgumentError(`fit: ${name} is for an iterable of batches`);
  const shuffleBuffer = positiveInteger(options.shuffleBuffer ?? 1, 'fit: shuffleBuffer');
  if (validationSteps !== null && !isBatches(options.validationData))
    throw new ArgumentError('fit: validationSteps is for validationData that is an iterable of batches');
  const batches = { stepsPerEpoch, validationSteps, shuffleBuffer };
  const sizes = { ...batches, batchSize, validationBatchSize, validationFreq, epochs, initialEpoch, validationSplit };
  return { ...sizes, shuffle, callbacks, signal, control, given: options };
}
