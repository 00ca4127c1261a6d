import { LazyPart } from '../core/lazyPart.ts';
import { EMISSION_PARTS } from '../layers/emissionPart.ts';

/** What losses over whole rows compute. It loads with what makes programs, if one is there. */
export const ROW_LOSSES = /* @__PURE__ */ new LazyPart('losses over rows', 'backtime/training', () => import('./rowLossCalls.ts'));

// A program with this module has such losses.
EMISSION_PARTS.add(ROW_LOSSES);
