import type { FormatCode } from '../modelFormat.ts';
import { encodeArchive } from './encodeArchive.ts';
import { decodeArchive } from './kerasArchive.ts';

/** A `.keras` file of Keras 3. */
export const KERAS_ARCHIVE: FormatCode = { decode: decodeArchive, encode: encodeArchive };

export { KERAS_WEIGHTS } from './kerasWeights.ts';
