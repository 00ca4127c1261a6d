import { shortened } from '../core/describe.ts';
import { FormatError } from '../core/errors.ts';
import { decodeText } from '../core/nodeGlobals.ts';
import { isError } from '../core/tags.ts';

/** A text in quotation marks, or what Python writes for a number that JSON does not have. */
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/gs;

/**
 * Parses a JSON file of another program. Python writes `Infinity`, which JSON does not have; JSON's
 * numbers beyond the largest one stand for it.
 * @param source the text, or its bytes in UTF-8
 * @param what the file or its part, for error messages
 * @throws {FormatError} when it is no JSON
 */
export function parseJSON(source: string | Uint8Array, what: string): unknown {
  let text = '';
  try {
    text = typeof source === 'string' ? source : decodeText(source, true);
    return JSON.parse(text);
  } catch (error) {
    const written = text.replace(TEXT_OR_NUMBER, (found) => (found.endsWith('Infinity') ? found.replace('Infinity', '1e999') : found));
    try {
      if (written !== text) return JSON.parse(written);
    } catch {
      // The first error is about the text of the file.
    }
    const reason = isError(error) ? shortened(error.message, 200) : String(error);
    throw new FormatError(`${what} is not JSON, so it is damaged or incomplete: ${reason}`, { cause: error });
  }
}
