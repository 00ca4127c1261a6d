import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { ArgumentError, FileError, FormatError } from '../node.ts';

/** The most bytes of a text, unpacked: V8 has no longer strings. */
const LARGEST = 2 ** 29 - 24;

/**
 * Reads a text; gzip is unpacked.
 * @param encoding a label of the Encoding Standard. Default UTF-8
 * @throws {ArgumentError} for an unknown encoding
 * @throws {FileError} when the file cannot be read or unpacked, or is too large
 * @throws {FormatError} when its bytes are no text of the encoding
 */
export async function readText(file: string, encoding = 'utf-8'): Promise<string> {
  const decoder = decoderOf(encoding);
  let bytes: Uint8Array;
  try {
    const read = await readFile(file);
    bytes = read[0] === 0x1f && read[1] === 0x8b ? gunzipSync(read, { maxOutputLength: LARGEST }) : read;
  } catch (cause) {
    throw new FileError(`cannot read ${file}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  if (bytes.length > LARGEST) throw new FileError(`cannot read ${file}: it has ${bytes.length} bytes, at most ${LARGEST} are possible`);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new FormatError(`${file} is not text in ${encoding}: give its encoding, --encoding windows-1252 for example`, { cause });
  }
}

function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    throw new ArgumentError(`--encoding must be one of the Encoding Standard, such as windows-1252, got '${encoding}'`, { cause });
  }
}
