import type { Compilation } from '../objective/compilationTypes.ts';
import type { BatchStates } from '../program/batchStates.ts';
import type { EpochProgress } from '../run/trainer.ts';
import type { ModelState, NamedArray } from './modelState.ts';

/** The model on the caller's thread, as workers need it. */
export interface WorkedModel {
  readonly compilation: Compilation | null;
  readonly progress: EpochProgress;
  /** The states of stateful layers. */
  readonly states: BatchStates;
  /** Whether a layer is stateful. */
  readonly stateful: boolean;
  /** Changes whenever weights are set. */
  readonly version: number;
  /** The state for new workers. Weights without values are missing in it. */
  getState(): ModelState;
  /** Takes over the workers' weights and slots. */
  update(weights: readonly NamedArray[], slots: readonly NamedArray[]): void;
}

/** The code that starts workers. */
export type WorkerDoor = typeof import('../worker/workers.ts');

/** Loads the code that starts workers, when it is first used. */
export async function openWorkerDoor(): Promise<WorkerDoor> {
  // biome-ignore lint/style/noRestrictedImports: workers are loaded when they are used, so the default import stays small
  return import('../worker/workers.ts');
}
