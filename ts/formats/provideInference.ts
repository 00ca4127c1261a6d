import * as wasm from '../backend/wasm/load.ts';
import { WASM } from '../backend/wasmPart.ts';
import { provideClasses } from '../core/registerClass.ts';
import * as emission from '../layers/emission.ts';
import { EMISSION, MORE_EMISSION } from '../layers/emissionPart.ts';
import * as initializers from '../layers/initializerClasses.ts';
import * as moreEmission from '../layers/moreEmission.ts';
import * as moreLayers from '../layers/moreLayers.ts';
import { MORE_LAYERS } from '../layers/registry.ts';
import { PACKED } from '../program/packedPart.ts';
import * as packedWeights from '../program/packedWeights.ts';

/** Gives models that only predict the code of the kernels and of all layers. */
export function provideInference(): void {
  WASM.provide(wasm);
  EMISSION.provide(emission);
  MORE_EMISSION.provide(moreEmission);
  MORE_LAYERS.provide(moreLayers);
  PACKED.provide(packedWeights);
  provideClasses(
    initializers as never,
    "backtime/inference has no code of your own: load the model with loadModel of 'backtime', which has registerClass and customObjects",
  );
}
