import { awaitCallback } from '../callbacks/awaitCallback.ts';
import type { Callback, Logs, TrainingPlan } from '../callbacks/callback.ts';
import { isError } from '../core/tags.ts';
// biome-ignore lint/style/noRestrictedImports: only the type, until callbacks have one of their own
import type { Model } from '../model/model.ts';
import { withPrefix } from '../objective/historyNames.ts';
import type { EpochPlan, EpochProgress, RunListeners, Trainer } from './trainer.ts';

/** A training run: all options are resolved and all data is checked. */
export interface FitPlan extends EpochPlan, RunListeners {
  /** Validate after every `validationFreq` epochs. */
  readonly validationFreq: number;
  readonly epochs: number;
  readonly initialEpoch: number;
}

/** The progress of training besides the weights. The next run continues from it. */
export interface TrainingProgress extends EpochProgress {
  /** The model, for callbacks. */
  readonly model: Model;
}

/**
 * Runs the loop over epochs: training, then validation. It awaits callbacks in order. The weights
 * are consistent whenever it ends, also after an error of a callback or an abort.
 */
export async function fitDataset(trainer: Trainer, progress: TrainingProgress, plan: FitPlan): Promise<void> {
  const { dataset, batchSize, callbacks, signal } = plan;
  const { model } = progress;
  const steps = Math.ceil(dataset.count / batchSize);
  const { epochs, initialEpoch } = plan;
  const validationFreq = plan.validation ? plan.validationFreq : null;
  const trainingPlan: TrainingPlan = { epochs, initialEpoch, steps, samples: dataset.count, batchSize, validationFreq };
  const each = async (event: keyof Callback, call: (callback: Callback) => void | Promise<void>) => {
    for (const callback of callbacks) await awaitCallback(call(callback), signal, callback, event);
  };
  await trainer.prepare();
  progress.stopTraining = false;
  await each('onTrainBegin', (callback) => callback.onTrainBegin?.(trainingPlan, model));
  let logs: Logs = {};
  /**
   * Calls every callback's `onTrainEnd`, also when one of them fails.
   * @returns the first failure
   */
  const end = async (): Promise<{ error: unknown } | null> => {
    let failure: { error: unknown } | null = null;
    for (const callback of callbacks) {
      try {
        await awaitCallback(callback.onTrainEnd?.(logs, model), signal, callback, 'onTrainEnd');
      } catch (error) {
        failure ??= { error };
      }
    }
    return failure;
  };
  try {
    for (let epoch = initialEpoch; epoch < epochs && !progress.stopTraining; epoch++) {
      await each('onEpochBegin', (callback) => callback.onEpochBegin?.(epoch, model));
      logs = await trainer.trainEpoch();
      if (plan.validation && (epoch + 1) % plan.validationFreq === 0) {
        await each('onTestBegin', (callback) => callback.onTestBegin?.(model));
        const validation = await trainer.validate();
        await each('onTestEnd', (callback) => callback.onTestEnd?.(validation, model));
        for (const [name, value] of Object.entries(validation)) logs[withPrefix('val', name)] = value;
      }
      await each('onEpochEnd', (callback) => callback.onEpochEnd?.(epoch, logs, model));
    }
  } catch (error) {
    const failure = await end();
    // The caller must see the first error. A failure of onTrainEnd after it is usually its
    // consequence.
    if (failure && failure.error !== error && isError(error) && Object.isExtensible(error))
      Object.assign(error, { suppressed: failure.error });
    throw error;
  }
  const failure = await end();
  if (failure) throw failure.error;
}
