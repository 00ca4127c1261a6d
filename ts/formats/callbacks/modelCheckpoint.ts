import type { CallbackOf, CallbackState, Logs, TrainingPlan } from '../../callbacks/callback.ts';
import { finiteNumber, Monitor, type MonitorOptions } from '../../callbacks/monitor.ts';
import { describe } from '../../core/describe.ts';
import { ArgumentError } from '../../core/errors.ts';
import { booleanOption, checkOptions, oneOf } from '../../core/options.ts';
import { positiveInteger } from '../../core/shape.ts';
import type { Model } from '../../model/model.ts';
import { CALLBACK_FILES } from './callbackFilesPart.ts';

/** The moment of a save. */
export interface CheckpointMoment {
  /** From 0. */
  readonly epoch: number;
  /** The batch of the epoch, from 0; null at the end of an epoch. */
  readonly batch: number | null;
  /** The loss and the metrics of the epoch, or of its batches so far. */
  readonly logs: Logs;
}

/** Takes the bytes of a saved model, which `loadModel` loads. */
export type SaveCheckpoint = (bytes: Uint8Array, moment: CheckpointMoment) => void | Promise<void>;

/** Options of {@link ModelCheckpoint}. https://keras.io/api/callbacks/model_checkpoint/ */
export interface ModelCheckpointOptions extends MonitorOptions {
  /** 1 prints what it saves. Default 0. */
  verbose?: 0 | 1;
  /**
   * Save only when the monitored number is better than ever before, also in earlier runs with this
   * callback. Default false.
   */
  saveBestOnly?: boolean;
  /**
   * Leave out the optimizer, as `includeOptimizer: false` of `save` does. Default false. (Keras
   * leaves out the layers too; here the file always has them.)
   */
  saveWeightsOnly?: boolean;
  /** 'epoch' saves after every epoch, a number after this number of batches. Default 'epoch'. */
  saveFreq?: 'epoch' | number;
  /** A value that the monitored value must improve on. Default null: no such value. */
  initialValueThreshold?: number | null;
}

const OWNER = 'ModelCheckpoint';
const OPTIONS: readonly (keyof ModelCheckpointOptions)[] = [
  'monitor',
  'verbose',
  'saveBestOnly',
  'saveWeightsOnly',
  'mode',
  'saveFreq',
  'initialValueThreshold',
];

/**
 * Saves the model during training. Files are replaced atomically, so a crash leaves the previous
 * file.
 *
 *     new ModelCheckpoint('best.safetensors', { monitor: 'valLoss', saveBestOnly: true });
 *     new ModelCheckpoint('epochs/{epoch:02d}-{valLoss:.3f}.safetensors');
 *
 * In a path, `{epoch}` and `{batch}` count from 1, as in Keras, and `{loss}`, `{valLoss}`, … are
 * the numbers of the epoch; `:02d` writes two digits, `:.3f` three decimals. Missing folders are
 * created.
 */
export class ModelCheckpoint implements CallbackOf<Model> {
  readonly saveBestOnly: boolean;
  readonly saveWeightsOnly: boolean;
  readonly #target: string | SaveCheckpoint;
  readonly #monitor: Monitor;
  readonly #saveFreq: number | null;
  readonly #isVerbose: boolean;
  #best: number | null;
  #epoch = 0;
  /** Batches since the last one after which it saved, or decided not to. */
  #batches = 0;
  /** Only with `saveFreq` in batches: with workers it is a round trip between threads. */
  readonly onTrainBatchEnd?: NonNullable<CallbackOf<Model>['onTrainBatchEnd']>;

