import type { Compilation } from './engine.ts';
import type { TrainingProgress } from './fit.ts';
import type { ModelState, NamedArray } from './modelState.ts';

/** What workers need of the model, which stays on the caller's thread. */
export interface WorkedModel {
  readonly compilation: Compilation | null;
  readonly progress: TrainingProgress;
  /** Changes whenever weights are set. */
  readonly version: number;
  /** The state that workers start from: weights without values yet are missing. */
  getState(): ModelState;
  /** Takes over what the workers made of it. */
  update(weights: readonly NamedArray[], slots: readonly NamedArray[]): void;
}

/** The code that starts workers. */
export type WorkerDoor = typeof import('../worker/workers.ts');

/** Loads it when it is first used. */
export async function openWorkerDoor(): Promise<WorkerDoor> {
  // biome-ignore lint/style/noRestrictedImports: workers are loaded when they are used, so the default import stays small
  return import('../worker/workers.ts');
}
