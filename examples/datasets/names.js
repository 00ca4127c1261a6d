// Family names, and where they are from.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Its path in the shared folder. */
export const NAMES = 'names_nationality';
export const NAMES_SOURCE =
  'the names of the PyTorch tutorial (https://download.pytorch.org/tutorial/data.zip, folder names): a file for each nationality';

/**
 * @typedef {{ name: string, nationality: number }} FamilyName `nationality`: an index into
 *   `nationalities`
 */

/**
 * Reads names of 18 nationalities. One name may be of several.
 * @param {string} folder
 * @returns {{ names: FamilyName[], nationalities: string[] }}
 */
export function readNames(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));
  files.sort();
  const names = files.flatMap((file, nationality) => {
    const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
    return lines.map((name) => ({ name: name.trim(), nationality }));
  });
  return { names, nationalities: files.map((file) => file.replace('.txt', '')) };
}
