// What a file is, told from its first bytes: names lie, and people drop what they have.

/** Files that the page reads as a table or a text, and those that it only names. */
export type FileKind = 'text' | 'spreadsheet' | 'other';

/** What a file is. */
export interface FileFound {
  readonly kind: FileKind;
  /** Of another file, what to tell the person: a sentence that follows the file's name. */
  readonly advice: string;
}

const TEXT: FileFound = { kind: 'text', advice: '' };
const other = (advice: string): FileFound => ({ kind: 'other', advice });

const MODEL = 'is a trained model, not data. Load it under “Try it”';
const ARCHIVE = 'is an archive. Unpack it first, and drop the files that are in it';
const PHOTO = 'is a picture. This page learns from tables and texts: CSV, Excel, JSON, plain text';

/** The first bytes of files that are no text, and what they are. */
const SIGNATURES: readonly (readonly [string, FileFound])[] = [
  ['\xff\xd8\xff', other(PHOTO)],
  ['\x89PNG', other(PHOTO)],
  ['GIF8', other(PHOTO)],
  ['BM', other(PHOTO)],
  ['II*\0', other(PHOTO)],
  ['MM\0*', other(PHOTO)],
  ['%PDF', other('is a PDF. Copy its table into a spreadsheet, or its text into a text file, and save that')],
  ['{\\rtf', other('is a document of a word processor. Save it as plain text first')],
  ['\xd0\xcf\x11\xe0', other('is a file of an old version of Excel or Word. Open it there, and save it as .xlsx, as CSV or as plain text')],
  ['PAR1', other('is a Parquet file. Write it as CSV first, in Python for example pandas.read_parquet(…).to_csv("data.csv", index=False)')],
  ['\x89HDF', other('is a file of HDF5: a model of Keras, or arrays. This page learns from tables and texts')],
  ['\x93NUMPY', other('is an array of NumPy. Save it as CSV first, with numpy.savetxt("data.csv", array, delimiter=",")')],
  ['\x80\x02', other('is a file of Python (pickle). Save what is in it as CSV first')],
  ['\x80\x04', other('is a file of Python (pickle). Save what is in it as CSV first')],
  ['Rar!', other(ARCHIVE)],
  ["7z\xbc\xaf'", other(ARCHIVE)],
  ['BZh91AY&SY', other(ARCHIVE)],
  ['\xfd7zXZ', other(ARCHIVE)],
  ['(\xb5/\xfd', other(ARCHIVE)],
  ['SQLite', other('is a database. Save the table that you want as CSV first')],
];

/** @param bytes the first of the file, unpacked: some thousand at least, if there are as many */
export function fileKind(bytes: Uint8Array, name: string): FileFound {
  const begin = String.fromCharCode(...bytes.subarray(0, 16));
  if (begin.startsWith('PK\x03\x04')) return zipKind(bytes);
  if (isSafetensors(bytes)) return other(MODEL);
  if (/^RIFF....(WAVE|AVI |WEBP)/s.test(begin) || begin.startsWith('ID3') || begin.startsWith('OggS') || begin.slice(4, 8) === 'ftyp')
    return other('is a sound, a picture or a film. This page learns from tables and texts: CSV, Excel, JSON, plain text');
  const found = SIGNATURES.find(([signature]) => begin.startsWith(signature) && (signature.length > 2 || bytes.includes(0)));
  if (found) return found[1];
  if (/\.(onnx|pt|pth|keras|h5|tflite|pb)$/i.test(name)) return other(MODEL);
  return TEXT;
}

/** Archives are spreadsheets, documents, models or archives, told from the names in them. */
function zipKind(bytes: Uint8Array): FileFound {
  const names = new TextDecoder('latin1').decode(bytes);
  if (/xl\/(workbook|worksheets|_rels|styles|sharedStrings|theme)/.test(names)) return { kind: 'spreadsheet', advice: '' };
  if (names.includes('word/')) return other('is a document of Word. Save it as plain text first');
  if (names.includes('opendocument'))
    return other('is a file of LibreOffice. Open it there, and save it as .xlsx, as CSV or as plain text');
  if (/metadata\.json|model\.weights\.h5|data\.pkl/.test(names)) return other(MODEL);
  return other(ARCHIVE);
}

/** Eight bytes with the length of a header of JSON, which follows. */
function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  return length >= 2 && length < 100_000_000;
}
