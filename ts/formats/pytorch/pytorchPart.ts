import { LazyPart } from '../../core/lazyPart.ts';

/** The code of PyTorch's files. It loads with the first of them. */
export const PYTORCH_FILES = /* @__PURE__ */ new LazyPart('files of PyTorch', 'backtime/formats', () => import('./pytorchWeights.ts'));
