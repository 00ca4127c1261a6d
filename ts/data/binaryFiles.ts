/** How files begin that are no text, with bytes that no text begins with, whatever its encoding. */
const BEGINNINGS: readonly (readonly [bytes: string, kind: string])[] = [
  ['\u0089PNG\r\n', 'a PNG image'],
  ['\u00ff\u00d8\u00ff', 'a JPEG image'],
  ['GIF87a', 'a GIF image'],
  ['GIF89a', 'a GIF image'],
  ['%PDF-', 'a PDF document'],
  ['PK\u0003\u0004', 'a zip archive, such as .xlsx,'],
  ['\u00d0\u00cf\u0011\u00e0', 'an old file of a spreadsheet program'],
  ['7z\u00bc\u00af', 'a 7z archive'],
  ['Rar!\u001a', 'a RAR archive'],
  ['BZh91AY&SY', 'a bzip2 archive'],
  ['\u00fd7zXZ', 'an xz archive'],
  ['(\u00b5/\u00fd', 'a zstd archive'],
  ['PAR1\u0015', 'a Parquet file'],
  ['\u0089HDF\r\n', 'an HDF5 file'],
  ['\u0093NUMPY', 'an array of NumPy'],
];

const LONGEST = Math.max(...BEGINNINGS.map(([bytes]) => bytes.length));

/** What a file is that begins with these bytes and is no text; null for all others. */
export function binaryKindOf(bytes: Uint8Array): string | null {
  const begin = String.fromCharCode(...bytes.subarray(0, LONGEST));
  return BEGINNINGS.find(([signature]) => begin.startsWith(signature))?.[1] ?? null;
}
