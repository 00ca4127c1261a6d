// The functions of moreEmission.ts, for layers whose classes load before it.
import { EMISSION_PARTS, MORE_EMISSION } from './emissionPart.ts';
import { functionsOf } from './functionsOf.ts';

// A program with this module has layers that need the part.
EMISSION_PARTS.add(MORE_EMISSION);

const later = /* @__PURE__ */ functionsOf(MORE_EMISSION);

export const emitAlongAxes = /* @__PURE__ */ later('emitAlongAxes');
export const emitAttentionMask = /* @__PURE__ */ later('emitAttentionMask');
export const emitAttentionWeights = /* @__PURE__ */ later('emitAttentionWeights');
export const emitAxes = /* @__PURE__ */ later('emitAxes');
export const emitBatchNormalization = /* @__PURE__ */ later('emitBatchNormalization');
export const emitBroadcast = /* @__PURE__ */ later('emitBroadcast');
export const emitByNorm = /* @__PURE__ */ later('emitByNorm');
export const emitCRF = /* @__PURE__ */ later('emitCRF');
export const emitConvolution = /* @__PURE__ */ later('emitConvolution');
export const emitEachStep = /* @__PURE__ */ later('emitEachStep');
export const emitElements = /* @__PURE__ */ later('emitElements');
export const emitKept = /* @__PURE__ */ later('emitKept');
export const emitNoise = /* @__PURE__ */ later('emitNoise');
export const emitNormalGroups = /* @__PURE__ */ later('emitNormalGroups');
export const emitNormalRows = /* @__PURE__ */ later('emitNormalRows');
export const emitParts = /* @__PURE__ */ later('emitParts');
export const emitPool = /* @__PURE__ */ later('emitPool');
export const emitProduct = /* @__PURE__ */ later('emitProduct');
export const emitReduce = /* @__PURE__ */ later('emitReduce');
export const emitReorder = /* @__PURE__ */ later('emitReorder');
export const emitScaleAndShift = /* @__PURE__ */ later('emitScaleAndShift');
export const emitTransposedConvolution = /* @__PURE__ */ later('emitTransposedConvolution');
export const emitWeight = /* @__PURE__ */ later('emitWeight');
export const emitZeros = /* @__PURE__ */ later('emitZeros');
export const inReverse = /* @__PURE__ */ later('inReverse');
export const joinedMask = /* @__PURE__ */ later('joinedMask');
export const maskAsFloats = /* @__PURE__ */ later('maskAsFloats');
export const mergedMask = /* @__PURE__ */ later('mergedMask');
