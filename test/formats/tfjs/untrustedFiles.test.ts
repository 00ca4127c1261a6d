import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileError, FormatError, loadModel, type Model, setWarningHandler } from '../../../ts/node.ts';
import { converted, filesOf, modelNamed, models, type TFJSCase } from './tfjsCases.ts';

beforeAll(() => setWarningHandler(() => {}));
afterAll(() => setWarningHandler(null));

type Json = { [key: string]: unknown };
type Manifest = [{ paths: string[]; weights: Json[] }];

const golden = modelNamed('dense');

/** The model after a change of a copy. */
function changed(change: (model: Json, weights: Json[], layers: { class_name: string; config: Json }[]) => void, of = golden): File[] {
  const model = structuredClone(of.model) as Json;
  const [{ weights }] = model.weightsManifest as Manifest;
  change(model, weights, (model.modelTopology as { config: { layers: [] } }).config.layers);
  return filesOf({ model, shards: of.shards });
}

/** model.json and the weights, with a million arrays inside each other in place of 7777. */
function deep(change: object): File[] {
  const text = JSON.stringify({ ...golden.model, ...change }).replace('7777', '['.repeat(1e6) + ']'.repeat(1e6));
  return [...filesOf(golden).filter(({ name }) => name !== 'model.json'), new File([text], 'model.json')];
}

