import { readText as readTextOf } from '../node.ts';

/** The most bytes of a text, unpacked: V8 has no longer strings. */
const LARGEST = 2 ** 29 - 24;

/**
 * Reads a text; gzip is unpacked.
 * @param encoding a label of the Encoding Standard. Default UTF-8
 * @throws the errors of the package's `readText`
 */
export function readText(file: string, encoding = 'utf-8'): Promise<string> {
  return readTextOf(file, { encoding, maxBytes: LARGEST });
}
