import { LazyPart } from '../../core/lazyPart.ts';

/** The code of files of TF.js. It loads with the first of them. */
export const TFJS_FILES = /* @__PURE__ */ new LazyPart('TF.js files', 'backtime/formats', () => import('./tfjsFiles.ts'));
