import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { FormatError } from '../../ts/core/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../ts/formats/safetensors.ts';
import {
  Activation,
  Add,
  BacktimeError,
  Bidirectional,
  Concatenate,
  Dense,
  Dropout,
  Embedding,
  Flatten,
  GRU,
  Input,
  LSTM,
  loadModel,
  Masking,
  Model,
  modelToBytes,
  Permute,
  RepeatVector,
  Reshape,
  Sequential,
  SGD,
  SimpleRNN,
  type SymbolicTensor,
  setWarningHandler,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { startOn } from '../support/modelBackends.ts';
import { samples, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

// What a file means is decided before a backend is asked, so one backend stands for all.
const backend = await loadBackend('reference');
const allocate = vi.spyOn(backend, 'allocate');
beforeAll(() => {
  startOn(backend);
  // Of models that make no sense.
  setWarningHandler(() => {});
});
afterAll(() => {
  setWarningHandler(null);
  allocate.mockRestore();
});

/** What stands in a file in place of something else; undefined takes it away. */
const ODD: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  '',
  'x',
  '__proto__',
  'LSTM',
  'y'.repeat(1000),
  0,
  -1,
  1,
  2,
  3,
  0.5,
  1e308,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53,
  [],
  {},
  [[]],
  [null],
  [0],
  [1, 2, 3],
  JSON.parse('{"__proto__":{"a":1}}'),
  { className: 'LSTM', config: {} },
];

type Path = readonly (string | number)[];

const isObject = (value: unknown): value is Record<string | number, unknown> => typeof value === 'object' && value !== null;

/**
 * The places in a parsed text. Of long arrays and of the many tensors of a file a few elements
 * stand for all.
 */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (!isObject(value)) return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  const some = keys.length > 12 ? keys.filter((_, index) => index < 4 || index > keys.length - 3) : keys;
  return [path, ...some.flatMap((key) => placesIn(value[key], [...path, key]))];
}

/** A copy with something else in one place. */
function withOdd(root: unknown, path: Path, odd: unknown): unknown {
  const key = path.at(-1);
  if (key === undefined) return odd;
  const copy = structuredClone(root);
  const owner = path.slice(0, -1).reduce<unknown>((above, step) => (above as Record<string | number, unknown> | null)?.[step], copy);
  // Another change was above this place.
  if (!isObject(owner)) return copy;
  if (odd !== undefined) owner[key] = odd;
  else if (Array.isArray(owner)) owner.splice(key as number, 1);
  else delete owner[key];
  return copy;
}

interface Case {
  readonly model: Model;
  readonly x: unknown;
  readonly y: Tensor;
}

async function chain(random: RandomArrays): Promise<Case> {
  const layers = [
    new Embedding(5, 2, { maskZero: true }),
    new Dropout(0.1),
    new SimpleRNN(2, { truncate: 2 }),
    new Dense(3, { activation: 'softmax' }),
  ];
  const model = new Sequential(layers);
  const optimizer = new SGD({ momentum: 0.9, nesterov: true, clipnorm: 1 });
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return { model, x: samples({ steps: 4, ids: 5 }, 3, random), y: { shape: [3], data: Int32Array.of(0, 1, 2) } };
}

/** Inputs of each kind, a shared layer, states, a mask, wrappers, merges and reshapes. */
async function graph(random: RandomArrays): Promise<Case> {
  const words = Input({ shape: [null], name: 'words' });
  const readings = Input({ shape: [null, 3], name: 'readings' });
  const gate = Input({ shape: [null], dtype: 'bool', name: 'gate' });
  const shared = new GRU(2, { returnSequences: true, returnState: true, dropout: 0.2 });
  const [sequence, state] = shared.apply(readings);
  const [again] = shared.apply(readings, { initialState: [state] });
  const read = new Bidirectional(new LSTM(2)).apply(new Embedding(5, 2).apply(words));
  const mapped = new TimeDistributed(new Dense(2)).apply(new Add().apply([sequence, again]));
  const masked = new GRU(2).apply(new Masking().apply(mapped));
  const gated = new LSTM(2).apply(readings, { mask: gate });
  const reshaped = [new RepeatVector(2), new Permute([2, 1]), new Reshape([2, 2]), new Flatten()].reduce<SymbolicTensor>(
    (below, layer) => layer.apply(below),
    masked,
  );
  const joined = new Activation('relu').apply(new Concatenate().apply([read, reshaped, gated]));
  const outputs = new Dense(1, { activation: 'sigmoid' }).apply(joined);
  const model = new Model({ inputs: { words, readings, gate }, outputs });
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] });
  const mask = { shape: [3, 4], data: Uint8Array.of(1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0) };
  const x = [samples({ steps: 4, ids: 5 }, 3, random), samples({ shape: [4, 3] }, 3, random), mask];
  return { model, x, y: tensor([3, 1], random, 0, 1) };
}

