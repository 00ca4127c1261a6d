import { LazyPart } from '../../core/lazyPart.ts';

/** The code that makes pages of models. It loads with the first. */
export const HTML_FILES = /* @__PURE__ */ new LazyPart('modelToHTML', 'backtime/formats', () => import('./modelToHTML.ts'));
