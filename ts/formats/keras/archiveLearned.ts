import { FormatError } from '../../core/errors.ts';
import { decodeText } from '../../core/nodeGlobals.ts';
import type { ZipArchive } from '../../data/zip.ts';
import { HDF5Dataset } from '../hdf5/dataset.ts';
import type { HDF5Group } from '../hdf5/group.ts';
import type { LearnedSource } from './learned.ts';
import { titleOf } from './readLayer.ts';

/** The most numbers that a layer may have learned. */
const MOST_NUMBERS = 2 ** 24;

/** Where a `.keras` file has the tokens of a layer. */
export function vocabularyAsset(group: string): string {
  return `assets/${group}/vocabulary.txt`;
}

/**
 * The learned state of layers of a `.keras` file: tokens are texts of the archive, a line each, and
 * numbers are among the weights.
 */
export function learnedOfArchive(archive: ZipArchive, weights: HDF5Group): LearnedSource {
  return {
    numbers: (layer, group, place) => numbersAt(weights, `${group}/vars/${place}`, titleOf(layer)),
    tokens: (layer, group) => {
      const asset = vocabularyAsset(group);
      if (!archive.has(asset)) throw new FormatError(`${titleOf(layer)} has no vocabulary: the file has no ${asset}`);
      // Python on Windows ends lines in two characters.
      const lines = textOf(archive, asset).split(/\r?\n/);
      // As Keras: the token of a mask is empty, and only it.
      while (lines.length > 0 && lines.at(-1) === '') lines.pop();
      return lines;
    },
  };
}

function textOf(archive: ZipArchive, asset: string): string {
  const bytes = archive.read(asset);
  try {
    return decodeText(bytes, true);
  } catch (error) {
    throw new FormatError(`${asset} is not text in UTF-8`, { cause: error });
  }
}

/** The numbers of a dataset. @throws {FormatError} when there is none, or it is too long */
export function numbersAt(root: HDF5Group, path: string, called: string): number[] {
  const found = root.get(path);
  if (!(found instanceof HDF5Dataset)) throw new FormatError(`${called} has no ${path}: adapt it in Keras, and save the model again`);
  const count = found.shape.reduce((product, size) => product * size, 1);
  if (count > MOST_NUMBERS) throw new FormatError(`${called} has ${count} numbers in ${path}, at most ${MOST_NUMBERS} are read`);
  return Array.from(found.read(), Number);
}