/**
 * A file in parts, which are put together after a change; without a checksum, which would refuse
 * every change.
 */
async function partsOf(model: Model) {
  const bytes = await modelToBytes(model, { metadata: { labels: ['a', 'b'] } });
  const { tensors, metadata } = decodeSafetensors(bytes, 'the test');
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const { checksum: _, model: description = '', ...rest } = metadata;
  return {
    description: JSON.parse(description) as unknown,
    header,
    withDescription: (changed: unknown) =>
      encodeSafetensors({ tensors, metadata: { ...rest, model: JSON.stringify(changed) ?? 'undefined' } }),
    withHeader: (changed: unknown) => {
      const { __metadata__ } = (changed ?? {}) as { __metadata__?: { checksum?: unknown } | null };
      if (typeof __metadata__ === 'object' && __metadata__ !== null) delete __metadata__.checksum;
      const json = new TextEncoder().encode(JSON.stringify(changed) ?? 'undefined');
      const file = new Uint8Array(8 + json.length + bytes.length - 8 - length);
      new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
      file.set(json, 8);
      file.set(bytes.subarray(8 + length), 8 + json.length);
      return file;
    },
  };
}

let used = 0;

/**
 * Loads a file, and uses one in five of the models that come of it. Fails on an error that is none
 * of Backtime's, or on one of loading that is no FormatError.
 * @returns whether it was loaded
 */
async function isLoaded(file: Uint8Array, { x, y }: Case, change: () => string): Promise<boolean> {
  const before = allocate.mock.calls.length;
  let loaded: Model | null = null;
  try {
    loaded = await loadModel<Model>(file);
  } catch (error) {
    if (!(error instanceof FormatError)) expect.fail(`${change()}: ${String(error)}`);
  }
  // However large the layers say they are: the weights of a file are as large as the file.
  if (allocate.mock.calls.length > before) expect.fail(`${change()}: loading took memory of the backend`);
  if (!loaded) return false;
  // Running every one of them takes long.
  if (used++ % 5 > 0) return true;
  try {
    await loaded.predict(x as never, { verbose: 0 });
    await loaded.trainOnBatch(x as never, y);
    await loadModel(await modelToBytes(loaded));
  } catch (error) {
    if (!(error instanceof BacktimeError)) expect.fail(`${change()}: ${String(error)}`);
  }
  loaded.dispose();
  return true;
}

const quoted = (odd: unknown) => JSON.stringify(odd)?.slice(0, 40);

describe.each([
  ['a chain', chain],
  ['a graph', graph],
])('a file of %s that was changed is refused with a FormatError, or is another model', (_label, make) => {
  let given: Case;
  let parts: Awaited<ReturnType<typeof partsOf>>;
  beforeAll(async () => {
    given = await make(new RandomArrays(1));
    await given.model.fit(given.x as never, given.y, { verbose: 0 });
    parts = await partsOf(given.model);
  });

  test('unchanged, but written by the tests, it loads', async () => {
    expect(await isLoaded(parts.withDescription(parts.description), given, String)).toBe(true);
    expect(await isLoaded(parts.withHeader(structuredClone(parts.header)), given, String)).toBe(true);
  });

  test.each(['description', 'header'] as const)('in any place of its %s', async (part) => {
    const put = part === 'header' ? parts.withHeader : parts.withDescription;
    let [refused, loaded] = [0, 0];
    for (const path of placesIn(parts[part])) {
      for (const odd of ODD) {
        const file = put(withOdd(parts[part], path, odd));
        if (await isLoaded(file, given, () => `${path.join('.')} = ${quoted(odd)}`)) loaded++;
        else refused++;
      }
    }
    expect(loaded).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(loaded);
  });

  // `BACKTIME_MUTATIONS=100000 npx vitest run test/formats/mutatedModel` looks longer.
  test('in two to four places at once', { timeout: 3_600_000 }, async () => {
    const random = new RandomArrays(2);
    const places = placesIn(parts.description);
    for (let file = 0; file < Number(process.env.BACKTIME_MUTATIONS ?? 1000); file++) {
      const changes = Array.from({ length: 2 + (file % 3) }, () => {
        const [place, odd] = [random.integer(places.length), random.integer(ODD.length)];
        return [places[place] as Path, ODD[odd]] as const;
      });
      const changed = changes.reduce((value, [path, odd]) => withOdd(value, path, odd), parts.description);
      await isLoaded(parts.withDescription(changed), given, () =>
        changes.map(([path, odd]) => `${path.join('.')} = ${quoted(odd)}`).join(', '),
      );
    }
  });
});
