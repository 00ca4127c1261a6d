import { LazyPart } from '../core/lazyPart.ts';

/** The code of `forward`. It loads with the first pass. */
export const OWN_STEPS = /* @__PURE__ */ new LazyPart('forward', 'backtime/training', () => import('./ownSteps.ts'));
