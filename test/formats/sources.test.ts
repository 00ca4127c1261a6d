import { afterEach, describe, expect, test, vi } from 'vitest';
import { ArgumentError, Dense, FileError, FormatError, loadModel, type ModelSource, modelToBytes, Sequential } from '../../ts/index.ts';
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
    ['no bytes at all', () => new Uint8Array(0), FormatError, /it has 0 bytes/],
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
