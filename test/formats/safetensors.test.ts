import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, FormatError, ShapeError } from '../../ts/core/errors.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../ts/formats/safetensors.ts';

const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });
const TYPES = [Float32Array, Float64Array, Int32Array] as const;

/** Any tensor of the types, with any bits. */
const tensors: fc.Arbitrary<StoredTensor> = fc
  .record({ name: fc.string(), shape: shapes, type: fc.constantFrom(...TYPES), seed: fc.integer() })
  .chain(({ name, shape, type }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const bytes = length * type.BYTES_PER_ELEMENT;
    return fc
      .uint8Array({ minLength: bytes, maxLength: bytes })
      .map((bits) => ({ name, shape, data: new type(bits.slice().buffer, 0, length) }));
  });

const files = fc.record({
  tensors: fc
    .uniqueArray(tensors, { selector: ({ name }) => name, maxLength: 6 })
    .filter((all) => all.every(({ name }) => name !== '__metadata__')),
  metadata: fc.dictionary(fc.string(), fc.string()),
});

/** Bits, so that NaNs are compared too. */
const bitsOf = ({ shape, data }: StoredTensor) => [
  shape,
  data.constructor.name,
  Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
];
const byName = (all: readonly StoredTensor[]) => new Map(all.map((tensor) => [tensor.name, bitsOf(tensor)]));

