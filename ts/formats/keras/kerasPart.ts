import { LazyPart } from '../../core/lazyPart.ts';

/** The code of Keras's files. It loads with the first of them. */
export const KERAS_FILES = /* @__PURE__ */ new LazyPart('Keras files', 'backtime/formats', () => import('./kerasFiles.ts'));
