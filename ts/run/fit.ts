import { noLogs, type TrainingPlan } from '../callbacks/callback.ts';
import { isError } from '../core/tags.ts';
import { withPrefix } from '../objective/historyNames.ts';
import type { EpochPlan, EpochProgress, RunListeners, Trainer } from './trainer.ts';

/** A training run: all options are resolved and all data is checked. */
export interface FitPlan extends EpochPlan, RunListeners {
  /** Called after the last epoch, before `onTrainEnd`. */
  readonly finish?: () => void;
  /** Validate after every `validationFreq` epochs. */
  readonly validationFreq: number;
  readonly metricModes?: NonNullable<TrainingPlan['metricModes']>;
  readonly epochs: number;
  /** Batches of an epoch of an iterable; null for all. */
  readonly stepsPerEpoch: number | null;
  readonly initialEpoch: number;
}

/**
 * Runs the loop over epochs: training, then validation. It awaits callbacks in order. The weights
 * are consistent whenever it ends, also after an error of a callback or an abort.
 */
export async function fitDataset(trainer: Trainer, progress: EpochProgress, plan: FitPlan): Promise<void> {
  const { dataset, source, batchSize, callbacks } = plan;
  const steps = source ? (plan.stepsPerEpoch ?? Number.POSITIVE_INFINITY) : Math.ceil(dataset.count / batchSize);
  const { epochs, initialEpoch, metricModes = {} } = plan;
  const validates = plan.validation !== null || plan.validationSource !== null;
  const validationFreq = validates ? plan.validationFreq : null;
  const trainingPlan: TrainingPlan = {
    epochs,
    initialEpoch,
    steps,
    samples: source ? Number.POSITIVE_INFINITY : dataset.count,
    batchSize,
    validationFreq,
    ...(progress.batch > 0 ? { initialBatch: progress.batch } : {}),
    ...(Object.keys(metricModes).length > 0 ? { metricModes } : {}),
  };
  await trainer.prepare();
  await callbacks.call('onTrainBegin', trainingPlan);
  let logs = noLogs();
  try {
    // An epoch that an earlier run began is continued and completed, even if that run was to stop.
    for (let epoch = initialEpoch; epoch < epochs && (!progress.stopTraining || progress.batch > 0); epoch++) {
      if (progress.batch === 0) await callbacks.call('onEpochBegin', epoch);
      logs = await trainer.trainEpoch();
      if (validates && (epoch + 1) % plan.validationFreq === 0) {
        await callbacks.call('onTestBegin');
        const validation = await trainer.validate();
        await callbacks.call('onTestEnd', validation);
        for (const [name, value] of Object.entries(validation)) logs[withPrefix('val', name)] = value;
      }
      await callbacks.call('onEpochEnd', epoch, logs);
    }
    plan.finish?.();
  } catch (error) {
    const failure = await callbacks.end(logs);
    // The caller must see the first error. A failure of onTrainEnd after it is usually its
    // consequence.
    if (failure && failure.error !== error && isError(error) && Object.isExtensible(error))
      Object.assign(error, { suppressed: failure.error });
    throw error;
  }
  const failure = await callbacks.end(logs);
  if (failure) throw failure.error;
}
