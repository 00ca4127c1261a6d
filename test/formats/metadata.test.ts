import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import { decodeSafetensors, encodeSafetensors } from '../../ts/formats/safetensors.ts';
import { ArgumentError, Dense, FormatError, loadModel, type ModelState, modelToBytes, Sequential } from '../../ts/index.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectSameWeights } from '../support/models.ts';
import { caught, expectError } from '../support/refusals.ts';

const backend = await loadBackend('reference');
beforeEach(() => startOn(backend));

const x = [
  [1, 2],
  [3, 4],
];
const y = [[0], [1]];

async function trained(): Promise<Sequential> {
  const model = new Sequential([new Dense(1, { inputShape: [2] })]);
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] });
  await model.fit(x, y, { epochs: 2, verbose: 0 });
  return model;
}

/** Parsed, so that "__proto__" is a key of its own. */
const parsed = (json: string) => JSON.parse(json) as Record<string, unknown>;

const VALUES: [string, Record<string, unknown>][] = [
  ['nothing', {}],
  [
    'values of every kind',
    { text: 'a', number: -0.1, large: 1e300, yes: true, no: false, nothing: null, list: [1, 'b', [null]], inner: { a: {} } },
  ],
  ['texts of every kind', { '': '', 'a b': 'ö😀', '\0': '\u2028"\\', lone: '\ud800', constructor: 'c', toString: 't', 'a/b': '\n' }],
  ['keys that are numbers', { 2: 'b', 1: 'a', list: [] }],
  ['a vocabulary of 50,000 words', { words: Array.from({ length: 50_000 }, (_, index) => `word${index}`) }],
];

