import { DataError } from '../core/errors.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import type { CallbackOf, Logs } from './callback.ts';
import type { ModelInTraining } from './modelInTraining.ts';

/** Options of {@link TerminateOnNaN}. */
export interface TerminateOnNaNOptions {
  /** Whether `fit` throws a DataError instead of returning. Default false. */
  raiseError?: boolean;
}

/**
 * Ends training after the first batch whose loss is not a number or is infinite. With workers each
 * batch is then a round trip between threads. https://keras.io/api/callbacks/terminate_on_nan/
 */
export class TerminateOnNaN implements CallbackOf {
  readonly #raisesError: boolean;

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: TerminateOnNaNOptions) {
    checkOptions(options, ['raiseError'], 'TerminateOnNaN');
    this.#raisesError = booleanOption(options?.raiseError, false, 'TerminateOnNaN: raiseError');
  }

  /** @throws {DataError} with `raiseError`, when the loss is not finite */
  onTrainBatchEnd(batch: number, { loss }: Logs, model: ModelInTraining): void {
    if (Number.isFinite(loss)) return;
    const message = `batch ${batch}: the loss is ${loss}`;
    if (this.#raisesError)
      throw new DataError(`TerminateOnNaN: ${message}: training diverged, and a lower learning rate or clipnorm may help`);
    console.log(`Batch ${batch}: the loss is ${loss}, ending training.`);
    model.stopTraining = true;
  }
}
