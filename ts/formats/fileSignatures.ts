import { describe } from '../core/describe.ts';

/** Whether bytes begin as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return startsWith(bytes, 'PK\u0003\u0004');
}

/** Whether bytes begin as an HDF5 file does. */
export function isHDF5(bytes: Uint8Array): boolean {
  return startsWith(bytes, '\u0089HDF\r\n\u001a\n');
}

/**
 * Whether bytes begin as an object in JSON does. The length of the header at the beginning of a
 * safetensors file has zeros instead.
 */
export function isJSON(bytes: Uint8Array): boolean {
  const text = String.fromCharCode(...bytes.subarray(0, 8));
  return /^(\u00ef\u00bb\u00bf)?\s*\{/.test(text) && !text.includes('\0');
}

/**
 * Whether bytes begin as an ONNX file does: with the version of the format, a number below 128, and
 * another field. A safetensors file begins with a length below 2^24 in eight bytes.
 */
export function isONNX(bytes: Uint8Array): boolean {
  const [tag, version, next, ...rest] = bytes.subarray(0, 8) as unknown as readonly number[];
  return tag === 8 && (version as number) > 0 && (version as number) < 128 && (next as number) > 7 && rest.some((byte) => byte !== 0);
}

/**
 * Whether bytes can be a safetensors file: a length of eight bytes, then an object in JSON. Texts
 * and files of other formats rarely have a brace at this place.
 */
export function isSafetensors(bytes: Uint8Array): boolean {
  return bytes.length <= 8 ? bytes.length === 8 : bytes[8] === 0x7b;
}

/** Whether bytes begin as a `.keras` file does: one of its files is the first of the archive. */
export function isKerasArchive(bytes: Uint8Array): boolean {
  const [PLACE_OF_LENGTH, PLACE_OF_NAME] = [26, 30];
  const length = (bytes[PLACE_OF_LENGTH] as number) + 256 * (bytes[PLACE_OF_LENGTH + 1] as number);
  const name = isZip(bytes) ? String.fromCharCode(...bytes.subarray(PLACE_OF_NAME, PLACE_OF_NAME + Math.min(length, 64))) : '';
  return name === 'metadata.json' || name === 'config.json' || name === 'model.weights.h5';
}

/** How bytes begin, for an error message. */
export function beginningOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'it is empty';
  const text = String.fromCharCode(...bytes.subarray(0, 24));
  return /^[\t\n\r\x20-\x7e]*$/.test(text) ? `it begins with ${describe(text)}` : 'it begins with bytes of none of them';
}

function startsWith(bytes: Uint8Array, signature: string): boolean {
  return String.fromCharCode(...bytes.subarray(0, signature.length)) === signature;
}
