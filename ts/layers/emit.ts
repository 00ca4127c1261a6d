// The functions of emission.ts, for layers whose classes load before it.
import { EMISSION } from './emissionPart.ts';
import { functionsOf } from './functionsOf.ts';

const later = /* @__PURE__ */ functionsOf(EMISSION);

export const emitActivation = /* @__PURE__ */ later('emitActivation');
export const emitDense = /* @__PURE__ */ later('emitDense');
export const emitDropoutOf = /* @__PURE__ */ later('emitDropoutOf');
export const emitFunction = /* @__PURE__ */ later('emitFunction');
export const emitMove = /* @__PURE__ */ later('emitMove');
export const emitPointwise = /* @__PURE__ */ later('emitPointwise');
export const emitSteps = /* @__PURE__ */ later('emitSteps');
export const copy = /* @__PURE__ */ later('copy');