describe('metadata of a saved model', () => {
  test.each(VALUES)('%s comes back from bytes, and from those of the loaded model', async (_label, metadata) => {
    const model = await trained();
    const loaded = await loadModel(await modelToBytes(model, { metadata }));
    expect(loaded.metadata).toEqual(metadata);
    expect((await loadModel(await modelToBytes(loaded))).metadata).toEqual(metadata);
    expect(loaded.getState()).toEqual({ ...model.getState(), metadata });
    expectSameWeights(loaded, model);
    // The model is as it was.
    expect(model.metadata).toEqual({});
  });

  test('comes back from a file, is replaced by that of a later save, and is none when that is empty', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'backtime-'));
    const path = join(folder, 'model.safetensors');
    await (await trained()).save(path, { metadata: { epoch: 1 } });
    const loaded = await loadModel(path);
    expect(loaded.metadata).toEqual({ epoch: 1 });
    await loaded.save(path, { metadata: { ...loaded.metadata, note: 'b' } });
    expect((await loadModel(path)).metadata).toEqual({ epoch: 1, note: 'b' });
    await loaded.save(path, { metadata: {} });
    expect((await loadModel(path)).metadata).toEqual({});
    await rm(folder, { recursive: true });
  });

  test('is a copy that nobody can change', async () => {
    const labels = ['a', 'b'];
    const metadata = { labels, inner: { deep: [{}] } };
    const bytes = await modelToBytes(await trained(), { metadata });
    labels.push('c');
    const model = await loadModel(bytes);
    expect(model.metadata).toEqual({ labels: ['a', 'b'], inner: { deep: [{}] } });
    const held = model.metadata as { labels: string[]; inner: { deep: object[] } };
    expect(() => held.labels.push('d')).toThrow(TypeError);
    expect(() => Object.assign(held, { more: 1 })).toThrow(TypeError);
    expect(() => Object.assign(held.inner.deep[0] as object, { more: 1 })).toThrow(TypeError);
  });

  test('may be of another realm, without a prototype, and share parts', async () => {
    const model = await trained();
    const shared = { a: [1] };
    const metadata = {
      other: runInNewContext('({ list: [1, { b: null }] })'),
      bare: Object.assign(Object.create(null), { c: 1 }),
      one: shared,
      two: shared,
    };
    const { metadata: found } = await loadModel(await modelToBytes(model, { metadata }));
    expect(found).toEqual({ other: { list: [1, { b: null }] }, bare: { c: 1 }, one: { a: [1] }, two: { a: [1] } });
  });

  test('is covered by the checksum', async () => {
    const bytes = await modelToBytes(await trained(), { metadata: { label: 'walking' } });
    const at = new TextDecoder('latin1').decode(bytes).indexOf('walking');
    expect(at).toBeGreaterThan(0);
    bytes[at] = 't'.charCodeAt(0);
    expectError(await caught(() => loadModel(bytes)), FormatError, /is corrupt/);
  });

  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const nested = (depth: number) => {
    let value: unknown = 1;
    for (let level = 0; level < depth; level++) value = level % 2 ? { a: value } : [value];
    return value;
  };
  /** Of 2 ** 30 characters as JSON, of 31 arrays in memory. */
  let doubled: unknown[] = [1];
  for (let level = 0; level < 30; level++) doubled = [doubled, doubled];
  class Scale {
    mean = 0;
  }

  const refused: [string, unknown, RegExp][] = [
    ['null', null, /^save: metadata must be a plain object, got null$/],
    ['a text', 'note', /^save: metadata must be a plain object, got 'note'$/],
    ['an array', ['a'], /^save: metadata must be a plain object, got an array of 1$/],
    ['a Map', new Map([['a', 1]]), /^save: metadata must be a plain object, got a Map of 1$/],
    ['an instance', new Scale(), /^save: metadata must be a plain object, got an object \(Scale\)$/],
    ['undefined in it', { a: { b: undefined } }, /^save: metadata\.a\.b must be a string, a finite number, .* got undefined$/],
    ['NaN', { list: [0, Number.NaN] }, /^save: metadata\.list\[1\] must be .* got NaN$/],
    ['Infinity', { a: Number.NEGATIVE_INFINITY }, /metadata\.a must be .* got -Infinity$/],
    ['a bigint', { a: 1n }, /metadata\.a must be .* got the bigint 1n$/],
    ['a symbol', { a: Symbol('s') }, /metadata\.a must be .* got Symbol\(s\)$/],
    ['a function', { a: { toJSON() {} } }, /metadata\.a\.toJSON must be .* got function toJSON$/],
    ['a Date', { saved: new Date(0) }, /metadata\.saved must be .* got a Date/],
    ['a typed array', { mean: Float32Array.of(1) }, /metadata\.mean must be .* got a Float32Array of 1$/],
    [
      'a Float32Array of another realm',
      { mean: runInNewContext('Float32Array.of(1)') },
      /metadata\.mean must be .* got a Float32Array of 1$/,
    ],
    ['an instance in it', { a: [new Scale()] }, /metadata\.a\[0\] must be .* got an object \(Scale\)$/],
    ['a boxed number', { a: Object(1) }, /metadata\.a must be .* got a Number object/],
    ['a hole', { a: new Array(2) }, /metadata\.a\[0\] must be .* got undefined$/],
    ['a key __proto__', parsed('{"a":{"__proto__":{"units":9}}}'), /^save: metadata\.a has a key '__proto__'/],
    ['a key __proto__ at the top', parsed('{"__proto__":1}'), /^save: metadata has a key '__proto__'/],
    ['a circle', circle, /^save: metadata has more than 64 arrays and objects inside each other, or a circle of them$/],
    ['what is too deep', { a: nested(64) }, /^save: metadata has more than 64 arrays/],
    ['a text that is too long', { a: 'a'.repeat(2 ** 20) }, /^save: metadata has more than 1048576 characters as JSON: keep large data/],
    ['a key that is too long', { ['a'.repeat(2 ** 20)]: 1 }, /^save: metadata has more than 1048576 characters/],
    ['an array that is too long', { a: new Array(2 ** 20).fill(1) }, /^save: metadata has more than 1048576 characters/],
    ['arrays that are too many', { a: new Array(2 ** 19).fill([]) }, /^save: metadata has more than 1048576 characters/],
    ['shared parts that are too long', { a: doubled }, /^save: metadata has more than 1048576 characters/],
  ];

  test.each(refused)('is refused: %s', async (_label, metadata, message) => {
    const model = await trained();
    const before = model.getState();
    for (const call of [
      () => modelToBytes(model, { metadata } as object),
      () => model.save('/nowhere/model.safetensors', { metadata } as object),
    ]) {
      expectError(await caught(call), ArgumentError, message);
    }
    expect(model.getState()).toEqual(before);
    expect(({} as Record<string, unknown>).units).toBeUndefined();
  });

  test('has room up to its limits', async () => {
    const model = await trained();
    const deep = { a: nested(63) };
    expect((await loadModel(await modelToBytes(model, { metadata: deep }))).metadata).toEqual(deep);
    for (const character of ['a', 'モ', '\n', '"']) {
      const value = (length: number) => ({ b: [], c: {}, d: [1, [null, true]], a: character.repeat(length) });
      const each = JSON.stringify(character).length - 2;
      const most = Math.floor((2 ** 20 - JSON.stringify(value(0)).length) / each);
      expect((await loadModel(await modelToBytes(model, { metadata: value(most) }))).metadata).toEqual(value(most));
      expectError(await caught(() => modelToBytes(model, { metadata: value(most + 1) })), ArgumentError, /more than 1048576 characters/);
    }
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['a text', 'note'],
    ['an array', []],
    ['a key __proto__', parsed('{"a":[{"__proto__":{"units":9}}]}')],
    ['what is too deep', { a: nested(64) }],
    ['what is too long', { a: 'a'.repeat(2 ** 20) }],
  ])('of a file is refused with a FormatError: %s', async (_label, metadata) => {
    const { tensors, metadata: header } = decodeSafetensors(await modelToBytes(await trained()), 'the test');
    const { checksum, model = '', ...rest } = header;
    expect(checksum).toBeDefined();
    const changed = JSON.stringify({ ...JSON.parse(model), metadata: undefined }).replace('{', `{"metadata":${JSON.stringify(metadata)},`);
    const file = encodeSafetensors({ tensors, metadata: { ...rest, model: changed } });
    expectError(await caught(() => loadModel(file)), FormatError, /^the metadata of the saved model/);
    expect(({} as Record<string, unknown>).units).toBeUndefined();
  });

  test.each([null, 'note', []])('of a state is refused when it is no object: %j', async (metadata) => {
    const state = { ...(await trained()).getState(), metadata } as unknown as ModelState;
    expectError(await caught(() => Sequential.fromState(state)), FormatError, /^the saved model's metadata should be an object/);
  });

  test('of a state that cannot be saved is refused when it is saved', async () => {
    const model = Sequential.fromState({ ...(await trained()).getState(), metadata: { at: new Date(0) as never } });
    expectError(await caught(() => modelToBytes(model)), ArgumentError, /^save: metadata\.at must be/);
    await modelToBytes(model, { metadata: {} });
  });

  test('of states of before there was any is empty', async () => {
    const { metadata, ...older } = (await trained()).getState();
    expect(metadata).toEqual({});
    expect(Sequential.fromState(older).metadata).toEqual({});
  });
});

