import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { writeZip } from '../../ts/data/writeZip.ts';
import { joinedBytes } from '../../ts/formats/joinedBytes.ts';
import { decodeSafetensors, encodeSafetensors } from '../../ts/formats/safetensors.ts';
import {
  BacktimeError,
  BatchNormalization,
  Bidirectional,
  Dense,
  Embedding,
  GRU,
  LSTM,
  loadModel,
  type Model,
  readNpz,
  Sequential,
  setWarningHandler,
  TimeDistributed,
} from '../../ts/node.ts';
import { readGolden } from '../golden/goldenFiles.ts';
import { startOn } from '../support/modelBackends.ts';
import { RandomArrays } from '../support/randomArrays.ts';

// Files of weights and arrays, and .h5 files of whole models, with bytes that were changed. The
// other formats of models have tests of their own.

// What a file means is decided before a backend is asked, so one backend stands for all.
const backend = await loadBackend('reference');
beforeAll(() => {
  startOn(backend);
  setWarningHandler(() => {});
});
afterAll(() => setWarningHandler(null));

/**
 * Files of each format. `BACKTIME_MUTATIONS=100000 npx vitest run test/formats/mutatedWeights` looks
 * longer.
 */
const COUNT = Number(process.env.BACKTIME_MUTATIONS ?? 200);
const SEED = Number(process.env.BACKTIME_SEED ?? 1);
/** The most that a file of a few kilobytes may take of a processor, in microseconds. */
const LONGEST = 20_000_000;

/** Changes some bytes, most of them where the file has something, or copies or cuts a piece. */
function mutated(bytes: Uint8Array, random: RandomArrays, upTo = bytes.length): Uint8Array {
  const changed = bytes.slice();
  for (let count = 1 + random.integer(4); count > 0; count--) {
    let place = random.integer(upTo);
    if (random.integer(2) === 0) while (place < upTo - 1 && changed[place] === 0) place++;
    const kind = random.integer(8);
    if (kind === 0) changed.copyWithin(place, random.integer(upTo), random.integer(upTo));
    else if (kind === 1) changed.fill([0, 255][random.integer(2)] as number, place, place + 8);
    else changed[place] = kind < 5 ? random.integer(256) : (changed[place] as number) ^ (1 << random.integer(8));
  }
  return random.integer(16) === 0 ? changed.subarray(0, random.integer(bytes.length)) : changed;
}

interface Format {
  readonly label: string;
  /** Makes what reads a changed file. */
  readonly begin: () => Promise<(random: RandomArrays, index: number) => Promise<unknown>>;
}

const inflated = (base64 = '') => new Uint8Array(inflateSync(Buffer.from(base64, 'base64')));

/** The model `chain` of scripts/golden/kerasWeights.py. */
const chain = () =>
  new Sequential([
    new Embedding(7, 3, { inputShape: [5] }),
    new Bidirectional(new LSTM(2, { returnSequences: true })),
    new TimeDistributed(new Dense(4)),
    new BatchNormalization(),
    new GRU(3),
    new Dense(2, { activation: 'softmax' }),
  ]);
const recurrent = () => new Sequential([new LSTM(4, { inputShape: [5, 3] })]);

/** Reads changed files of weights into one model. */
async function weightsOf(model: Model, files: readonly Uint8Array[], format?: 'keras' | 'pytorch', header = false) {
  const start = model.getWeights();
  return async (random: RandomArrays, index: number) => {
    const file = files[index % files.length] as Uint8Array;
    // Most changes of safetensors are in the header.
    const end = header && index % 8 > 0 ? 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true)) : file.length;
    const options = { ...(format ? { format } : {}), skipMismatch: index % 3 === 0, byName: index % 5 === 0 };
    try {
      await model.loadWeights(mutated(file, random, end), format === 'pytorch' ? { format, skipMismatch: options.skipMismatch } : options);
    } catch (error) {
      // No weight has changed.
      expect(model.getWeights()).toEqual(start);
      throw error;
    }
    model.setWeights(start);
  };
}

