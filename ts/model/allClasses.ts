import { FormatError } from '../core/errors.ts';
import { LazyPart } from '../core/lazyPart.ts';
import { loadHint, provideClasses } from '../core/registerClass.ts';
import { loadEmission } from '../layers/emissionPart.ts';
import { loadAllLayers } from '../layers/registry.ts';
import type { ModelState, ModelStateLike } from './modelState.ts';

/**
 * The code of all other losses, metrics and optimizers, and of reading states. It loads with a file
 * or a worker.
 */
export const MORE_CLASSES = /* @__PURE__ */ new LazyPart('saved models', 'backtime/formats', () => import('./moreClasses.ts'));

/**
 * Checks a state.
 * @throws {FormatError} when it is invalid, or the code has not loaded
 * @throws {ArgumentError} naming an element of an array from JSON that is not a number
 */
export function readState(state: ModelStateLike): ModelState {
  if (!MORE_CLASSES.code) throw new FormatError(`fromState${loadHint()}`);
  return MORE_CLASSES.code.readModelState(state);
}

/** Loads the classes of all layers, losses, metrics and optimizers, for a file or a worker. */
export async function loadAllClasses(): Promise<void> {
  await loadAllLayers();
  await loadEmission();
  provideClasses((await MORE_CLASSES.load()).MORE_CLASSES);
}
