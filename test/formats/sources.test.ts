import { tmpdir } from 'node:os';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ArgumentError, Dense, FileError, FormatError, loadModel, type ModelSource, modelToBytes, Sequential } from '../../ts/index.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { caught, type ErrorClass, expectError } from '../support/refusals.ts';

const bytes = await modelToBytes(new Sequential([new Dense(2, { inputShape: [3] })]));

function detached<B extends Uint8Array | ArrayBuffer>(source: B): B {
  structuredClone(null, { transfer: ['buffer' in source ? (source.buffer as ArrayBuffer) : source] });
  return source;
}

/** What is taken for a blob or a file in any realm. */
const blobOf = (members: object) => ({ [Symbol.toStringTag]: 'File', name: 'model.safetensors', ...members }) as unknown as Blob;

describe('what a model is loaded from', () => {
  afterEach(() => vi.unstubAllGlobals());

  test.each<[string, () => ModelSource]>([
    ['bytes', () => bytes],
    ['a part of a buffer', () => new Uint8Array([0, 0, ...bytes, 0]).subarray(2, -1)],
    ['a buffer', () => bytes.slice().buffer],
    ['a blob', () => new Blob([bytes.slice()])],
    ['a file', () => new File([bytes.slice()], 'model.safetensors')],
  ])('%s', async (_label, source) => {
    expect((await loadModel(source())).countParams()).toBe(8);
  });

  test('a blob without arrayBuffer, as those of jsdom are', async () => {
    class Reader {
      result: ArrayBuffer | null = null;
      onload: (() => void) | null = null;
      readAsArrayBuffer() {
        this.result = bytes.slice().buffer;
        queueMicrotask(() => this.onload?.());
      }
    }
    vi.stubGlobal('FileReader', Reader);
    expect((await loadModel(blobOf({}))).countParams()).toBe(8);
  });

  test.each<[string, () => unknown, ErrorClass, RegExp]>([
    [
      'a buffer that was transferred',
      () => detached(bytes.slice().buffer),
      ArgumentError,
      /^loadModel got a detached ArrayBuffer: its memory was transferred, as to a worker\. Post a copy, bytes\.slice\(\), or load it first$/,
    ],
    ['bytes that were', () => detached(bytes.slice()), ArgumentError, /^loadModel got a detached Uint8Array: its memory was transferred/],
    ['no bytes at all', () => new Uint8Array(0), FormatError, /^the saved model is no model that loadModel reads: .*; it is empty$/],
    [
      'a page that a server gave instead',
      () => new File(['<!doctype html><title>404</title>'], 'model.keras'),
      FormatError,
      /^model\.keras is no model that loadModel reads: \.safetensors of Backtime, .*; it begins with '<!doctype html><title>40'$/,
    ],
    [
      'a picture',
      () => new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13)], 'model.onnx'),
      FormatError,
      /^model\.onnx is no model that loadModel reads: .*; it begins with bytes of none of them$/,
    ],
    ['a folder', () => tmpdir(), FileError, /: it is a folder: name a file in it$/],
    [
      'a file that was deleted since',
      () => blobOf({ arrayBuffer: () => Promise.reject(new DOMException('it is gone', 'NotFoundError')) }),
      FileError,
      /^loadModel: cannot read the file model\.safetensors: it is gone$/,
    ],
    [
      'other numbers',
      () => new Float32Array(2),
      ArgumentError,
      /^loadModel takes a file name, an address, bytes or a Blob, got a Float32Array of 2$/,
    ],
    ['an address of megabytes', () => `data:${'a'.repeat(1e6)}`, FileError, /^loadModel: cannot read data:a{292}\.\.\.: /],
  ])('is refused: %s', async (_label, source, errorClass, message) => {
    expectError(await caught(() => loadModel(source() as ModelSource)), errorClass, message);
  });

  test('an object as dtype is named', async () => {
    const header = new TextEncoder().encode(JSON.stringify({ a: { dtype: { toString: 1 }, shape: [], data_offsets: [0, 0] } }));
    const file = new Uint8Array(8 + header.length);
    new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
    file.set(header, 8);
    expectError(await caught(() => loadModel(file)), FormatError, /tensor 'a' has (the )?type an object with the key toString/);
  });
});

describe('what weights are loaded from', () => {
  const network = () => new Sequential([new Dense(2, { inputShape: [3], name: 'own' })]);
  const notWeights = new Sequential([new Dense(2, { inputShape: [3] })]);

  test.each<[string, () => Promise<Uint8Array> | Uint8Array, RegExp]>([
    [
      'an ONNX file',
      () => modelToBytes(notWeights, { format: 'onnx' }),
      /^loadWeights: the file holds a whole model, .*load it with loadModel/,
    ],
    ['a model.json', () => new TextEncoder().encode('{"modelTopology":{}}'), /holds a whole model/],
    [
      'a text',
      () => new TextEncoder().encode('a,b\n1,2\n3,4\n'),
      /^loadWeights: the file has no weights that it reads: .*; it begins with 'a,b/,
    ],
  ])('%s is refused with what to do', async (_name, source, message) => {
    const model = network();
    const before = model.getWeights();
    const given = await source();
    expectError(await caught(() => model.loadWeights(given)), FormatError, message);
    expect(model.getWeights()).toEqual(before);
  });

  test('a .keras file, which is found without the option format', async () => {
    const [model, other] = [network(), network()];
    const { loaded } = await other.loadWeights(await modelToBytes(model, { format: 'keras' }), { byName: true });
    expect(loaded).toEqual(['own/kernel', 'own/bias']);
    expect(other.getWeights()).toEqual(model.getWeights());
  });

  test('layers of other names: nothing is loaded, with a warning', async () => {
    const warnings = givenWarnings();
    const file = await modelToBytes(notWeights, { format: 'keras' });
    for (const options of [{ byName: true }, { byName: true, skipMismatch: true }]) {
      const model = network();
      expect((await model.loadWeights(file, options)).loaded).toEqual([]);
      expect(warnings.splice(0)).toEqual([
        { code: 'NOTHING_LOADED', message: expect.stringMatching(/no weights that model sequential\w* takes by the names of its layers/) },
      ]);
    }
  });
});
