import { ArgumentError } from '../core/errors.ts';
import { encodeText } from '../core/nodeGlobals.ts';
import { crc32 } from './crc.ts';
import { CENTRAL_HEADER, CENTRAL_LENGTH, END, END_LENGTH, LOCAL_HEADER, LOCAL_LENGTH } from './zip.ts';

/** Names are in UTF-8. */
const FLAGS = 1 << 11;
/** The version of the format that reads it, 2.0. */
const VERSION = 20;
/** The first day that the format has, 1980-01-01: the same entries give the same bytes. */
const DATE = (1 << 5) | 1;
const [MOST_ENTRIES, MOST_BYTES, LONGEST_NAME] = [2 ** 16 - 2, 2 ** 32 - 2, 2 ** 16 - 1] as const;

/**
 * Makes a zip archive of entries that are stored as they are.
 * @param entries names and bytes, in the archive's order
 * @param where what is written, for error messages
 * @returns the archive in parts; the bytes of the entries are not copied
 * @throws {ArgumentError} for two entries of one name, a name of more than 65,535 bytes, and for
 *   more than 65,534 entries or 2^32 - 2 bytes, which would need zip64
 */
export function writeZip(entries: Iterable<readonly [name: string, bytes: Uint8Array]>, where: string): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  const names = new Set<string>();
  let place = 0;
  for (const [name, bytes] of entries) {
    if (names.has(name)) throw new ArgumentError(`${where}: two entries have the name '${name}'`);
    names.add(name);
    const encoded = encodeText(name);
    if (encoded.length > LONGEST_NAME)
      throw new ArgumentError(`${where}: a name has ${encoded.length} bytes, at most ${LONGEST_NAME} are possible`);
    // The common fields of both headers: version, flags, method, time, date, CRC-32, sizes,
    // lengths.
    const fields = (view: DataView, at: number): void => {
      [VERSION, FLAGS, 0, 0, DATE].forEach((value, index) => {
        view.setUint16(at + 2 * index, value, true);
      });
      [crc32(bytes), bytes.length, bytes.length].forEach((value, index) => {
        view.setUint32(at + 10 + 4 * index, value, true);
      });
      view.setUint16(at + 22, encoded.length, true);
    };
    const local = record(LOCAL_HEADER, LOCAL_LENGTH, (view) => fields(view, 4));
    const central = record(CENTRAL_HEADER, CENTRAL_LENGTH, (view) => {
      view.setUint16(4, VERSION, true);
      fields(view, 6);
      view.setUint32(42, place, true);
    });
    parts.push(local, encoded, bytes);
    directory.push(central, encoded);
    place += LOCAL_LENGTH + encoded.length + bytes.length;
    if (names.size > MOST_ENTRIES || place > MOST_BYTES)
      throw new ArgumentError(`${where}: an archive has at most ${MOST_ENTRIES} entries and ${MOST_BYTES} bytes`);
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const end = record(END, END_LENGTH, (view) => {
    view.setUint16(8, names.size, true);
    view.setUint16(10, names.size, true);
    view.setUint32(12, length, true);
    view.setUint32(16, place, true);
  });
  return [...parts, ...directory, end];
}

function record(signature: number, length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  write(view);
  return bytes;
}
