import { LazyPart } from '../../core/lazyPart.ts';

/** The code of ONNX files. It loads with the first of them. */
export const ONNX_FILES = /* @__PURE__ */ new LazyPart('ONNX files', 'backtime/formats', () => import('./onnxFiles.ts'));
