import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  /** Folder of the IMDB reviews; null: the movie review sentences that the project carries. */
  imdb: string | null;
  /** Epochs of every network; null: each network's own number. */
  epochs: number | null;
  /** How many seeds each network is trained from, one run a seed. */
  seeds: number;
  /** Few sentences and one epoch, to see that everything runs. */
  quick: boolean;
  /** Folder that the picture, the model and its vocabulary are written to. */
  output: string;
  backend: 'wasm' | 'reference';
  /** Only print the usage. */
  help: boolean;
}

export const USAGE = `npm run demo -- [options]
  --imdb DIR        the article's own experiment on the IMDB reviews in DIR (20,000 to learn from, 100 words, 20 epochs)
  --epochs N        epochs of every network
  --seeds N         train every network N times, from the seeds 42, 43, …; print medians and ranges (default 1)
  --quick           few sentences and one epoch, to see that everything runs
  --output DIR      where the picture and the model go (default demo-output)
  --backend NAME    wasm (default) or reference (pure TypeScript, float64)`;

/** A command line that cannot be understood; the message says why. */
export class UsageError extends Error {}

/** @throws {UsageError} */
export function readOptions(args: string[]): Options {
  const values = parse(args);
  if (values.backend !== 'wasm' && values.backend !== 'reference') {
    throw new UsageError(`--backend must be wasm or reference, got '${values.backend}'`);
  }
  return {
    imdb: values.imdb ?? null,
    epochs: values.epochs === undefined ? null : readCount('--epochs', values.epochs),
    seeds: readCount('--seeds', values.seeds),
    quick: values.quick,
    output: values.output,
    backend: values.backend,
    help: values.help,
  };
}

function readCount(option: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new UsageError(`${option} must be a whole number of at least 1, got '${value}'`);
  return Number(value);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        imdb: { type: 'string' },
        epochs: { type: 'string' },
        seeds: { type: 'string', default: '1' },
        quick: { type: 'boolean', default: false },
        output: { type: 'string', default: 'demo-output' },
        backend: { type: 'string', default: 'wasm' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
