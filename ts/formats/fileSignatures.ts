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

function startsWith(bytes: Uint8Array, signature: string): boolean {
  return String.fromCharCode(...bytes.subarray(0, signature.length)) === signature;
}
