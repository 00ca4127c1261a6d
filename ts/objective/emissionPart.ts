import { LazyPart } from '../core/lazyPart.ts';

/** The code with which losses are emitted. It loads with what makes programs. */
export const LOSS_EMISSION = /* @__PURE__ */ new LazyPart('losses in programs', 'backtime/training', () => import('./emission.ts'));
