import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FormatError } from '../../../ts/core/errors.ts';
import { writeZip } from '../../../ts/data/writeZip.ts';
import { ZipArchive } from '../../../ts/data/zip.ts';
import { joinedBytes } from '../../../ts/formats/joinedBytes.ts';
import { loadModel, setWarningHandler } from '../../../ts/node.ts';
import { readGolden } from '../../golden/goldenFiles.ts';
import { RandomArrays } from '../../support/randomArrays.ts';

beforeAll(() => setWarningHandler(() => {}));
afterAll(() => setWarningHandler(null));

// Files of Keras that are changed inside of the archive, with the checksums of the new contents:
// configurations as texts and as data, weights and vocabularies.

/**
 * How many files. `BACKTIME_MUTATIONS=100000 npx vitest run test/formats/keras/mutated` looks longer.
 */
const COUNT = Number(process.env.BACKTIME_MUTATIONS ?? 300);
/** Where the random numbers begin. */
const SEED = Number(process.env.BACKTIME_SEED ?? 5);
/** The longest time that a file may take of the processor, in seconds. */
const LONGEST = 20;

const FILES = {
  kerasFiles: ['states_of_an_encoder', 'shared_layers_and_masks', 'nested_models', 'attention', 'bidirectional_rnn', 'convolutions'],
  kerasPreparation: ['a_table', 'models_that_prepare', 'a_chain_of_models', 'lookups_at_different_depths'],
  kerasTraining: ['train_adam', 'train_two_outputs'],
};

type Entries = readonly (readonly [name: string, content: Uint8Array])[];

/** The entries of the archives. */
const ARCHIVES: readonly Entries[] = Object.entries(FILES).flatMap(([golden, names]) => {
  const { models } = readGolden<{ models: readonly { name: string; file: string }[] }>(golden);
  return models
    .filter(({ name }) => names.includes(name))
    .map(({ file }) => {
      const archive = new ZipArchive(new Uint8Array(inflateSync(Buffer.from(file, 'base64'))), 'test');
      return archive.names.map((name) => [name, archive.read(name)] as const);
    });
});

const random = new RandomArrays(SEED);
const below = (count: number) => Math.min(count - 1, Math.floor((random.floats(1, 0, 1)[0] as number) * count));
const oneOf = <T>(values: readonly T[]): T => values[below(values.length)] as T;

/** Values that files should not have at most places. */
const ODD: readonly unknown[] = [
  null,
  true,
  false,
  -1,
  0,
  1,
  2,
  1.5,
  1e9,
  2 ** 53,
  1e300,
  '',
  'x',
  'linear',
  '__proto__',
  [],
  {},
  [[]],
  [null],
];

/** Data with other values, without some, or with parts at the places of others. */
function changedData(text: string): string {
  const root: unknown = JSON.parse(text);
  const places: { readonly parent: Record<string, unknown>; readonly key: string }[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push({ parent: value as Record<string, unknown>, key });
      walk((value as Record<string, unknown>)[key]);
    }
  };
  walk(root);
  for (let count = 1 + below(3); count > 0; count--) {
    const { parent, key } = oneOf(places);
    const kind = below(8);
    if (kind === 0) Reflect.deleteProperty(parent, key);
    else if (kind === 1) parent.PROTO = { units: 1, polluted: true };
    else if (kind === 2 && Array.isArray(parent[key])) parent[key] = [...parent[key], ...parent[key]];
    else if (kind === 3) parent[key] = Array.from({ length: below(200) }).reduce<unknown>((inside) => [inside], null);
    else if (kind < 6) {
      const other = oneOf(places);
      // A copy, because data with a circle has no JSON.
      parent[key] = structuredClone(other.parent[other.key] ?? null);
    } else parent[key] = oneOf(ODD);
  }
  return JSON.stringify(root).replaceAll('"PROTO"', '"__proto__"');
}

function changedBytes(content: Uint8Array): Uint8Array {
  const copy = content.slice();
  for (let count = 1 + below(3); count > 0 && copy.length > 0; count--) {
    const at = below(copy.length);
    const kind = below(4);
    if (kind === 0) copy.copyWithin(at, below(copy.length), Math.min(copy.length, at + below(64)));
    else if (kind === 1) copy.fill(oneOf([0, 255]), at, at + 8);
    else copy[at] = below(256);
  }
  return below(8) === 0 ? copy.subarray(0, below(copy.length + 1)) : copy;
}

function changed(entries: Entries, round: number): Uint8Array {
  const config = round % 2 === 0;
  const target = config ? 'config.json' : oneOf(entries.map(([name]) => name));
  const made = entries.flatMap(([name, content]) => {
    if (name !== target) return [[name, content] as const];
    if (!config && below(20) === 0) return [];
    const asData = config && below(5) > 0;
    return [[name, asData ? new TextEncoder().encode(changedData(new TextDecoder().decode(content))) : changedBytes(content)] as const];
  });
  return joinedBytes(writeZip(made, 'test'));
}

test(
  `${COUNT} files with changed contents are refused with a FormatError, or are models`,
  async () => {
    let refused = 0;
    // Loads the code that reads files.
    await loadModel(joinedBytes(writeZip(ARCHIVES[0] as Entries, 'test')));
    for (let round = 0; round < COUNT; round++) {
      const bytes = changed(oneOf(ARCHIVES), round);
      const start = process.cpuUsage();
      try {
        await loadModel(bytes);
      } catch (error) {
        if (!(error instanceof FormatError)) {
          const where = `round ${round} of seed ${SEED}`;
          if (process.env.BACKTIME_MUTATIONS === undefined) throw new Error(where, { cause: error });
          console.log(where, error);
        }
        refused++;
      }
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1e6, `round ${round}`).toBeLessThan(LONGEST);
    }
    expect(refused).toBeGreaterThan(COUNT / 10);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  },
  60_000 + 500 * COUNT,
);
