import type { FormatCode } from '../modelFormat.ts';
import { decodeLayersModel, prepareLayersModel } from './layersModel.ts';

/** A layers model of TF.js: model.json, and the files with its weights. */
export const LAYERS_MODEL: FormatCode = { prepare: prepareLayersModel, decode: decodeLayersModel };
