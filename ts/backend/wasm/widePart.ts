import { LazyPart } from '../../core/lazyPart.ts';

/** What decides about the build for wide vectors, which few programs ask for. */
export const WIDE = /* @__PURE__ */ new LazyPart('wide vectors', 'backtime/training', () => import('./wideVectors.ts'));
