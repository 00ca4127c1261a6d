import { FormatError } from '../../core/errors.ts';
import { isHDF5 } from '../fileSignatures.ts';
import { FileBytes } from './fileBytes.ts';
import { HDF5Group } from './group.ts';
import { StoredObjects } from './storedObjects.ts';

/** How many bytes an HDF5 file begins with before the version. */
const SIGNATURE_LENGTH = 8;

/**
 * Opens the bytes of an HDF5 file, as h5py writes it by default. What is inside is read when it is
 * asked for.
 * @param source the file's name, for error messages
 * @param size the bytes of the file that these were unpacked from: what is read may have four
 *   numbers for each of them, and a million beside. Default: those of `bytes`
 * @returns the root group
 * @throws {FormatError} when it is damaged, or uses what this reader does not know: chunk indexes
 *   of HDF5 1.10, fractal heaps, compound types, filters but deflate and shuffle, or links to names
 */
export function readHDF5(bytes: Uint8Array, source: string, size: number = bytes.length): HDF5Group {
  if (!isHDF5(bytes)) throw new FormatError(`${source} is not an HDF5 file: its first bytes differ`);
  const file = new FileBytes(bytes, source, size);
  const cursor = file.at(SIGNATURE_LENGTH);
  const version = cursor.uint(1);
  if (version > 3) throw file.unsupported(`a superblock of version ${version}`);
  if (version < 2) cursor.skip(4);
  const [addressBytes, lengthBytes] = [cursor.uint(1), cursor.uint(1)];
  if (addressBytes !== 8 || lengthBytes !== 8) throw file.unsupported(`addresses of ${addressBytes} and lengths of ${lengthBytes} bytes`);
  cursor.skip(version === 0 ? 9 : version === 1 ? 13 : 1);
  const base = cursor.uint(8);
  if (base !== 0) throw file.unsupported(`a base address of ${base}`);
  cursor.address();
  const end = cursor.uint(8);
  if (end > bytes.length) throw file.damaged(`it is truncated: it had ${end} bytes, but has ${bytes.length}`);
  // The older superblock has the driver's block and the offset of the root's name here.
  if (version < 2) {
    cursor.address();
    cursor.skip(8);
  }
  const objects = new StoredObjects(file);
  return new HDF5Group(objects, objects.at(cursor.uint(8)), 0);
}
