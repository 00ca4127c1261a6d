import { LazyPart } from '../core/lazyPart.ts';

/** What programs need of weights that are integers. It loads with a model that has some. */
export const PACKED = /* @__PURE__ */ new LazyPart('quantised models', 'backtime/training', () => import('./packedWeights.ts'));
