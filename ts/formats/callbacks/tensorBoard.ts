import type { CallbackOf, CallbackState, Logs } from '../../callbacks/callback.ts';
import type { ModelInTraining } from '../../callbacks/modelInTraining.ts';
import { describe } from '../../core/describe.ts';
import { ArgumentError } from '../../core/errors.ts';
import { checkOptions } from '../../core/options.ts';
import { positiveInteger } from '../../core/shape.ts';
import { isURL } from '../../core/tags.ts';
import { withoutPrefix } from '../../objective/historyNames.ts';
import { CALLBACK_FILES } from './callbackFilesPart.ts';
import type { EventFile, EventFileState, WriteEvents } from './eventFile.ts';

/** Options of {@link TensorBoard}. https://keras.io/api/callbacks/tensorboard/ */
export interface TensorBoardOptions {
  /**
   * 'epoch' writes the values of every epoch; 'batch' also writes those of every batch, and a
   * number n those of every n-th batch. Default 'epoch'.
   */
  updateFreq?: 'epoch' | 'batch' | number;
}

/** The state between epochs. */
type TensorBoardState = { readonly train: EventFileState | null; readonly validation: EventFileState | null; readonly batches: number };

/**
 * Writes the numbers of training as event files, which TensorBoard opens (`tensorboard --logdir
 * logs`). In its folder `train`, `epoch_loss` and the other numbers of each epoch stand under
 * `epoch_`, with `epoch_learningRate`, and with `updateFreq` those of batches under `batch_`; in
 * `validation` those of validations, by epoch under `epoch_` and by step as
 * `evaluation_loss_vs_iterations`. Each `fit` begins new files; one that `BackupAndRestore` resumes
 * continues the earlier files. It writes the scalars of Keras's callback, but no histograms,
 * graphs, images and profiles.
 *
 *     await model.fit(x, y, { epochs: 20, callbacks: [new TensorBoard('logs/first')] });
 */
export class TensorBoard implements CallbackOf {
  readonly #logDir: string | URL | WriteEvents;
  readonly #updateFreq: number | null;
  #train: EventFile | null = null;
  #validation: EventFile | null = null;
  /** Number of batches of this run. */
  #batches = 0;
  /** Only with numbers of batches: with workers it is a round trip between threads. */
  readonly onTrainBatchEnd?: NonNullable<CallbackOf['onTrainBatchEnd']>;

  /**
   * @param logDir the folder, which is made, or a function that writes, since browsers have no
   *   folders. Default 'logs'
   * @throws {ArgumentError} for something else, an unknown option or a wrong value
   */
  constructor(logDir: string | URL | WriteEvents = 'logs', options?: TensorBoardOptions) {
    const owner = 'TensorBoard';
    if (!(isURL(logDir) || typeof logDir === 'function' || (typeof logDir === 'string' && logDir !== '')))
      throw new ArgumentError(`${owner} takes a folder, or a function that writes, got ${describe(logDir)}`);
    checkOptions(options, ['updateFreq'], owner);
    const { updateFreq = 'epoch' } = options ?? {};
    this.#logDir = logDir;
    if (updateFreq === 'epoch') this.#updateFreq = null;
    else if (updateFreq === 'batch') this.#updateFreq = 1;
    else this.#updateFreq = positiveInteger(updateFreq, `${owner}: updateFreq`, "'epoch', 'batch' or a number of batches");
    if (this.#updateFreq !== null) this.onTrainBatchEnd = (_batch, logs) => this.#endBatch(logs);
  }

  getState(): CallbackState {
    const state: TensorBoardState = {
      train: this.#train?.state ?? null,
      validation: this.#validation?.state ?? null,
      batches: this.#batches,
    };
    return state;
  }

  setState(state: CallbackState): void {
    const { train, validation, batches } = state as TensorBoardState;
    if (this.#train) this.#train.state = train;
    if (this.#validation) this.#validation.state = validation;
    this.#batches = batches;
  }

  /** @throws {BackendError} for a folder where there is no file system */
  async onTrainBegin(): Promise<void> {
    const { EventFile, eventWriter } = await CALLBACK_FILES.load();
    const write = typeof this.#logDir === 'function' ? this.#logDir : eventWriter(this.#logDir);
    this.#train = new EventFile(write, 'train');
    this.#validation = new EventFile(write, 'validation');
    this.#batches = 0;
  }

  /** @throws {FileError} when a file cannot be written, as every function here */
  async onTestEnd(logs: Logs, { iterations }: ModelInTraining): Promise<void> {
    const names = Object.entries(logs).map(([name, value]) => [`evaluation_${name}_vs_iterations`, value]);
    await this.#validation?.add(iterations, Object.fromEntries(names));
  }

  async onEpochEnd(epoch: number, logs: Logs, { optimizer, iterations }: ModelInTraining): Promise<void> {
    const train: Record<string, number> = {};
    const validation: Record<string, number> = {};
    for (const [name, value] of Object.entries(logs)) {
      const own = withoutPrefix('val', name);
      (own === name ? train : validation)[`epoch_${own}`] = value;
    }
    train.epoch_learningRate ??= optimizer.learningRateAt(optimizer.updatesAfter(Math.max(iterations - 1, 0)));
    await this.#train?.add(epoch, train);
    await this.#validation?.add(epoch, validation);
  }

  async #endBatch(logs: Logs): Promise<void> {
    this.#batches++;
    if (this.#batches % (this.#updateFreq as number) !== 0) return;
    const scalars = Object.fromEntries(Object.entries(logs).map(([name, value]) => [`batch_${name}`, value]));
    await this.#train?.add(this.#batches, scalars);
  }
}
