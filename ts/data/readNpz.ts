import { type Unzipped, unzipSync } from 'fflate';
import { FormatError } from '../core/errors.ts';
import { isError } from '../core/tags.ts';
import type { Tensor } from '../core/tensor.ts';
import { bytesOf, type DataSource, openSource } from './readBytes.ts';
import { readNpy } from './readNpy.ts';

const NAME = 'readNpz';
/** The most bytes that an archive may unpack to. */
const LARGEST = 2 ** 32;

/** See `readNpz` of lazyReaders.ts. */
export async function readNpz(source: DataSource): Promise<Record<string, Tensor>> {
  const opened = openSource(source, NAME);
  const bytes = await bytesOf(opened);
  let total = 0;
  let files: Unzipped;
  try {
    files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        total += originalSize;
        if (total > LARGEST) throw new FormatError(`${NAME}: ${opened.name} unpacks to more than ${LARGEST} bytes`);
        return name.endsWith('.npy');
      },
    });
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(`${NAME}: ${opened.name} is no archive of numpy.savez: ${isError(cause) ? cause.message : String(cause)}`, {
      cause,
    });
  }
  const names = Object.keys(files);
  if (names.length === 0) throw new FormatError(`${NAME}: ${opened.name} holds no arrays`);
  const arrays: [string, Tensor][] = [];
  for (const name of names) {
    try {
      arrays.push([name.slice(0, -'.npy'.length), await readNpy(files[name] as Uint8Array)]);
    } catch (cause) {
      if (!(cause instanceof FormatError)) throw cause;
      throw new FormatError(`${NAME}: array '${name}' of ${opened.name}: ${cause.message}`, { cause });
    }
  }
  // A name such as __proto__ is one like any other.
  return Object.assign(Object.create(null), Object.fromEntries(arrays)) as Record<string, Tensor>;
}
