import { LazyPart } from '../core/lazyPart.ts';

/** The code of runs that a callback keeps. It loads with the first. */
export const KEPT_RUN = /* @__PURE__ */ new LazyPart('BackupAndRestore', 'backtime/training', () => import('./keptRun.ts'));
