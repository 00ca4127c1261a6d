import { LazyPart } from '../core/lazyPart.ts';
import { ENGINES } from './enginesPart.ts';

/** The code of `fit`, `evaluate`, `predict` and their like. */
export type Calls = typeof import('./calls.ts');

/** It loads with the first call, in parallel with the code that the call needs next. */
export const CALLS = /* @__PURE__ */ new LazyPart<Calls>('fit, evaluate and predict', 'backtime/training', async () => {
  const [calls] = await Promise.all([import('./calls.ts'), ENGINES.load()]);
  return calls;
});
