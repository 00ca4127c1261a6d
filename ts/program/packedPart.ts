import { LazyPart } from '../core/lazyPart.ts';

/** The code that programs need for integer weights. It loads with a model that has some. */
export const PACKED = /* @__PURE__ */ new LazyPart('quantised models', 'backtime/training', () => import('./packedWeights.ts'));
