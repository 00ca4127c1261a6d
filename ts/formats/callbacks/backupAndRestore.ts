import type { CallbackOf, Logs, TrainingPlan } from '../../callbacks/callback.ts';
import { type KeepableRun, keepRun, type RunKeeper } from '../../callbacks/runKeeper.ts';
import { describe } from '../../core/describe.ts';
import { ArgumentError } from '../../core/errors.ts';
import { booleanOption, checkOptions } from '../../core/options.ts';
import { positiveInteger } from '../../core/shape.ts';
import { isURL } from '../../core/tags.ts';
import { CALLBACK_FILES } from './callbackFilesPart.ts';

/** The storage of a backup, instead of a folder: browsers have none. */
export interface BackupStorage {
  /**
   * Replaces the stored bytes. The replacement must be atomic: it stores all bytes or keeps the
   * previous ones.
   */
  save(bytes: Uint8Array): void | Promise<void>;
  /** The bytes that were saved last; null or undefined if there are none. */
  load(): Uint8Array | ArrayBuffer | null | undefined | Promise<Uint8Array | ArrayBuffer | null | undefined>;
  /** Deletes the stored bytes. */
  delete(): void | Promise<void>;
}

/** Options of {@link BackupAndRestore}. https://keras.io/api/callbacks/backup_and_restore/ */
export interface BackupAndRestoreOptions {
  /**
   * 'epoch' saves after every epoch; a number saves after this number of batches, and training is
   * resumed within the epoch. Default 'epoch'.
   */
  saveFreq?: 'epoch' | number;
  /** Whether the backup is deleted when training has ended without an error. Default true. */
  deleteCheckpoint?: boolean;
}

/**
 * Saves the run of `fit` while it runs. If the program is killed, at any time, and started again,
 * it resumes the run and ends with the same bits as an uninterrupted run: the weights, the
 * optimizer and the history of the later epochs. That needs the same data, options and number of
 * workers. It restores the seed, the learning rate (unless that is a function), the states of
 * stateful layers, and the states of callbacks with `getState` and `setState`.
 *
 *     await model.fit(x, y, { epochs: 100, callbacks: [new BackupAndRestore('backup')] });
 *
 * Its functions are called after those of all other callbacks, at any position in the array. A
 * `fit` that ends by a signal or an error keeps the backup. Unlike in Keras the model need not be
 * built, and there is no `doubleCheckpoint`, because a backup is replaced as a whole.
 */
export class BackupAndRestore implements RunKeeper {
  readonly #where: string | URL | BackupStorage;
  readonly #saveFreq: number | null;
  readonly #deletes: boolean;
  #run: KeepableRun | null = null;
  #storage: BackupStorage | null = null;
  /** The epoch that runs. */
  #epoch = 0;
  /** Batches since the last backup. */
  #batches = 0;
  /** Only with `saveFreq` in batches: with workers it is a round trip between threads. */
  readonly onTrainBatchEnd?: NonNullable<CallbackOf['onTrainBatchEnd']>;

  /**
   * @param backupDir a separate folder for the backup, which is created if it does not exist; or
   *   functions that store the bytes of a backup
   * @throws {ArgumentError} for something else, an unknown option or a wrong value
   */
  constructor(backupDir: string | URL | BackupStorage, options?: BackupAndRestoreOptions) {
    const owner = 'BackupAndRestore';
    const isFolder = isURL(backupDir) || (typeof backupDir === 'string' && backupDir !== '');
    const { save, load, delete: forget } = Object(backupDir) as Partial<BackupStorage>;
    if (!isFolder && ![save, load, forget].every((called) => typeof called === 'function'))
      throw new ArgumentError(`${owner} takes a folder, or an object with the functions save, load and delete, got ${describe(backupDir)}`);
    checkOptions(options, ['saveFreq', 'deleteCheckpoint'], owner);
    const { saveFreq = 'epoch', deleteCheckpoint } = options ?? {};
    this.#where = backupDir;
    this.#saveFreq = saveFreq === 'epoch' ? null : positiveInteger(saveFreq, `${owner}: saveFreq`, "'epoch' or a number of batches");
    this.#deletes = booleanOption(deleteCheckpoint, true, `${owner}: deleteCheckpoint`);
    if (this.#saveFreq !== null) this.onTrainBatchEnd = () => this.#endBatch();
  }

  /** `fit` calls it, users do not. */
  async [keepRun](run: KeepableRun): Promise<() => Promise<void>> {
    const { openStorage, restoreRun } = await CALLBACK_FILES.load();
    const storage = openStorage(this.#where);
    await restoreRun(run, storage, this.#where);
    this.#run = run;
    this.#storage = storage;
    return async () => {
      if (this.#deletes) await storage.delete();
    };
  }

  needsWeights(): boolean {
    return this.#saveFreq !== null && this.#batches + 1 >= this.#saveFreq;
  }

  /** @throws {ArgumentError} when the run that continues had other callbacks with a state */
  onTrainBegin({ initialEpoch }: TrainingPlan): void {
    this.#epoch = initialEpoch;
    this.#batches = 0;
    this.#run?.setCallbackStates();
  }

  onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  /** @throws {FileError} when the backup cannot be written */
  async onEpochEnd(epoch: number, _logs: Logs): Promise<void> {
    if (this.#saveFreq === null) await this.#save(epoch + 1);
  }

  async #endBatch(): Promise<void> {
    this.#batches++;
    if (this.#batches < (this.#saveFreq as number)) return;
    this.#batches = 0;
    await this.#save(this.#epoch);
  }

  async #save(epoch: number): Promise<void> {
    const { encodeRun } = await CALLBACK_FILES.load();
    if (this.#run && this.#storage) await this.#storage.save(encodeRun(this.#run, epoch));
  }
}