  /**
   * @param filepath a path that ends in .safetensors or .keras, or a function that takes the bytes,
   *   since browsers have no paths
   * @throws {ArgumentError} for something else, an unknown option or a wrong value
   */
  constructor(filepath: string | SaveCheckpoint, options: ModelCheckpointOptions = {}) {
    const isPath = typeof filepath === 'string' && /\.(safetensors|keras)$/.test(filepath);
    if (!isPath && typeof filepath !== 'function')
      throw new ArgumentError(
        `${OWNER} takes a path that ends in .safetensors or .keras, or a function of the bytes, got ${describe(filepath)}`,
      );
    checkOptions(options, OPTIONS, OWNER);
    const { verbose = 0, saveFreq = 'epoch', initialValueThreshold = null } = options;
    this.#target = filepath;
    this.#monitor = new Monitor(OWNER, options, 0, 'saves whatever the number is');
    this.#isVerbose = oneOf(verbose, [0, 1], `${OWNER}: verbose`) === 1;
    this.saveBestOnly = booleanOption(options.saveBestOnly, false, `${OWNER}: saveBestOnly`);
    this.saveWeightsOnly = booleanOption(options.saveWeightsOnly, false, `${OWNER}: saveWeightsOnly`);
    this.#saveFreq = saveFreq === 'epoch' ? null : positiveInteger(saveFreq, `${OWNER}: saveFreq`, "'epoch' or a number of batches");
    this.#best = initialValueThreshold === null ? null : finiteNumber(initialValueThreshold, `${OWNER}: initialValueThreshold`);
    if (this.#saveFreq !== null) this.onTrainBatchEnd = (batch, logs, model) => this.#endBatch(batch, logs, model);
  }

  /** The name of the monitored value. */
  get monitor(): string {
    return this.#monitor.name;
  }

  /** The best value so far, or the threshold; null when there is neither. */
  get best(): number | null {
    return this.#best;
  }

  needsWeights(): boolean {
    return this.#saveFreq !== null && this.#batches + 1 >= this.#saveFreq;
  }

  /** The state between epochs. */
  getState(): CallbackState {
    return { best: this.#best, batches: this.#batches };
  }

  setState(state: CallbackState): void {
    const { best, batches } = state as { best: number | null; batches: number };
    this.#best = best;
    this.#batches = batches;
  }

  /**
   * @throws {BackendError} for a path where there is no file system
   * @throws {ArgumentError} for a wrong placeholder, and when `mode` is 'auto' and no metric has the
   *   monitored name
   */
  async onTrainBegin(plan: TrainingPlan): Promise<void> {
    if (this.saveBestOnly) this.#monitor.begin(plan);
    this.#epoch = plan.initialEpoch;
    const { checkTarget } = await CALLBACK_FILES.load();
    checkTarget(this.#target, OWNER);
  }

  onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  /** @throws {FileError} when the file cannot be written */
  async onEpochEnd(epoch: number, logs: Logs, model: Model): Promise<void> {
    if (this.#saveFreq === null) await this.#save({ epoch, batch: null, logs }, model);
  }

  async #endBatch(batch: number, logs: Logs, model: Model): Promise<void> {
    this.#batches++;
    if (this.#batches < (this.#saveFreq as number)) return;
    this.#batches = 0;
    await this.#save({ epoch: this.#epoch, batch, logs }, model);
  }

  async #save(moment: CheckpointMoment, model: Model): Promise<void> {
    const said = this.saveBestOnly ? this.#decide(moment, model) : 'saving the model';
    if (said === null) return;
    const { saveCheckpoint } = await CALLBACK_FILES.load();
    const where = await saveCheckpoint(this.#target, model, { includeOptimizer: !this.saveWeightsOnly }, moment, OWNER);
    this.#print(moment, `${said}${where}`);
  }

  /** @returns what is to be printed of the save; null for none */
  #decide(moment: CheckpointMoment, model: Model): string | null {
    const { epoch, batch, logs } = moment;
    const monitor = this.#monitor;
    const current = monitor.valueAt(batch === null ? epoch : null, logs, model);
    if (current === undefined) return batch === null && monitor.comesLater(epoch) ? null : 'saving the model';
    const before = this.#best;
    if (!monitor.isBetter(current, before)) {
      this.#print(moment, `${monitor.name} did not improve from ${before}`);
      return null;
    }
    this.#best = current;
    return `${monitor.name} improved from ${before ?? 'none'} to ${current}, saving the model`;
  }

  #print({ epoch }: CheckpointMoment, text: string): void {
    if (this.#isVerbose) console.log(`Epoch ${epoch + 1}: ${text}`);
  }
}
