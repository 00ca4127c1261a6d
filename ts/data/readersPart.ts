import { LazyPart } from '../core/lazyPart.ts';

/** The code of the readers of tables and archives. It loads with the first file. */
export const READERS = /* @__PURE__ */ new LazyPart('readers', 'backtime/formats', () => import('./tableReaders.ts'));
