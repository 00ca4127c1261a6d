import { FormatError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import type { Tensor } from '../core/tensor.ts';
import type { DataSource, ReadOptions } from './dataSource.ts';
import { readWhole } from './readBytes.ts';
import { parseNpy } from './readNpy.ts';
import { ZipArchive } from './zip.ts';

const NAME = 'readNpz';
const SUFFIX = '.npy';

/** See `readNpz` of lazyReaders.ts. */
export async function readNpz(source: DataSource, options: ReadOptions = {}): Promise<Record<string, Tensor>> {
  checkOptions(options, ['maxBytes'], NAME);
  const { name: file, bytes } = await readWhole(source, NAME, options);
  const where = `${NAME}: ${file}`;
  const archive = new ZipArchive(bytes, where, options);
  const names = archive.names.filter((name) => name.endsWith(SUFFIX));
  if (names.length === 0) throw new FormatError(`${where} holds no arrays`);
  // A name such as __proto__ is one like any other.
  const arrays = Object.create(null) as Record<string, Tensor>;
  for (const name of names) {
    const entry = archive.read(name);
    // An entry without compression is a view, and no array shares the memory of another.
    const own = entry.buffer === bytes.buffer ? entry.slice() : entry;
    arrays[name.slice(0, -SUFFIX.length)] = parseNpy(own, `${where}: array '${name}'`);
  }
  return arrays;
}
