import { LazyPart } from '../../core/lazyPart.ts';

/** The code of callbacks that write files. It loads when training with one begins. */
export const CALLBACK_FILES = /* @__PURE__ */ new LazyPart(
  'callbacks that write files',
  'backtime/formats',
  () => import('./callbackFiles.ts'),
);
