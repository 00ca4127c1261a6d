import { LazyPart } from '../core/lazyPart.ts';

/**
 * The code of the wasm backend. Its types are not public: TypeScript for Node alone does not know
 * WebAssembly.
 */
export const WASM = /* @__PURE__ */ new LazyPart('the wasm backend', 'backtime/training', () => import('./wasm/load.ts'));
