import { encodeText } from '../../core/nodeGlobals.ts';
import { crc32Of } from '../../data/crc.ts';
import { joinedBytes } from '../joinedBytes.ts';

/** The CRC-32C of Castagnoli, which TFRecord files use. */
const crc32c = /* @__PURE__ */ crc32Of(0x82f63b78);

/** The types of a field of a protocol buffer, as its key has them. */
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5] as const;

/** The first record of an event file. */
export function versionRecord(wallTime: number): Uint8Array {
  return record([fixed64(1, wallTime), bytes(3, encodeText('brain.Event:2'))]);
}

/**
 * The record of an event: numbers of one step.
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/summary.proto
 * @param wallTime seconds since 1970
 * @param scalars numbers by their tags
 */
export function scalarsRecord(wallTime: number, step: number, scalars: Readonly<Record<string, number>>): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) => bytes(1, joinedBytes([bytes(1, encodeText(tag)), fixed32(2, value)])));
  return record([fixed64(1, wallTime), varint(2, step), bytes(5, joinedBytes(values))]);
}

/**
 * A record of a TFRecord file: the length, its check, the data, its check.
 * https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
function record(fields: readonly Uint8Array[]): Uint8Array {
  const data = joinedBytes(fields);
  const framed = new Uint8Array(data.length + 16);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(framed.subarray(0, 8))), true);
  framed.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return framed;
}

/** A check as TFRecord files store it, since data that holds its own check would hide errors. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const key = (field: number, type: number) => (field << 3) | type;

function varint(field: number, value: number): Uint8Array {
  return Uint8Array.from([key(field, VARINT), ...digits(value)]);
}

/** An integer in base 128, the lowest digit first; every digit but the last has a mark. */
function digits(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...digits(Math.floor(value / 128))];
}

function fixed64(field: number, value: number): Uint8Array {
  const encoded = new Uint8Array(9);
  encoded[0] = key(field, FIXED64);
  new DataView(encoded.buffer).setFloat64(1, value, true);
  return encoded;
}

function fixed32(field: number, value: number): Uint8Array {
  const encoded = new Uint8Array(5);
  encoded[0] = key(field, FIXED32);
  new DataView(encoded.buffer).setFloat32(1, value, true);
  return encoded;
}

function bytes(field: number, content: Uint8Array): Uint8Array {
  return joinedBytes([Uint8Array.from([key(field, BYTES), ...digits(content.length)]), content]);
}
