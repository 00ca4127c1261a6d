import { LazyPart } from '../core/lazyPart.ts';
import { provideClasses } from '../core/registerClass.ts';
import { loadEmission } from '../layers/emissionPart.ts';
import { loadAllLayers } from '../layers/registry.ts';

/** The code of all other losses, metrics and optimizers. It loads with a file or a worker. */
export const MORE_CLASSES = /* @__PURE__ */ new LazyPart('saved models', 'backtime/formats', () => import('./moreClasses.ts'));

/** Loads the classes of all layers, losses, metrics and optimizers, for a file or a worker. */
export async function loadAllClasses(): Promise<void> {
  await loadAllLayers();
  await loadEmission();
  provideClasses((await MORE_CLASSES.load()).MORE_CLASSES);
}