const keras = () => readGolden<{ models: readonly { name: string; files: Readonly<Record<string, string>> }[] }>('kerasWeights').models[0];

const FORMATS: readonly Format[] = [
  {
    label: '.h5 of whole models of Keras 2',
    begin: async () => {
      const { models, training } = readGolden<Record<'models' | 'training', readonly { file: string }[]>>('kerasLegacy');
      const files = [...models, ...training].map(({ file }) => inflated(file));
      return async (random, index) => {
        const model = await loadModel<Model>(mutated(files[index % files.length] as Uint8Array, random));
        model.dispose();
      };
    },
  },
  { label: '.weights.h5', begin: () => weightsOf(chain(), [inflated(keras()?.files['weights.h5'])]) },
  { label: '.h5 of weights', begin: () => weightsOf(chain(), [inflated(keras()?.files.h5), inflated(keras()?.files['whole h5'])]) },
  {
    label: 'safetensors of PyTorch',
    begin: () => {
      const { layers } = JSON.parse(readFileSync(new URL('../golden/pytorch.json', import.meta.url), 'utf8')) as {
        layers: Readonly<Record<string, { safetensors: string }>>;
      };
      return weightsOf(recurrent(), [new Uint8Array(Buffer.from(layers.lstm?.safetensors ?? '', 'base64'))], 'pytorch', true);
    },
  },
  {
    label: 'safetensors of saveWeights',
    begin: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'backtime-'));
      const model = chain();
      await model.saveWeights(join(folder, 'w.safetensors'));
      const { tensors, metadata } = decodeSafetensors(new Uint8Array(await readFile(join(folder, 'w.safetensors'))), 'the test');
      await rm(folder, { recursive: true });
      // A checksum would refuse every change.
      const { checksum: _, ...rest } = metadata;
      return weightsOf(model, [encodeSafetensors({ tensors, metadata: rest })], undefined, true);
    },
  },
  {
    label: '.npz',
    begin: async () => {
      const { arrays } = readGolden<{ arrays: readonly { bytes: string }[] }>('npy');
      const files = arrays.map(({ bytes }) => new Uint8Array(Buffer.from(bytes, 'base64')));
      const entries = files.map((bytes, index) => [`${index}.npy`, bytes] as const);
      return async (random, index) => {
        const place = random.integer(entries.length);
        // Half of the changes are behind the header of an array.
        const head = index % 2 === 0 ? 0 : 128;
        const inside = entries.map(([name, bytes], at) => {
          if (at !== place) return [name, bytes] as const;
          return [name, joinedBytes([bytes.subarray(0, head), mutated(bytes.subarray(head), random)])] as const;
        });
        await readNpz(index % 5 === 0 ? mutated(joinedBytes(writeZip(entries, 'test')), random) : joinedBytes(writeZip(inside, 'test')));
      };
    },
  },
];

describe.each(FORMATS)('files of $label', ({ begin }) => {
  test(`with changes are read, or refused with an error that says so: ${COUNT} files`, { timeout: 60_000 + 500 * COUNT }, async () => {
    const read = await begin();
    let refused = 0;
    for (let index = 0; index < COUNT; index++) {
      const where = `BACKTIME_SEED=${SEED + index}, file ${index}`;
      const begun = process.cpuUsage();
      try {
        await read(new RandomArrays(SEED + index), index);
      } catch (error) {
        if (!(error instanceof BacktimeError) || error.code === 'INTERNAL') throw new Error(where, { cause: error });
        refused++;
      }
      const { user, system } = process.cpuUsage(begun);
      if (user + system > LONGEST) throw new Error(`${where} takes ${user + system} µs`);
    }
    expect(refused).toBeGreaterThan(COUNT / 20);
    expect(refused).toBeLessThan(COUNT);
  });
});
