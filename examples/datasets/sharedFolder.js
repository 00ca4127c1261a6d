// Data that the project must not contain, because of its licence, is in a folder beside the
// project.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the examples look for such data: in `shared/data` beside the project's folder. */
export const SHARED_FOLDER = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/**
 * The path of data in the shared folder. When it is missing, the program ends and says what to do.
 * @param {string} folder the shared folder
 * @param {string} name the data's path in it
 * @param {string} source what the data is and where to get it
 */
export function requireShared(folder, name, source) {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  console.error(`There is no ${path}.\nThis example needs ${source}.`);
  console.error(`Put it there, or say with --data FOLDER in which folder ${name} is.`);
  process.exit(1);
}
