import { ArgumentError, FormatError } from '../core/errors.ts';

/** Bytes that decide the encoding. */
const SAMPLE = 2 ** 18;

/**
 * The text of bytes in parts, without a mark of the byte order.
 * @param encoding a label such as 'windows-1252'; 'auto': UTF-8 or UTF-16 by their marks or their
 *   bytes, otherwise Windows-1252
 * @throws {ArgumentError} for an unknown encoding
 * @throws {FormatError} when the bytes are no text of the encoding
 */
export async function* decodedParts(parts: AsyncIterable<Uint8Array>, encoding: string, where: string): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  let name = encoding;
  let held: Uint8Array = new Uint8Array(0);
  const decode = (bytes: Uint8Array, isLast: boolean): string => {
    try {
      return (decoder as TextDecoder).decode(bytes, { stream: !isLast });
    } catch (cause) {
      throw new FormatError(`${where} is no text in ${name}: give its encoding, { encoding: 'windows-1252' } for example`, { cause });
    }
  };
  const begin = (): string => {
    if (encoding === 'auto') name = encodingOf(held, where);
    decoder = decoderOf(name, where);
    const text = decode(held, false);
    held = new Uint8Array(0);
    return text;
  };
  for await (const part of parts) {
    if (decoder) yield decode(part, false);
    else {
      held = joined(held, part);
      if (held.length >= SAMPLE) yield begin();
    }
  }
  if (!decoder) yield begin();
  yield decode(held, true);
}

function decoderOf(encoding: string, where: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    throw new ArgumentError(
      `${where}: encoding must be 'auto' or one of the Encoding Standard, such as 'windows-1252', got '${encoding}'`,
      {
        cause,
      },
    );
  }
}

/** The encoding of a file by its first bytes. @throws {FormatError} when they are of no text */
function encodingOf(bytes: Uint8Array, where: string): string {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const zerosFrom = (start: number): number => {
    let zeros = 0;
    for (let place = start; place < bytes.length; place += 2) if (bytes[place] === 0) zeros++;
    return zeros;
  };
  const [even, odd] = [zerosFrom(0), zerosFrom(1)];
  // Latin letters in UTF-16 have a zero in every second byte.
  if (odd > bytes.length / 4 && even === 0) return 'utf-16le';
  if (even > bytes.length / 4 && odd === 0) return 'utf-16be';
  if (even + odd > 0) throw new FormatError(`${where} is no text: it has bytes that are 0. A table is read from CSV, TSV or another text`);
  try {
    // The sample may end inside a character.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
