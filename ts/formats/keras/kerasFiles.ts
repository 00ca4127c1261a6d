import type { FormatCode } from '../modelFormat.ts';
import { encodeArchive } from './encodeArchive.ts';
import { decodeArchive } from './kerasArchive.ts';
import { decodeLegacy } from './legacyModel.ts';

/** An `.h5` file of a whole model, as Keras 2 writes it. */
export const KERAS_LEGACY: FormatCode = { decode: decodeLegacy };

/** A `.keras` file of Keras 3. */
export const KERAS_ARCHIVE: FormatCode = { decode: decodeArchive, encode: encodeArchive };

export { KERAS_WEIGHTS } from './kerasWeights.ts';
