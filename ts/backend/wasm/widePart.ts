import { LazyPart } from '../../core/lazyPart.ts';

/** The code that decides on the build for wide vectors, which few programs use. */
export const WIDE = /* @__PURE__ */ new LazyPart('wide vectors', 'backtime/training', () => import('./wideVectors.ts'));
