import { LazyPart } from '../core/lazyPart.ts';
import { EMISSION_PARTS } from '../layers/emissionPart.ts';

/** The code that generates ids. It loads with what makes programs, where `generate` is there. */
export const GENERATION = /* @__PURE__ */ new LazyPart('generate', 'backtime/training', () => import('./generation.ts'));

// `generate` may not be awaited.
EMISSION_PARTS.add(GENERATION);
