import { ArgumentError } from '../core/errors.ts';
import { booleanOption, checkOptions, numberInRange } from '../core/options.ts';
import { describe, positiveInteger } from '../core/shape.ts';
import type { TensorLike } from '../core/tensor.ts';
import type { Graph } from '../model/graph.ts';
import type { Callback } from './callback.ts';
import { checkCallbacks } from './checkCallbacks.ts';
import { addTargets, checkInputs } from './checkData.ts';
import { type ClassWeight, weighClasses } from './classWeight.ts';
import { sliceDataset } from './dataset.ts';
import type { FitPlan } from './fit.ts';
import type { Loss } from './losses/loss.ts';
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
   * it does not name weigh 1.
   */
  classWeight?: ClassWeight;
  /** Stops training between two steps; `fit` then throws the signal's reason, and the weights are those of the last step. */
  signal?: AbortSignal;
  /** Pauses training between two steps, and lets it go on. */
  control?: TrainingControl;
  /**
   * Where to train: 0 on this thread, 1 in a worker, n > 1 in n workers that split every batch; 'auto' chooses by the size of
   * the model (docs/workers.md). Default: 1 on the thread of a page, 0 elsewhere.
   */
  workers?: Workers;
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

/** Checks everything `fit` was given; the graph is built if it was not. @throws {ArgumentError | ShapeError | DataError} */
export function planFit(graph: Graph, loss: Loss, x: TensorLike, y: TensorLike, options: FitOptions = {}): FitPlan {
  checkOptions(options, FIT_OPTIONS, 'fit');
  const batchSize = positiveInteger(options.batchSize ?? 32, 'fit: batchSize');
  const validationBatchSize = positiveInteger(options.validationBatchSize ?? batchSize, 'fit: validationBatchSize');
  const epochs = positiveInteger(options.epochs ?? 1, 'fit: epochs');
  const initialEpoch = options.initialEpoch ?? 0;
  if (!Number.isInteger(initialEpoch) || initialEpoch < 0) {
    throw new ArgumentError(`fit: initialEpoch must be a whole number of at least 0, got ${describe(initialEpoch)}`);
  }
  const split = numberInRange(options.validationSplit ?? 0, 0, 1, 'fit: validationSplit');
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
  if (split > 0 && options.validationData) throw new ArgumentError('fit takes validationData or validationSplit, got both');

  const classWeight = options.classWeight ?? null;
  if (options.sampleWeight && classWeight) throw new ArgumentError('fit takes sampleWeight or classWeight, got both');

  let all = addTargets(checkInputs(graph, x, 'x'), graph, loss, y, options.sampleWeight ?? null, 'y');
  if (classWeight) all = weighClasses(all, loss, graph.outputShape.at(-1) as number, classWeight);
  let dataset = all;
  let validation = null;
  if (options.validationData) {
    const given: unknown = options.validationData;
    if (!Array.isArray(given) || given.length < 2 || given.length > 3)
      throw new ArgumentError(`fit: validationData must be [x, y] or [x, y, sampleWeight], got ${describe(given)}`);
    const [xVal, yVal, weightVal] = options.validationData;
    const inputs = checkInputs(graph, xVal, 'validationData[0]');
    validation = addTargets(inputs, graph, loss, yVal, weightVal ?? null, 'validationData[1]', 'validationData[2]');
  } else if (split > 0) {
    const kept = Math.floor(all.count * (1 - split));
    if (kept === 0 || kept === all.count) {
      throw new ArgumentError(
        `fit: validationSplit ${split} of ${all.count} samples leaves ${kept} to train on and ${all.count - kept} to validate on`,
      );
    }
    dataset = sliceDataset(all, 0, kept);
    validation = sliceDataset(all, kept, all.count);
    // Class weights are for training only, as in Keras.
    if (classWeight) validation = { ...validation, weight: null };
  }
  return {
    dataset,
    validation,
    batchSize,
    validationBatchSize,
    validationFreq,
    epochs,
    initialEpoch,
    shuffle,
    callbacks,
    signal,
    control,
  };
}
