// `backtime/inference`: saved models that only predict. It is a file of its own that loads nothing
// else but the kernels, and has no code of training: no optimizer, loss, callback or worker.
import * as wasm from './backend/wasm/load.ts';
import { WASM } from './backend/wasmPart.ts';
import { provideClasses } from './core/registerClass.ts';
import * as emission from './layers/emission.ts';
import { EMISSION, MORE_EMISSION } from './layers/emissionPart.ts';
import * as initializers from './layers/initializerClasses.ts';
import * as moreEmission from './layers/moreEmission.ts';
import * as moreLayers from './layers/moreLayers.ts';
import { MORE_LAYERS } from './layers/registry.ts';

export type { BackendName, BackendOptions } from './backend/select.ts';
export { loadBackend, setBackend } from './backend/select.ts';
export * from './core/errors.ts';
export type { FloatArray, Tensor, TensorLike } from './core/tensor.ts';
export { setWarningHandler, type WarningHandler } from './core/warnings.ts';
export type { InputsLike } from './feed/checkData.ts';
export { loadModel } from './formats/loadInferenceModel.ts';
export type { FileSource } from './formats/modelFormat.ts';
export type { SampleShape } from './layers/spec.ts';
export type { NestedTexts } from './layers/texts.ts';
export type { InferenceInput, InferenceModel, InferenceOptions, InferencePrediction } from './model/inferenceModel.ts';
export type { JsonValue, Metadata } from './model/metadata.ts';

WASM.provide(wasm);
EMISSION.provide(emission);
MORE_EMISSION.provide(moreEmission);
MORE_LAYERS.provide(moreLayers);
provideClasses(initializers as never);
