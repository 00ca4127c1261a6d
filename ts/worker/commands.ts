import type { Backend } from '../backend/backend.ts';
import type { WasmBuild } from '../backend/wasm/features.ts';
import type { Tensor } from '../core/tensor.ts';
import type { Logs } from '../training/callback.ts';
import type { ModelState, NamedArray } from '../training/modelState.ts';
import type { Replica } from '../training/replica.ts';
import type { EpochPlan } from '../training/trainer.ts';
import type { Outcome } from './outcome.ts';
import type { PostedDataset } from './postedDataset.ts';
import type { SharedRegions } from './sharedExchange.ts';

/** Which backend a worker runs, and the compiled kernels for it. */
export interface PostedBackend {
  readonly name: Backend['name'];
  readonly build: WasmBuild | null;
  readonly module: WebAssembly.Module | null;
}

/** What a worker makes its copy of the model from. */
export interface ModelSetup {
  readonly backend: PostedBackend;
  readonly state: ModelState;
  readonly replica: Replica;
}

/** What replicas need to know of each copy to meet. */
export interface ModelSizes {
  /** P */
  readonly trainableCount: number;
  readonly floatBytes: 4 | 8;
}

/** Where replicas meet: in shared memory, or by a port to each other one, by rank and null for itself. */
export type MeetingPlace = { readonly regions: SharedRegions } | { readonly ports: readonly (MessagePort | null)[] };

/** A training run as it is posted. */
export interface PostedPlan extends Pick<EpochPlan, 'batchSize' | 'validationBatchSize' | 'shuffle'> {
  readonly dataset: PostedDataset;
  /** The worker's own batches of the validation data. */
  readonly validation: PostedDataset | null;
  /** Null when one worker trains alone. */
  readonly meetingPlace: MeetingPlace | null;
  /** Which events the caller wants to hear of. */
  readonly eachBatch: boolean;
  readonly progress: boolean;
}

/** An epoch to train. */
export interface EpochCommand {
  readonly iteration: number;
  readonly epochsDone: number;
  readonly rates: LearningRates;
  /** All weights, when the caller changed them since the last epoch. */
  readonly weights: readonly NamedArray[] | null;
}

/** One rate, or what the caller's function gave for the coming iterations; it is asked again where they end. */
export type LearningRates = number | Float64Array;

/** How an epoch came out. */
export interface EpochReport {
  /** `stopped`: the caller or its signal ended it between two steps. `rateless`: the caller has no learning rate for the next step. */
  readonly end: 'whole' | 'stopped' | 'rateless';
  readonly iteration: number;
  readonly logs: Logs;
  readonly weights: readonly NamedArray[];
  readonly slots: readonly NamedArray[];
}

/** How far an epoch has come. */
export interface BatchReport {
  readonly batch: number;
  readonly logs: Logs;
  /** Steps done, this one included. */
  readonly iteration: number;
}

/** The caller's answer to a report. */
export interface Directions {
  /** End the epoch: `stop` as `stopTraining` does, `abort` as an error does. */
  readonly end: 'stop' | 'abort' | null;
  /** Null: as the command said. */
  readonly rates: LearningRates | null;
}

/** What a training worker calls on the caller's thread. */
export interface RunEvents {
  batchEnd(report: BatchReport): Promise<Directions>;
  progress(report: BatchReport): Promise<Directions>;
}

/** What a caller may ask of a run while an epoch is under way. */
export type Interruption = 'abort' | 'pause' | 'resume';

/** What a worker does. Each is one message and one answer; none of them is about a single step. */
export interface WorkerCommands {
  /** Answered when the worker takes commands. */
  ready(): void;
  open(setup: ModelSetup): Promise<Outcome<ModelSizes>>;
  /** Takes the data over and compiles the programs. @param events where {@link RunEvents} are; the first worker has them */
  prepare(plan: PostedPlan, events: MessagePort | null): Promise<Outcome<null>>;
  trainEpoch(command: EpochCommand): Promise<Outcome<EpochReport>>;
  /** Results of every batch of the worker's validation data, one after the other. */
  validate(): Promise<Outcome<Float64Array>>;
  /** Results of every batch. */
  evaluate(dataset: PostedDataset, batchSize: number): Promise<Outcome<Float64Array>>;
  /** Outputs of every sample, `[N, …]`. */
  predict(dataset: PostedDataset, batchSize: number): Promise<Outcome<Tensor<Float32Array | Float64Array>>>;
  interrupt(interruption: Interruption): void;
  /** Gives the model's memory back; the worker may be opened again. */
  close(): Promise<Outcome<null>>;
}
