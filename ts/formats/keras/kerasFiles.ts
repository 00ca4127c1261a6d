import type { FormatCode } from '../modelFormat.ts';
import { decodeArchive } from './kerasArchive.ts';

/** A `.keras` file of Keras 3. */
export const KERAS_ARCHIVE: FormatCode = { decode: decodeArchive };

export { KERAS_WEIGHTS } from './kerasWeights.ts';
