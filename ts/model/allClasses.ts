import { provideClasses } from '../core/registerClass.ts';
import { loadAllLayers } from '../layers/registry.ts';

/** Loads the classes of all layers, losses, metrics and optimizers, for a file or a worker. */
export async function loadAllClasses(): Promise<void> {
  await loadAllLayers();
  provideClasses((await import('./moreClasses.ts')).MORE_CLASSES);
}
