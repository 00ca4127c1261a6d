import type { CallbackOf } from './callback.ts';

/** A run of `fit`, as a callback sees it that saves the run and continues it in a later `fit`. */
export interface KeepableRun {
  /**
   * The state with which the run is resumed: plain data with typed arrays, which are copies.
   * @param epoch the epoch that runs, or between two epochs the next one
   */
  getState(epoch: number): unknown;
  /**
   * Continues with a state, before anything of the run is set up.
   * @throws {FormatError} when it does not fit the model; nothing has changed then
   * @throws {StateError} while another call runs the model
   * @throws {ArgumentError} when it ends within an epoch that this run divides into other batches
   */
  setState(state: unknown): void;
  /**
   * Gives the callbacks what they kept in the run before.
   * @throws {ArgumentError} when the run has other callbacks
   */
  setCallbackStates(): void;
}

/**
 * The function of a {@link RunKeeper}. `fit` calls it before anything of the run is set up, and
 * calls what it returns when the run has ended without an error. The functions of a keeper are
 * called after those of all other callbacks, so that it saves what these have done. It is a symbol
 * because `fit` has one keeper, and no name for users to find it by.
 */
export const keepRun: unique symbol = /* @__PURE__ */ Symbol('keepRun');

/** A callback that keeps a run. */
export interface RunKeeper extends CallbackOf {
  [keepRun](run: KeepableRun): Promise<() => Promise<void>>;
}

/** Whether a callback keeps a run. */
export function isRunKeeper(callback: CallbackOf): callback is RunKeeper {
  return keepRun in callback;
}
