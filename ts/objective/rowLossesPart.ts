import { LazyPart } from '../core/lazyPart.ts';
import { EMISSION_PARTS } from '../layers/emissionPart.ts';

/**
 * The code of losses over whole rows. It loads with the code that makes programs, if such a loss is
 * used.
 */
export const ROW_LOSSES = /* @__PURE__ */ new LazyPart('losses over rows', 'backtime/training', () => import('./rowLossCalls.ts'));

// A program with this module has such losses.
EMISSION_PARTS.add(ROW_LOSSES);