describe('a model saved without its optimizer', () => {
  test('predicts the same bits and is not compiled; compiled again it begins anew', async () => {
    const model = await trained();
    const bytes = await modelToBytes(model, { includeOptimizer: false });
    const loaded = await loadModel(bytes);
    expectSameWeights(loaded, model);
    expect((await loaded.predict(x)).data).toEqual((await model.predict(x)).data);
    expect(loaded.getState()).toEqual({ ...model.getState(), compile: null });
    expect(loaded.iterations).toBe(0);
    await expect(loaded.fit(x, y, { verbose: 0 })).rejects.toThrow(/not compiled/);
    await expect(loaded.evaluate(x, y)).rejects.toThrow(/not compiled/);
    const text = new TextDecoder('latin1').decode(bytes);
    expect(text).not.toContain('optimizer/');
    expect(text).not.toContain('Adam');
    for (const each of [model, loaded]) {
      each.compile({ optimizer: 'sgd', loss: 'mse' });
      await each.fit(x, y, { verbose: 0 });
    }
    expectSameWeights(loaded, model);
  });

  test('goes on training itself as if it had not been saved', async () => {
    const saved = await trained();
    const other = await loadModel(await modelToBytes(saved));
    await modelToBytes(saved, { includeOptimizer: false });
    for (const each of [saved, other]) await each.fit(x, y, { verbose: 0 });
    expectSameWeights(saved, other);
    expect(saved.iterations).toBe(other.iterations);
    await saved.evaluate(x, y);
  });

  test('with it by default, and when it says so', async () => {
    const model = await trained();
    const bytes = await modelToBytes(model);
    for (const options of [{}, undefined, { includeOptimizer: true }, { includeOptimizer: undefined, metadata: undefined }]) {
      expect(await modelToBytes(model, options as object)).toEqual(bytes);
    }
    expect((await loadModel(bytes)).iterations).toBe(model.iterations);
  });

  test.each<[unknown, RegExp]>([
    [{ includeOptimizer: 'no' }, /^save: includeOptimizer must be one of true, false, got 'no'$/],
    [{ includeOptimiser: false }, /^save: unknown option 'includeOptimiser' \(did you mean 'includeOptimizer'\?\)/],
    [{ optimizer: false }, /^save: unknown option 'optimizer'/],
    ['note', /^save: options must be an object, got 'note'$/],
    [null, /^save: options must be an object, got null$/],
  ])('options %j are refused', async (options, message) => {
    const model = await trained();
    for (const call of [() => modelToBytes(model, options as object), () => model.save('/nowhere/model.safetensors', options as object)]) {
      expectError(await caught(call), ArgumentError, message);
    }
  });
});
