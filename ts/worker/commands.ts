import type { Backend } from '../backend/backend.ts';
import type { WasmBuild } from '../backend/wasm/features.ts';
import type { Logs } from '../callbacks/callback.ts';
import type { FloatArray } from '../core/numericArray.ts';
import type { Tensor } from '../core/tensor.ts';
import type { ModelState, NamedArray } from '../model/modelState.ts';
import type { StateRows } from '../program/batchStates.ts';
import type { Divergence } from '../run/divergence.ts';
import type { Replica } from '../run/replica.ts';
import type { EpochPlan } from '../run/trainer.ts';
import type { LearningRates } from './learningRates.ts';
import type { Outcome } from './outcome.ts';
import type { PostedDataset } from './postedDataset.ts';
import type { PostedDelivery } from './sharedDelivery.ts';
import type { SharedRegions } from './sharedExchange.ts';

/** The backend for a worker, with its compiled kernels. */
export interface PostedBackend {
  readonly name: Backend['name'];
  readonly build: WasmBuild | null;
  readonly module: WebAssembly.Module | null;
  /** The compiled kernels of quantised models; null if the caller has none. */
  readonly quantised: WebAssembly.Module | null;
}

/**
 * The copy of a model that a worker uses next, and the parts of it that the worker does not have.
 */
export interface ModelCopy {
  /** The key of a copy that the worker keeps; null for one that ends with the run. */
  readonly key: number | null;
  /** The state from which the worker makes a new copy; null if it has one. */
  readonly state: ModelState | null;
  /** All weights, if the weights of the kept copy are old; else null. */
  readonly weights: readonly NamedArray[] | null;
  readonly replica: Replica;
  /** The keys of copies that the worker deletes. */
  readonly forget: readonly number[];
}

/** The sizes of a copy that replicas need for their exchange. */
export interface ModelSizes {
  /** P */
  readonly trainableCount: number;
  readonly floatBytes: 4 | 8;
}

/**
 * How replicas exchange data: by shared memory, or by a port to each other replica (by rank, null
 * for itself).
 */
export type ExchangeTransport = { readonly regions: SharedRegions } | { readonly ports: readonly (MessagePort | null)[] };

/** A worker's part of a batch of an iterable. */
export interface PostedBatch {
  readonly dataset: PostedDataset;
  /** Number of rows of the whole batch. */
  readonly rows: number;
  /** The row of the whole batch with which the part begins. */
  readonly firstRow: number;
  /** The learning rates of the coming steps, where a function of the user gives them. */
  readonly rates: LearningRates | null;
}

/** A training run, as a message to a worker. */
export interface PostedPlan extends Pick<EpochPlan, 'batchSize' | 'validationBatchSize' | 'shuffle' | 'shuffleSeed'> {
  /** The data; of an iterable, the first batch, by which programs are built. */
  readonly dataset: PostedDataset;
  /**
   * How the worker gets the batches of an iterable: by a call of `RunEvents` for each, or in shared
   * memory. Null: it has all data.
   */
  readonly delivery: 'calls' | PostedDelivery | null;
  /** The batches of the validation data that this worker evaluates. */
  readonly validation: PostedDataset | null;
  /** Null for a single worker. */
  readonly exchangeTransport: ExchangeTransport | null;
  /** The events that the worker reports to the caller. */
  readonly eachBatch: { readonly begin: boolean; readonly end: boolean };
  readonly progress: boolean;
}

/** The command to train an epoch, or the rest of it. */
export interface EpochCommand {
  readonly iteration: number;
  readonly epochsDone: number;
  /** The batches of the epoch that are done, and the sums over them, as in `EpochProgress`. */
  readonly batch: number;
  readonly sums: Float64Array | null;
  /** Whether to train no further batch of the epoch. */
  readonly stopTraining: boolean;
  readonly rates: LearningRates;
  /** All weights, if the caller has changed them since the last epoch. */
  readonly weights: readonly NamedArray[] | null;
  /**
   * The states of stateful layers for all rows of a batch, if the caller has changed them since the
   * last epoch.
   */
  readonly states: readonly StateRows[] | null;
}

/** The result of an epoch. */
export interface EpochReport {
  /**
   * `stopped`: the caller or its signal ended it between two steps. `rateless`: the caller has no
   * learning rate for the next step. `weights`: a callback needs the weights after the last batch,
   * and then the epoch continues.
   */
  readonly end: 'whole' | 'stopped' | 'rateless' | 'weights';
  readonly iteration: number;
  readonly batch: number;
  readonly sums: Float64Array | null;
  readonly logs: Logs;
  readonly weights: readonly NamedArray[];
  readonly slots: readonly NamedArray[];
  /** The states of stateful layers for this worker's rows of a batch. */
  readonly states: readonly StateRows[];
}

/** The progress of an epoch. */
export interface BatchReport {
  readonly batch: number;
  readonly logs: Logs;
  /** Number of steps so far; after a batch, its step included. */
  readonly iteration: number;
}

/** The caller's answer to a report. */
export interface Directions {
  /**
   * Whether to end the epoch: `stop` as `stopTraining` does, `abort` as an error does, `weights` to
   * send the weights and go on.
   */
  readonly end: 'stop' | 'abort' | 'weights' | null;
  /** The new rates; null for no change. */
  readonly rates: LearningRates | null;
}

/** The functions on the caller's thread that a training worker calls. */
export interface RunEvents {
  batchBegin(report: BatchReport): Promise<Directions>;
  batchEnd(report: BatchReport): Promise<Directions>;
  progress(report: BatchReport): Promise<Directions>;
  diverged(divergence: Divergence): Promise<Directions>;
  /**
   * A worker's part of a batch of an iterable; null when the epoch has no more.
   * @param index the number of the batch in the epoch
   */
  nextBatch(rank: number, index: number): Promise<PostedBatch | null>;
}

/** The requests of a caller during an epoch. */
export type Interruption = 'abort' | 'pause' | 'resume';

/** The commands of a worker. Each is one message and one answer; none is about a single step. */
export interface WorkerCommands {
  /** Answers as soon as the worker takes commands. */
  ready(): void;
  open(backend: PostedBackend, copy: ModelCopy): Promise<Outcome<ModelSizes>>;
  /**
   * Takes over the data and compiles the programs.
   * @param events the port to {@link RunEvents}; only for the first worker and for those that ask
   *   for batches
   */
  prepare(plan: PostedPlan, events: MessagePort | null): Promise<Outcome<null>>;
  trainEpoch(command: EpochCommand): Promise<Outcome<EpochReport>>;
  /** Returns the results of every batch of the worker's validation data, one after the other. */
  validate(): Promise<Outcome<Float64Array>>;
  /** Returns the results of every batch. */
  evaluate(dataset: PostedDataset, batchSize: number): Promise<Outcome<Float64Array>>;
  /** Returns the outputs of every sample, `[N, …]`. */
  predict(dataset: PostedDataset, batchSize: number): Promise<Outcome<Tensor<FloatArray>[]>>;
  interrupt(interruption: Interruption): void;
  /** Ends the run and frees the memory of its model; `open` may follow. */
  close(): Promise<Outcome<null>>;
}
