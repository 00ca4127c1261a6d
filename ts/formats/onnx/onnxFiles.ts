import { FormatError } from '../../core/errors.ts';
import { Model } from '../../model/model.ts';
import { checkMetadata } from '../checkMetadata.ts';
import type { FormatCode } from '../modelFormat.ts';
import { parseJSON } from '../parseJSON.ts';
import { decodeONNX } from './readONNX.ts';
import { encodeONNX, METADATA } from './writeONNX.ts';

/** Files of ONNX, https://onnx.ai. They have no optimizer: a loaded model is not compiled. */
export const ONNX: FormatCode = {
  encode: encodeONNX,
  decode(bytes, { source = 'the saved model' }) {
    const { model, metadata } = decodeONNX(bytes, source);
    const text = metadata.get(METADATA);
    if (text === undefined) return model;
    const where = `${source}: the metadata ${METADATA}`;
    return Model.fromState({ ...model.getState(false), metadata: checkMetadata(parseJSON(text, where), where, FormatError) });
  },
};
