import { FormatError } from '../core/errors.ts';
import { Model } from '../model/model.ts';
import type { ModelState } from '../model/modelState.ts';
import { Sequential } from '../model/sequential.ts';
import type { FormatCode } from './modelFormat.ts';
import { decodeState, encodeState } from './safetensorsState.ts';

/** Backtime's own format: weights and optimizer slots are tensors, the rest is in the metadata. */
export const SAFETENSORS_MODEL: FormatCode = {
  encode: encodeState,
  decode: (bytes, { source, compile }) => decodeModel(bytes, source, compile),
};

/**
 * Decodes a model. It predicts the same bits as the saved model, and continues its training.
 * Weights that are not finite, as after a diverged training, are loaded unchanged.
 * @param source the name of the source, for error messages
 * @param compile whether it is compiled as the saved model was
 * @throws {FormatError} when the bytes are truncated, corrupt, or not a model of Backtime
 */
function decodeModel(bytes: Uint8Array, source: string | undefined, compile: boolean): Model {
  const read = decodeState(bytes, source ?? 'the saved model');
  try {
    const state = compile ? read : { ...read, compile: null };
    // A description that is no object is refused by either.
    return (state as ModelState | null)?.graph === undefined ? Sequential.fromState(state) : Model.fromState(state);
  } catch (error) {
    // The messages about a state already mention the saved model.
    if (error instanceof FormatError && source !== undefined) throw new FormatError(`${source}: ${error.message}`, { cause: error });
    throw error;
  }
}
