import { StateError } from '../core/errors.ts';
import { LazyPart } from '../core/lazyPart.ts';
import { hasEmission, loadEmission } from '../layers/emissionPart.ts';
import { LOSS_EMISSION } from '../objective/emissionPart.ts';

/** The code that runs programs: engines and streams. */
export type Engines = typeof import('./engines.ts');

/**
 * It loads with a backend, in parallel with the code that layers and losses need in programs. So it
 * is there whenever a backend is.
 */
export const ENGINES = /* @__PURE__ */ new LazyPart<Engines>('loadBackend', 'backtime/training', async () => {
  const [engines] = await Promise.all([import('./engines.ts'), loadEmission(), LOSS_EMISSION.load()]);
  return engines;
});

/**
 * The code that runs programs, where it may not be awaited.
 * @throws {StateError} when it has not loaded, which is so outside of Node before `loadBackend`
 */
export function requireEngines(): Engines {
  if (!ENGINES.code || !hasEmission()) throw new StateError('No backend is loaded: await loadBackend() first.');
  return ENGINES.code;
}