describe('a file is refused with a FormatError that names the fault', () => {
  test.each<[string, Parameters<typeof changed>[0], RegExp]>([
    [
      'a graph model',
      (model) => {
        model.format = 'graph-model';
        model.modelTopology = { node: [] };
      },
      /graph model of TF\.js.*--output_format tfjs_layers_model/,
    ],
    [
      'a graph without a format',
      (model) => Object.assign(model, { format: undefined, modelTopology: { node: [] } }),
      /graph model of TF\.js/,
    ],
    ['an architecture alone', (model) => delete model.weightsManifest, /no weightsManifest.*architecture without weights/],
    ['no topology', (model) => delete model.modelTopology, /modelTopology should be an object.*not a model of TF\.js/],
    [
      'a class of a user',
      (_, __, [first]) => Object.assign(first as object, { class_name: 'Own' }),
      /layer dense_Dense1 \(Own\).*no layer class 'Own'/,
    ],
    [
      'a model in place of the options of a layer',
      (_, __, [first]) => Object.assign(first as object, { config: { class_name: 'Model', config: { layers: [] } } }),
      /cannot be made from its description: Dense: unknown option 'className'/,
    ],
    ['a huge layer', (_, __, [first]) => Object.assign(first?.config as object, { units: 2 ** 31 }), /units/],
    [
      'a large layer',
      (_, __, [first]) => Object.assign(first?.config as object, { units: 2 ** 30 }),
      /have shape \[3, 4\], but dense_Dense1\/kernel has \[3, 1073741824\]/,
    ],
    [
      'a shape that does not fit',
      (_, [first]) => Object.assign(first as object, { shape: [4, 3] }),
      /shape \[4, 3\], but dense_Dense1\/kernel has \[3, 4\]/,
    ],
    ['a huge shape', (_, [first]) => Object.assign(first as object, { shape: [2 ** 30, 2 ** 30, 2 ** 30] }), /shape should be the sizes/],
    [
      'a larger shape',
      (_, [first]) => Object.assign(first as object, { shape: [2 ** 20, 4] }),
      /take 16777\d+ bytes, but their files have 104/,
    ],
    ['a negative size', (_, [first]) => Object.assign(first as object, { shape: [-3, -4] }), /shape should be the sizes/],
    ['a part of a number', (_, [first]) => Object.assign(first as object, { shape: [1.5, 8] }), /shape should be the sizes/],
    ['too many axes', (_, [first]) => Object.assign(first as object, { shape: [3, 4, ...Array(31).fill(1)] }), /at most 32 axes/],
    ['a type of texts', (_, [first]) => Object.assign(first as object, { dtype: 'string' }), /have dtype 'string'/],
    [
      'a scale that is no number',
      (_, [first]) => Object.assign(first as object, { quantization: { dtype: 'uint8', scale: 'NaN', min: 0 } }),
      /finite numbers scale and min, but has 'NaN' and 0/,
    ],
    [
      'a scale without min',
      (_, [first]) => Object.assign(first as object, { quantization: { dtype: 'uint8', scale: 1 } }),
      /finite numbers scale and min, but has 1 and undefined/,
    ],
    [
      'an unknown type',
      (_, [first]) => Object.assign(first as object, { quantization: { dtype: 'int4' } }),
      /should have dtype 'uint8', 'uint16'/,
    ],
    [
      'a missing weight',
      (_, weights) => Object.assign(weights[1] as object, { group: 'optimizer' }),
      /no weights for dense_Dense1\/bias, which should be called 'dense_Dense1\/bias'/,
    ],
    ['an unknown weight', (_, weights) => Object.assign(weights[1] as object, { name: 'other/bias' }), /'other\/bias' match no layer/],
    ['a weight twice', (_, weights) => Object.assign(weights[3] as object, { name: 'dense_Dense1/bias', shape: [4] }), /./],
    [
      'a file twice',
      (model) => (model.weightsManifest as Manifest)[0].paths.push('group1-shard1of1.bin'),
      /the file 'group1-shard1of1\.bin' twice/,
    ],
    [
      'too many files',
      (model) => Object.assign((model.weightsManifest as Manifest)[0], { paths: Array.from({ length: 10_001 }, (_, i) => `${i}.bin`) }),
      /10001 files, at most 10000 are read/,
    ],
    [
      'a layer with __proto__',
      (_, __, [first]) => Object.defineProperty(first?.config, '__proto__', { value: { units: 1 }, enumerable: true }),
      /option '__proto__'/,
    ],
    [
      'metadata with __proto__',
      (model) => Object.assign(model, { userDefinedMetadata: JSON.parse('{"__proto__":{}}') }),
      /userDefinedMetadata.*'__proto__'/,
    ],
  ])('%s', async (_, change, message) => {
    const error: unknown = await loadModel(changed(change)).then(
      () => null,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toMatch(/^model\.json: /);
  });

  test.each<[string, string | Uint8Array, RegExp]>([
    ['text', '{ no json', /model\.json: it begins as JSON, but is not JSON/],
    ['bytes that are not UTF-8', Uint8Array.of(0x7b, 0xff, 0xff, 0xff, 0x7d), /not JSON/],
    ['another object', '{"a":1}', /no weightsManifest/],
    ['what is too long', `{"a":"${'x'.repeat(2 ** 26)}"}`, /67108872 bytes, at most 67108864 are read/],
    ['brackets without an end', '{"a":'.repeat(1_000_000), /not JSON/],
  ])('%s', async (_, text, message) => {
    const error: unknown = await loadModel([new File([text as string], 'model.json')]).then(
      () => null,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(message);
  });
});

test.each<[string, object]>([
  ['the topology', { modelTopology: { class_name: 'Sequential', config: 7777 } }],
  ['the metadata', { userDefinedMetadata: { a: 7777 } }],
  ['the manifest', { weightsManifest: 7777 }],
  ['the training', { trainingConfig: { loss: 7777, optimizer_config: { class_name: 'Adam' } } }],
])('a million arrays inside each other in %s are refused', async (_, change) => {
  const error: unknown = await loadModel(deep(change)).then(
    () => null,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(FormatError);
  expect((error as Error).message).toMatch(/has more than 200 arrays and objects inside each other$/);
});

test('more than 5,000 layers are refused, also in models inside of models', async () => {
  const layers = Array.from({ length: 3000 }, (_, index) => ({ class_name: 'Flatten', config: { name: `flatten${index}` } }));
  const inner = { class_name: 'Sequential', config: { name: 'inner', layers } };
  const files = changed((model) =>
    Object.assign(model, { modelTopology: { class_name: 'Sequential', config: { layers: [...layers, inner] } } }),
  );
  await expect(loadModel(files)).rejects.toMatchObject({
    code: 'FORMAT',
    message: expect.stringMatching(/6001 layers, at most 5000 are read/),
  });
});

test('a byte order mark and spaces are no fault', async () => {
  const [json, ...rest] = filesOf(golden).reverse() as [File, ...File[]];
  const text = await json.text();
  for (const before of ['\ufeff', ' \n\t'])
    expect((await loadModel([new File([before, text], 'model.json'), ...rest])).layers).toHaveLength(2);
});

test('numbers that are not finite are read as they are', async () => {
  const kernel = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, ...Array(24).fill(1));
  const shards = { 'group1-shard1of1.bin': Buffer.from(kernel.buffer).toString('base64') };
  const model = await loadModel(filesOf({ model: golden.model, shards }));
  expect(Array.from(model.getWeights()[0]?.data ?? []).slice(0, 3)).toEqual([Number.NaN, Number.POSITIVE_INFINITY, 1]);
});

/** What stands in a file in place of something else; undefined takes it away. */
const ODD: readonly unknown[] = [
  ...[undefined, null, true, false, '', 'x', '__proto__', 'constructor', '../a', 'y'.repeat(1000)],
  ...[0, -1, 1, 2, 0.5, 1e308, 2 ** 31, 2 ** 53],
  ...[[], {}, [[]], [null], [1, 2, 3], [['dense', 0, 0, {}]], JSON.parse('{"__proto__":{"a":1}}')],
  ...[
    { class_name: 'LSTM', config: {} },
    { class_name: 'Model', config: { layers: [] } },
    { dtype: 'uint8', scale: 1, min: 0 },
  ],
];

/** Changes one to three places, or the bytes of a file, by numbers below a bound. */
function mutated({ model, shards }: TFJSCase, below: (bound: number) => number): File[] {
  const copy = structuredClone(model) as Json;
  const bytes = { ...shards };
  const names = Object.keys(shards);
  if (below(4) === 0) {
    const name = names[below(names.length)] as string;
    const shard = Buffer.from(shards[name] as string, 'base64');
    if (below(3) === 0) bytes[name] = shard.subarray(0, below(shard.length + 1)).toString('base64');
    else if (below(2) === 0) delete bytes[name];
    else {
      shard[below(shard.length)] = below(256);
      bytes[name] = shard.toString('base64');
    }
  }
  for (let change = below(4); change > 0; change--) {
    let owner: Json = copy;
    // Down to a random depth.
    for (let depth = 1 + below(9); depth > 0; depth--) {
      const keys = Object.keys(owner);
      if (keys.length === 0) break;
      const key = keys[below(keys.length)] as string;
      const value = owner[key];
      if (depth > 1 && typeof value === 'object' && value !== null) {
        owner = value as Json;
        continue;
      }
      const odd = ODD[below(ODD.length)];
      if (odd === undefined) delete owner[key];
      else owner[key] = structuredClone(odd);
      break;
    }
  }
  return filesOf({ model: copy as TFJSCase['model'], shards: bytes });
}

// `BACKTIME_MUTATIONS=100000 npx vitest run test/formats/tfjs` looks longer.
test('whatever is changed, the file is refused with an error of files, or is another model', { timeout: 3_600_000 }, async () => {
  const count = Number(process.env.BACKTIME_MUTATIONS ?? 600);
  const all = [...models, ...converted];
  let state = Number(process.env.BACKTIME_SEED ?? 1);
  const below = (bound: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  let [refused, loaded] = [0, 0];
  for (let round = 0; round < count; round++) {
    const before = state;
    const files = mutated(all[round % all.length] as TFJSCase, below);
    const start = process.cpuUsage();
    try {
      const model = await loadModel<Model>(files);
      model.dispose();
      loaded++;
    } catch (error) {
      if (!(error instanceof FormatError || error instanceof FileError))
        expect.fail(`round ${round}, state ${before}: ${(error as Error).stack}`);
      refused++;
    }
    const { user } = process.cpuUsage(start);
    if (user > 5e6) expect.fail(`round ${round}, state ${before} took ${user} µs`);
  }
  expect(refused).toBeGreaterThan(count / 4);
  expect(loaded).toBeGreaterThan(count / 10);
});
