import { LazyPart } from '../core/lazyPart.ts';

/** The code with which recurrent layers are emitted. It loads with what makes programs. */
export const RECURRENT_EMISSION = /* @__PURE__ */ new LazyPart(
  'recurrent layers',
  'backtime/inference',
  () => import('./emitRecurrent.ts'),
);
