import { loadBackend } from '../backend/select.ts';
import { FormatError } from '../core/errors.ts';
import { InferenceModel } from '../model/inferenceModel.ts';
import { readModelState } from '../model/readModelState.ts';
import { restored } from '../model/restoreStructure.ts';
import { PACKED } from '../program/packedPart.ts';
import { isHDF5, isJSON, isONNX, isZip } from './fileSignatures.ts';
import { readSource } from './files.ts';
import type { FileSource } from './modelFormat.ts';
import { nameOf } from './modelSource.ts';
import { decodeState } from './safetensorsState.ts';

/**
 * Loads a model for prediction alone, from a .safetensors file of `model.save`. It predicts the
 * same bits as the saved model. The compilation and the training progress are not read.
 *
 *     import { loadModel } from 'backtime/inference';
 *     const model = await loadModel('model.safetensors');
 *     const { data } = await model.predict(['a fine film']);
 *
 * @param source a file name (in a browser an address), or the bytes as a buffer or a `File`
 * @throws {FileError} when the source cannot be read
 * @throws {FormatError} when it is damaged, no model of Backtime, or has a custom layer, whose code
 *   is not here
 * @throws {BackendError} when the runtime has no SIMD, or the kernels cannot be loaded
 */
export async function loadModel(source: FileSource): Promise<InferenceModel> {
  const bytes = await readSource(source);
  const called = nameOf(source) ?? 'the saved model';
  if ([isZip, isHDF5, isJSON, isONNX].some((isOther) => isOther(bytes)))
    throw new FormatError(
      `${called} is a file of another program: backtime/inference reads what Backtime saves as .safetensors. Load it with ` +
        "loadModel of 'backtime' and save it: model.save('model.safetensors')",
    );
  const state = readModelState({ ...decodeState(bytes, called), compile: null });
  const backend = await loadBackend();
  if (state.quantised) await PACKED.loaded.loadQuantisedKernels(backend);
  return restored(() => new InferenceModel(state, backend));
}
