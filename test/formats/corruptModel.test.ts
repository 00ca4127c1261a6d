import { beforeAll, describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { Adam, ArgumentError, Dense, Embedding, FormatError, LSTM, loadModel, modelToBytes, Sequential } from '../../ts/index.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, samples, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { caught, expectError, expectRefused } from '../support/refusals.ts';

// What a file means is decided before a backend is asked, so one backend stands for all.
startOn(await loadBackend('reference'));

const x = samples({ steps: 4, ids: 5 }, 3, new RandomArrays(1));
const y = tensor([3, 1], new RandomArrays(2), 0, 1);
let model: Sequential;
let bytes: Uint8Array;

beforeAll(async () => {
  model = builtModel([new Embedding(5, 2), new LSTM(2), new Dense(1, { activation: 'sigmoid' })], [4], new RandomArrays(3));
  model.compile({ optimizer: new Adam(), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  await model.fit(x, y, { epochs: 2, batchSize: 2, verbose: 0 });
  bytes = await modelToBytes(model);
});

type Json = Record<string, unknown>;
/** A parsed header: the tensors' entries beside the metadata; `model` is the parsed description. */
interface Parts {
  readonly header: Json & { __metadata__: Json };
  readonly model: Json & {
    layers: { className: unknown; config: Json }[];
    compile: Json & { optimizer: { className: unknown; config: Json } };
  };
  data: Uint8Array;
}

function headerLength(): number {
  return Number(new DataView(bytes.buffer).getBigUint64(0, true));
}

/**
 * The file with its parts changed and put together again, without a checksum. `change` may return a
 * text to stand for the description.
 */
function changed(change: (parts: Parts) => unknown): Uint8Array {
  const end = 8 + headerLength();
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, end)));
  const parts: Parts = { header, model: JSON.parse(header.__metadata__.model), data: bytes.slice(end) };
  delete header.__metadata__.checksum;
  const text = change(parts);
  if (header.__metadata__?.model !== undefined) header.__metadata__.model = typeof text === 'string' ? text : JSON.stringify(parts.model);
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + parts.data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(parts.data, 8 + json.length);
  return file;
}

/** Sets a field, which its path names, of the description or of the header. */
const inModel = (path: readonly (string | number)[], value: unknown) => (parts: Parts) => setField(parts.model, path, value);
const inHeader = (path: readonly (string | number)[], value: unknown) => (parts: Parts) => setField(parts.header, path, value);

function setField(root: Json, path: readonly (string | number)[], value: unknown): void {
  const owner = path.slice(0, -1).reduce<Json>((object, key) => object[key] as Json, root);
  owner[path[path.length - 1]] = value;
}

/** Renames a tensor without moving its data. */
function rename({ header }: Parts, from: string, to: string): void {
  header[to] = header[from];
  delete header[from];
}

/** Appends a tensor of one float. */
function append(parts: Parts, name: string): void {
  const { length } = parts.data;
  parts.header[name] = { dtype: 'F64', shape: [1], data_offsets: [length, length + 8] };
  parts.data = Uint8Array.of(...parts.data, ...new Uint8Array(8));
}

/** Parsed, so that "__proto__" is a key of its own as in a file. */
const withPrototype = (json: string) => JSON.parse(json) as Json;

