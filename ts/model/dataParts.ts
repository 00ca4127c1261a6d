import { LazyPart } from '../core/lazyPart.ts';

/** The code for iterables of batches. It loads with the first. */
export const BATCH_CALLS = /* @__PURE__ */ new LazyPart('iterables as data', 'backtime/inference', () => import('./batchCalls.ts'));

/** The code for data sets. It loads with the first. */
export const OWN_DATA = /* @__PURE__ */ new LazyPart('data sets', 'backtime/inference', () => import('./ownData.ts'));