/** A file of this header, as it stands, and these many bytes of data. */
function fileOf(header: string, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const decode = (bytes: Uint8Array) => decodeSafetensors(bytes, 'the test');

describe('safetensors', () => {
  test('what was written is read back bit for bit, whatever the names, shapes and values', () => {
    fc.assert(
      fc.property(files, (file) => {
        const read = decode(encodeSafetensors(file));
        expect(byName(read.tensors)).toEqual(byName(file.tensors));
        expect(new Map(Object.entries(read.metadata))).toEqual(new Map(Object.entries(file.metadata)));
      }),
    );
  });

  test('names that mean something to JavaScript are names', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '\0', '\ud800', '10', '2'];
    const stored = names.map((name, index) => ({ name, shape: [1], data: Int32Array.of(index) }));
    const read = decode(encodeSafetensors({ tensors: stored, metadata: { constructor: 'a' } }));
    expect(byName(read.tensors)).toEqual(byName(stored));
    expect(read.metadata).toEqual({ constructor: 'a' });
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });

  test('it reads from anywhere in a buffer, and what it returns shares no memory with it', () => {
    const file = { tensors: [{ name: 'a', shape: [2], data: Float32Array.of(1, 2) }], metadata: {} };
    const bytes = encodeSafetensors(file);
    for (const shift of [1, 3, 8]) {
      const around = Buffer.alloc(bytes.length + 16, 0xff);
      around.set(bytes, shift);
      const { tensors: read } = decode(around.subarray(shift, shift + bytes.length));
      around.fill(0);
      expect(byName(read)).toEqual(byName(file.tensors));
    }
  });

  test('the layout is the format: a length, JSON padded with spaces, data in the order of the tensors', () => {
    const bytes = encodeSafetensors({
      tensors: [
        { name: 'b', shape: [1, 2], data: Float32Array.of(1.5, -2) },
        { name: 'a', shape: [], data: Int32Array.of(7) },
      ],
      metadata: { key: 'value' },
    });
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(headerLength % 8).toBe(0);
    const header = new TextDecoder().decode(bytes.subarray(8, 8 + headerLength));
    expect(header.trimEnd()).toBe(
      '{"__metadata__":{"key":"value"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"a":{"dtype":"I32","shape":[],"data_offsets":[8,12]}}',
    );
    expect(Array.from(bytes.subarray(8 + headerLength))).toEqual([0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 7, 0, 0, 0]);
  });

  test('every shorter file is refused, and every longer one', () => {
    const bytes = encodeSafetensors({
      tensors: [
        { name: 'a', shape: [3], data: Float32Array.of(1, 2, 3) },
        { name: 'b', shape: [2], data: Float64Array.of(4, 5) },
      ],
      metadata: { some: 'thing' },
    });
    for (let length = 0; length < bytes.length; length++)
      expect(() => decode(bytes.subarray(0, length)), `${length} bytes`).toThrow(FormatError);
    for (const more of [1, 4, 8]) expect(() => decode(Uint8Array.of(...bytes, ...new Uint8Array(more)))).toThrow(FormatError);
  });

  test('any bytes are read or refused with a FormatError', () => {
    const refusesProperly = (bytes: Uint8Array) => {
      try {
        decode(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), refusesProperly));
    fc.assert(fc.property(fc.json(), fc.integer({ min: 0, max: 16 }), (header, dataBytes) => refusesProperly(fileOf(header, dataBytes))));
    fc.assert(
      fc.property(files, fc.nat(), fc.integer({ min: 1, max: 255 }), (file, position, change) => {
        const bytes = encodeSafetensors(file);
        bytes[position % bytes.length] ^= change;
        refusesProperly(bytes);
      }),
    );
  });

  const tensor = (fields: object) => JSON.stringify({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...fields } });
  const two = (first: number[], second: number[]) =>
    JSON.stringify({ a: { dtype: 'F32', shape: [1], data_offsets: first }, b: { dtype: 'F32', shape: [1], data_offsets: second } });

  test.each<[string, Uint8Array, RegExp]>([
    ['no header', new Uint8Array(7), /it has 7 bytes, fewer than the 8 of the header's length$/],
    ['a header longer than the file', new Uint8Array(8).fill(1), /its header should have 72340172838076673 bytes, but 0 follow$/],
    ['a header of nothing', fileOf(''), /its header is not JSON$/],
    ['broken JSON', fileOf('{"a":'), /its header is not JSON$/],
    ['broken UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff), /its header is not JSON$/],
    ['an array', fileOf('[]'), /is not a safetensors file: no JSON header begins after its first 8 bytes$/],
    ['null', fileOf('null'), /is not a safetensors file: no JSON header/],
    ['a text', new TextEncoder().encode('epoch,loss\n1,0.5\n'), /is not a safetensors file: no JSON header/],
    ['metadata that is no object', fileOf('{"__metadata__":5}'), /its __metadata__ is not an object of strings$/],
    ['metadata with numbers', fileOf('{"__metadata__":{"a":5}}'), /its __metadata__ is not an object of strings$/],
    ['a tensor that is no object', fileOf('{"a":5}'), /tensor 'a' has type undefined, expected F32, F64, I32, I16, I8$/],
    ['another type', fileOf(tensor({ dtype: 'BF16' }), 4), /tensor 'a' has type 'BF16', expected F32, F64, I32, I16, I8$/],
    ['a type of the prototype', fileOf(tensor({ dtype: 'constructor' }), 4), /tensor 'a' has type 'constructor'/],
    ['no shape', fileOf(tensor({ shape: undefined }), 4), /tensor 'a' has no valid shape and data_offsets$/],
    ['a negative size', fileOf(tensor({ shape: [-1, -1] }), 4), /tensor 'a' has no valid shape/],
    ['a fraction as size', fileOf(tensor({ shape: [0.5, 2] }), 4), /tensor 'a' has no valid shape/],
    ['three offsets', fileOf(tensor({ data_offsets: [0, 4, 8] }), 4), /tensor 'a' has no valid shape/],
    ['offsets as text', fileOf(tensor({ data_offsets: ['0', '4'] }), 4), /tensor 'a' has no valid shape/],
    ['offsets the wrong way round', fileOf(tensor({ data_offsets: [4, 0] }), 4), /tensor 'a' lies at bytes 4 to 0/],
    ['data beyond the end', fileOf(tensor({}), 3), /tensor 'a' lies at bytes 0 to 4 of the data, but there are 3: the file is truncated$/],
    ['a shape that needs more', fileOf(tensor({ shape: [2] }), 4), /tensor 'a' of shape \[2\] and type F32 has 4 bytes$/],
    [
      'a shape without bounds',
      fileOf(tensor({ shape: [2 ** 53 - 1, 2 ** 53 - 1] }), 4),
      /tensor 'a' of shape \[9007199254740991, 9007199254740991\]/,
    ],
    ['tensors that share bytes', fileOf(two([0, 4], [0, 4]), 8), /byte 4 of its data should begin a tensor, but the next one begins at 0$/],
    ['a hole', fileOf(two([0, 4], [8, 12]), 12), /byte 4 of its data should begin a tensor, but the next one begins at 8$/],
    ['bytes behind the last', fileOf(tensor({}), 5), /its tensors have 4 bytes, but 5 follow the header$/],
  ])('refuses %s', (_label, bytes, problem) => {
    expect(() => decode(bytes)).toThrow(FormatError);
    expect(() => decode(bytes)).toThrow(/^the test is not a (whole )?safetensors file: /);
    expect(() => decode(bytes)).toThrow(problem);
  });

  test('does not write what it could not read', () => {
    const write =
      (...stored: unknown[]) =>
      () =>
        encodeSafetensors({ tensors: stored as StoredTensor[], metadata: {} });
    const data = Float32Array.of(1);
    expect(write({ name: '__metadata__', shape: [1], data })).toThrow(ArgumentError);
    expect(write({ name: 'a', shape: [1], data }, { name: 'a', shape: [1], data })).toThrow(/the name 'a' is taken/);
    expect(write({ name: 'a', shape: [2], data })).toThrow(ShapeError);
    expect(write({ name: 'a', shape: [1], data: Uint8Array.of(1) })).toThrow(
      /'a' must be a Float32Array, a Float64Array, or an Int32Array, Int16Array or Int8Array, got a Uint8Array/,
    );
  });
});
