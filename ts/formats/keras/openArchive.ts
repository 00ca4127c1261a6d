import { ZipArchive } from '../../data/zip.ts';

/**
 * The bytes that a `.keras` file may unpack to for each of its own, and beside. Keras packs
 * nothing. Where others pack it, weights hardly shrink, and an optimizer has few zeros for each of
 * them.
 */
const [UNPACKED_FOR_BYTE, UNPACKED_BESIDE] = [16, 2 ** 22] as const;

/**
 * Opens a `.keras` file.
 * @param where what is read, for error messages
 * @throws {FormatError} when it is no zip archive, is damaged, or unpacks to more than 16 times its
 *   bytes and 4 MiB
 */
export function openArchive(bytes: Uint8Array, where: string): ZipArchive {
  return new ZipArchive(bytes, where, { maxBytes: UNPACKED_FOR_BYTE * bytes.length + UNPACKED_BESIDE });
}
