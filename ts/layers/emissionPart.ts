import { LazyPart } from '../core/lazyPart.ts';

/**
 * The code with which the layers of nearly every model are emitted. It loads with what makes
 * programs.
 */
export const EMISSION = /* @__PURE__ */ new LazyPart('layers in programs', 'backtime/inference', () => import('./emission.ts'));