describe('a saved model that is not whole or not right is a FormatError', () => {
  test('unchanged, but written by the tests, it loads', async () => {
    const loaded = await loadModel(changed(() => {}));
    expect((await loaded.predict(x)).data).toEqual((await model.predict(x)).data);
  });

  test('cut off at any byte', async () => {
    for (let length = 0; length < bytes.length; length++) {
      const error = await caught(() => loadModel(bytes.subarray(0, length)));
      if (!(error instanceof FormatError)) expect.fail(`${length} of ${bytes.length} bytes: ${String(error)}`);
    }
  });

  test('with any byte of its header changed: refused, or another model that works', async () => {
    let refused = 0;
    for (let position = 0; position < 8 + headerLength(); position++) {
      const file = bytes.slice();
      file[position] ^= 1 << (position % 8);
      const loaded = await caught(async () => {
        const other = await loadModel(file);
        if (position % 4 === 0) await other.predict(x);
      });
      if (loaded === undefined) continue;
      if (!(loaded instanceof FormatError)) expect.fail(`byte ${position} changed: ${String(loaded)}`);
      refused++;
    }
    expect(refused).toBeGreaterThan(headerLength() / 2);
  });

  test.each([0n, 1n, 100_000_001n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n])('with a header length of %d', async (length) => {
    const file = bytes.slice();
    new DataView(file.buffer).setBigUint64(0, length, true);
    expectError(await caught(() => loadModel(file)), FormatError, /^the saved model is not a whole safetensors file: its header/);
  });

  test('with any bit of its data changed', async () => {
    for (let position = 8 + headerLength(); position < bytes.length; position++) {
      const file = bytes.slice();
      file[position] ^= 1 << (position % 8);
      expectError(await caught(() => loadModel(file)), FormatError, /^the saved model is corrupt: .* checksum 'crc32:[0-9a-f]{8}'/);
    }
  });

  test('with a number of its description changed, which would be another model that works', async () => {
    const text = new TextDecoder('latin1').decode(bytes);
    const at = text.indexOf('learningRate\\":0.001');
    expect(at).toBeGreaterThan(0);
    const file = bytes.slice();
    file[at + 'learningRate\\":0.00'.length] = '2'.charCodeAt(0);
    expectError(await caught(() => loadModel(file)), FormatError, /^the saved model is corrupt: /);
  });

  test('followed by more bytes', async () => {
    expectError(await caught(() => loadModel(Uint8Array.of(...bytes, 0))), FormatError, /bytes, but \d+ follow the header$/);
  });

  const cases: [string, (parts: Parts) => unknown, RegExp][] = [
    ['no metadata', ({ header }) => void delete (header as Json).__metadata__, /not a model saved by Backtime/],
    [
      'another format',
      inHeader(['__metadata__', 'format'], 'pt'),
      /not a model saved by Backtime: its metadata has no format 'backtime'\. For weights of PyTorch .*model\.loadWeights\(file, \{ format: 'pytorch' \}\)/,
    ],
    [
      'a later version',
      inHeader(['__metadata__', 'version'], '4'),
      /has version 4 of the model format; this release reads versions 1, 2, 3$/,
    ],
    ['no version', ({ header }) => void delete header.__metadata__.version, /has version undefined/],
    ['no description', ({ header }) => void delete header.__metadata__.model, /not a model saved by Backtime/],
    ['a description that is not JSON', () => '{', /has a description that is not JSON$/],
    ['the description null', () => 'null', /the saved model's name should be a string, but is undefined$/],
    ['the description a number', () => '5', /the saved model's name should be a string, but is undefined$/],
    ['no name', (parts) => void delete parts.model.name, /the saved model's name should be a string, but is undefined$/],
    ['a name that is a number', inModel(['name'], 5), /the saved model's name should be a string, but is 5$/],
    ['no seed', (parts) => void delete parts.model.seed, /the saved model's seed should be two 32-bit words, but is undefined$/],
    ['a seed of one word', inModel(['seed'], [1]), /the saved model's seed should be/],
    ['a negative seed', inModel(['seed'], [1, -1]), /the saved model's seed should be/],
    ['no layers', (parts) => void delete (parts.model as Json).layers, /the saved model's layers should be an array/],
    ['layers of nothing', inModel(['layers'], []), /has no layers/],
    ['a layer that is null', inModel(['layers', 1], null), /layers\[1\]\.className should be a string/],
    [
      'a layer class that is not known',
      inModel(['layers', 1, 'className'], 'Conv4D'),
      /there is no layer class 'Conv4D' \(did you mean 'Conv.D'\?\); the classes are Activation,/,
    ],
    ['a layer class __proto__', inModel(['layers', 1, 'className'], '__proto__'), /there is no layer class '__proto__'/],
    ['a layer class constructor', inModel(['layers', 1, 'className'], 'constructor'), /there is no layer class 'constructor'/],
    ['a configuration that is null', inModel(['layers', 1, 'config'], null), /layers\[1\]\.config should be an object, but is null$/],
    [
      'a configuration with __proto__',
      inModel(['layers', 1, 'config'], withPrototype('{"units":2,"__proto__":{"units":9}}')),
      /LSTM: unknown option '__proto__'/,
    ],
    [
      'a configuration with an unknown option',
      inModel(['layers', 1, 'config', 'implementation'], 2),
      /LSTM: unknown option 'implementation'/,
    ],
    ['units that are text', inModel(['layers', 1, 'config', 'units'], '2'), /LSTM: units must be an integer/],
    ['other units', inModel(['layers', 1, 'config', 'units'], 3), /'lstm\/kernel' has shape \[2, 8\], expected \[2, 12\]$/],
    [
      'units beyond all memory',
      inModel(['layers', 1, 'config', 'units'], 2 ** 40),
      /LSTM: units must be at most 2147483647 \(2\^31 - 1\), got 1099511627776$/,
    ],
    [
      'an activation that is not known',
      inModel(['layers', 2, 'config', 'activation'], 'glu'),
      /Dense: activation is 'glu' \(did you mean .*; it must be one of/,
    ],
    ['two layers of one name', inModel(['layers', 2, 'config', 'name'], 'lstm'), /already has a layer called 'lstm'/],
    ['a layer in the wrong place', (parts) => void parts.model.layers.reverse(), /layer dense \(Dense\) takes samples/],
    ['no input shape', (parts) => void delete parts.model.inputShape, /build: inputShape must be an array of sizes, got undefined$/],
    ['an input shape of 0', inModel(['inputShape'], [0]), /shape\[0\] must be an integer/],
    ['another input shape', inModel(['inputShape'], [null, 3]), /layer embedding \(Embedding\) takes samples of ids/],
    ['a compilation that is text', inModel(['compile'], 'adam'), /the saved model's compile should be an object or null, but is 'adam'$/],
    ['an unknown loss', inModel(['compile', 'loss'], '__proto__'), /loss must be one of .* got '__proto__'$/],
    ['fromLogits that is no boolean', inModel(['compile', 'fromLogits'], 1), /compile\.fromLogits should be true or false, but is 1$/],
    ['an unknown metric', inModel(['compile', 'metrics'], ['area']), /metrics\[0\] must be 'accuracy'/],
    ['an unknown weighted metric', inModel(['compile', 'weightedMetrics'], ['area']), /weightedMetrics\[0\] must be 'accuracy'/],
    [
      'weighted metrics that are null',
      inModel(['compile', 'weightedMetrics'], null),
      /compile\.weightedMetrics should be an array, but is null$/,
    ],
    ['metrics that are null', inModel(['compile', 'metrics'], null), /compile\.metrics should be an array, but is null$/],
    ['an unknown optimizer', inModel(['compile', 'optimizer', 'className'], 'constructor'), /there is no optimizer class 'constructor'/],
    ['an optimizer with an unknown option', inModel(['compile', 'optimizer', 'config', 'decay'], 1), /Adam: unknown option 'decay'/],
    [
      'a learning rate that is text',
      inModel(['compile', 'optimizer', 'config', 'learningRate'], 'fast'),
      /Adam: learningRate must be a number/,
    ],
    [
      'another optimizer',
      inModel(['compile', 'optimizer'], { className: 'SGD', config: {} }),
      /has 12 arrays of its optimizer, expected 0$/,
    ],
    ['a negative iteration', inModel(['compile', 'iteration'], -1), /compile\.iteration should be an integer, but is -1$/],
    ['an iteration that is text', inModel(['compile', 'iteration'], '4'), /compile\.iteration should be an integer, but is '4'$/],
    ['epochs that are no count', inModel(['compile', 'epochsDone'], 0.5), /compile\.epochsDone should be an integer, but is 0\.5$/],
    ['a weight under another name', (parts) => rename(parts, 'lstm/kernel', 'lstm/core'), /has no array 'lstm\/kernel'$/],
    ['a weight of another shape', inHeader(['lstm/kernel', 'shape'], [4, 4]), /'lstm\/kernel' has shape \[4, 4\], expected \[2, 8\]$/],
    ['a weight too many', (parts) => append(parts, 'more/kernel'), /has 7 weights, its layers have 6$/],
    ['a weight called __proto__', (parts) => append(parts, '__proto__x'), /has 7 weights/],
    [
      'a weight of integers',
      ({ header }) => void Object.assign(header['embedding/embeddings'] as Json, { dtype: 'I32', shape: [20] }),
      /'embedding\/embeddings' holds integers, expected floats$/,
    ],
    [
      'a slot under another name',
      (parts) => rename(parts, 'optimizer/lstm/kernel/velocity', 'optimizer/lstm/kernel/speed'),
      /has 7 weights, its layers have 6$/,
    ],
    [
      'a slot of another shape',
      inHeader(['optimizer/lstm/kernel/velocity', 'shape'], [16]),
      /'lstm\/kernel\/velocity' has shape \[16\], expected \[2, 8\]$/,
    ],
    ['an array too many that is named as a slot', (parts) => append(parts, 'optimizer/more/kernel/velocity'), /has 7 weights/],
    [
      'slots without an optimizer',
      inModel(['compile'], null),
      /^the saved model holds 'optimizer\/embedding\/embeddings\/momentum', but has no optimizer$/,
    ],
  ];

  test.each(cases)('with %s', async (_label, change, message) => {
    const file = changed(change);
    // The model at hand is not concerned: it keeps its weights and trains on.
    await expectRefused(
      model,
      () => loadModel(file),
      FormatError,
      message,
      () => model.trainOnBatch(x, y),
    );
    expect(({} as Json).units).toBeUndefined();
  });

  test('all slots missing after training', async () => {
    const untrained = builtModel([new Embedding(5, 2), new LSTM(2), new Dense(1)], [4], new RandomArrays(3));
    untrained.compile({ optimizer: new Adam(), loss: 'mse' });
    const whole = bytes;
    bytes = await modelToBytes(untrained);
    const file = changed(inModel(['compile', 'iteration'], 3));
    bytes = whole;
    expectError(await caught(() => loadModel(file)), FormatError, /has no array 'embedding\/embeddings\/momentum'$/);
  });

  test('something else altogether', async () => {
    for (const other of ['<!doctype html><title>404</title>', 'no model']) {
      expectError(
        await caught(() => loadModel(new TextEncoder().encode(other))),
        FormatError,
        /^the saved model is (no model that loadModel reads|not a whole safetensors file): /,
      );
    }
    expectError(
      await caught(() => loadModel(5 as never)),
      ArgumentError,
      /^loadModel takes a file name, an address, bytes or a Blob, got 5$/,
    );
    expectError(await caught(() => loadModel(null as never)), ArgumentError, /^loadModel takes .* got null$/);
  });
});

describe('a state that is none or does not fit is a FormatError', () => {
  const cases: [string, unknown, RegExp][] = [
    ['undefined', undefined, /^the saved model should be an object, but is undefined$/],
    ['{}', {}, /^the saved model's name should be a string, but is undefined$/],
    ['no weights', { weights: undefined }, /^the saved model's weights should be an array, but is undefined$/],
    ['a weight that is null', { weights: [null] }, /^the saved model's weights\[0\]\.name should be a string, but is undefined$/],
    ['a weight without numbers', { weights: [{ name: 'a', shape: [1], data: null }] }, /weights\[0\]\.data should be a Float32Array or/],
    [
      'a weight with too few values',
      { weights: [{ name: 'a', shape: [2], data: new Float32Array(1) }] },
      /weights\[0\]\.data should be an array of 2, but is 'an array of 1'$/,
    ],
    ['no layers', { layers: [] }, /^the saved model cannot be made from its description: the model has no layers/],
  ];
  test.each(cases)('%s', async (_label, change, message) => {
    const isWhole = change === undefined || Object.keys(change as Json).length === 0;
    const state = isWhole ? change : { ...model.getState(), ...(change as Json) };
    expectError(await caught(() => Sequential.fromState(state as never)), FormatError, message);
  });
});
