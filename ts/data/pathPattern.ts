import { ArgumentError, FileError } from '../core/errors.ts';
import { fileReason } from '../core/fileReason.ts';
import { isNode, nodeModule } from '../core/nodeModule.ts';

type Files = typeof import('node:fs/promises');

/** Whether a source is a pattern of paths. The `?` of an address begins its query. */
export function isPattern(source: unknown): source is string {
  return typeof source === 'string' && /[*?]/.test(source) && !/^[a-z]{2,}:/i.test(source);
}

/**
 * The paths of the files that a pattern fits, in code-point order: `*` stands for any characters of
 * a name, `?` for one, and a part `**` for any folders. Names that begin with a dot fit only
 * parts that do, too. Folders behind links are not entered for `**`.
 * @param owner the function, for error messages
 * @param isWindows whether a backslash separates folders, too. Default: as on this machine
 * @throws {ArgumentError} outside of Node
 * @throws {FileError} when no file matches, or a folder cannot be read
 */
export async function pathsOf(pattern: string, owner: string, isWindows?: boolean): Promise<string[]> {
  if (!isNode()) throw new ArgumentError(`${owner}: '${pattern}' is a pattern of paths, which only Node can list: give Files or addresses`);
  const files = await nodeModule<Files>('node:fs/promises');
  const written = (isWindows ?? process.platform === 'win32') ? pattern.replaceAll('\\', '/') : pattern;
  // Two slashes begin the name of a computer on Windows.
  const [top = ''] = /^\/{0,2}/.exec(written) ?? [];
  const parts = written.split('/').filter((part) => part !== '');
  const paths = new Set<string>();
  try {
    await collect(files, top, parts, paths);
  } catch (cause) {
    throw new FileError(`${owner}: cannot list the files of '${pattern}': ${fileReason(cause)}`, { cause });
  }
  if (paths.size === 0) throw new FileError(`${owner}: no file matches '${pattern}'`);
  return [...paths].sort();
}

/** Adds the files below a folder, '' or ending with `/`, that fit the parts of a pattern. */
async function collect(files: Files, folder: string, [part = '', ...rest]: readonly string[], paths: Set<string>): Promise<void> {
  if (part === '**') await collect(files, folder, rest.length > 0 ? rest : ['*'], paths);
  const isLast = rest.length === 0;
  if (part !== '**' && !isLast && !/[*?]/.test(part)) return collect(files, `${folder}${part}/`, rest, paths);
  const fits = part === '**' ? /^[^.]/ : expressionOf(part);
  for (const entry of await entriesOf(files, folder)) {
    if (!fits.test(entry.name)) continue;
    if (part === '**' && entry.isDirectory()) await collect(files, `${folder}${entry.name}/`, ['**', ...rest], paths);
    if (part === '**') continue;
    if (isLast && !entry.isDirectory()) paths.add(folder + entry.name);
    if (!isLast && !entry.isFile()) await collect(files, `${folder}${entry.name}/`, rest, paths);
  }
}

/** The entries of a folder; none if there is no folder. */
async function entriesOf(files: Files, folder: string) {
  try {
    return await files.readdir(folder || '.', { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** The expression for a part of a pattern. */
function expressionOf(part: string): RegExp {
  const text = part
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${part.startsWith('.') ? '' : '(?!\\.)'}${text}$`, 's');
}
