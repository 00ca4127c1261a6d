import { LazyPart } from '../core/lazyPart.ts';
import type { ModelState } from './modelState.ts';
import type { SaveOptions } from './saveOptions.ts';

/** The code of saved files. It loads with the first file. */
export const SAVED_FILES = /* @__PURE__ */ new LazyPart(
  'saved models',
  'backtime/formats',
  // biome-ignore lint/style/noRestrictedImports: formats load when they are used, so the default import stays small
  () => import('../formats/savedModel.ts'),
);

/** A model, as far as a save needs it. */
interface Saved {
  readonly built: boolean;
  readonly weights: readonly { readonly known: boolean }[];
  getState(includeOptimizer?: boolean): ModelState;
}

/**
 * The state that a save called now has to store: the model may change while the code of saved files
 * loads. Null where that code takes the state: weights without values get them from a backend
 * first.
 */
export function stateToSave(model: Saved, options?: SaveOptions): ModelState | null {
  return model.built && model.weights.every(({ known }) => known) ? model.getState(options?.includeOptimizer !== false) : null;
}
