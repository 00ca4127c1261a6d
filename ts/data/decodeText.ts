import { ArgumentError, FormatError } from '../core/errors.ts';
import { binaryKindOf } from './binaryFiles.ts';
import { guessEncoding } from './guessEncoding.ts';

/** Bytes that decide the encoding. */
const SAMPLE = 2 ** 18;

/**
 * The text of bytes in parts, without a mark of the byte order.
 * @param encoding a label such as 'windows-1252'; 'auto': by the first bytes
 * @param onEncoding is told the encoding before the first part
 * @throws {ArgumentError} for an unknown encoding
 * @throws {FormatError} when the bytes are no text of the encoding
 */
export async function* decodedParts(
  parts: AsyncIterable<Uint8Array>,
  encoding: string,
  where: string,
  onEncoding: (name: string) => void = () => {},
): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  let name = encoding;
  let held: Uint8Array = new Uint8Array(0);
  const decode = (bytes: Uint8Array, isLast: boolean): string => {
    try {
      return (decoder as TextDecoder).decode(bytes, { stream: !isLast });
    } catch (cause) {
      throw new FormatError(`${where} is not text in ${name}: give its encoding, { encoding: 'windows-1252' } for example`, { cause });
    }
  };
  const begin = (): string => {
    const kind = binaryKindOf(held);
    if (kind !== null)
      throw new FormatError(`${where} is not text: it begins as ${kind} does. A table is read from CSV, TSV or another text`);
    if (encoding === 'auto') name = guessEncoding(held, where);
    decoder = decoderOf(name, where);
    onEncoding(decoder.encoding);
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

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
