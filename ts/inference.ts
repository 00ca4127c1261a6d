// `backtime/inference`: saved models that only predict. It is a file of its own that loads nothing
// else but the kernels, and has no code of training: no optimizer, loss, callback or worker.
import { provideInference } from './formats/provideInference.ts';

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

provideInference();
