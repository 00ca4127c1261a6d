import { LazyPart } from '../core/lazyPart.ts';

/** The code for iterables of batches. It loads with the first one. */
export const BATCH_CALLS = /* @__PURE__ */ new LazyPart('iterables as data', 'backtime/training', () => import('./batchCalls.ts'));

/** The code for calls that are computed together. It loads with the first. */
export const GROUPED_CALLS = /* @__PURE__ */ new LazyPart('maxDelay', 'backtime/training', () => import('./groupedCalls.ts'));

/** The code for data sets. It loads with the first. */
export const OWN_DATA = /* @__PURE__ */ new LazyPart('data sets', 'backtime/training', () => import('./ownData.ts'));
