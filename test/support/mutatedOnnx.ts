import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { RandomArrays } from './randomArrays.ts';

/** A field of a message: a number, bytes, or the fields of a message inside. */
interface Field {
  number: number;
  type: WireType;
  value: bigint | Uint8Array | Message;
}

type Message = Field[];

/** Which fields of a message are messages, by the message's name and the field's number. */
const INSIDE: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  Model: { 7: 'Graph', 8: 'Opset', 14: 'Entry', 25: 'Function' },
  Graph: { 1: 'Node', 5: 'Tensor', 11: 'Value', 12: 'Value' },
  Node: { 5: 'Attribute' },
  Attribute: { 5: 'Tensor' },
  Value: { 2: 'Type' },
  Type: { 1: 'TensorType' },
  TensorType: { 2: 'Shape' },
  Shape: { 1: 'Dimension' },
  Function: { 7: 'Node', 9: 'Opset' },
};

function parsed(bytes: Uint8Array, name: string): Message {
  const from = new BinaryReader(bytes);
  const fields: Message = [];
  while (from.pos < from.len) {
    const [number, type] = from.tag();
    if (type === WireType.Varint) fields.push({ number, type, value: BigInt.asUintN(64, BigInt(from.int64())) });
    else if (type === WireType.LengthDelimited) {
      const own = from.bytes();
      const inside = INSIDE[name]?.[number];
      fields.push({ number, type, value: inside === undefined ? own : parsed(own, inside) });
    } else fields.push({ number, type, value: from.skip(type, number) });
  }
  return fields;
}

function encoded(message: Message): Uint8Array {
  const to = new BinaryWriter();
  for (const { number, type, value } of message) {
    to.tag(number, type);
    if (typeof value === 'bigint') to.uint64(value);
    else if (type === WireType.LengthDelimited) to.bytes(value instanceof Uint8Array ? value : encoded(value));
    else to.raw(value as Uint8Array);
  }
  return to.finish();
}

/** All messages inside each other. */
function messagesIn(message: Message): Message[] {
  return [message, ...message.flatMap(({ value }) => (Array.isArray(value) ? messagesIn(value) : []))];
}

const NUMBERS = [0n, 1n, 2n, 3n, 7n, 127n, 128n, 65_536n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
const TEXTS = [
  '',
  '__proto__',
  'constructor',
  'x',
  'y'.repeat(500),
  'LSTM',
  'Reshape',
  'Concat',
  'Transpose',
  'Expand',
  'Tile',
  'Gather',
  'Pad',
  '\ud800',
];

/**
 * A file with a few faults inside its messages, or in its bytes. The same random numbers give the
 * same faults.
 */
export function mutatedOnnx(bytes: Uint8Array, random: RandomArrays): Uint8Array {
  if (random.integer(8) === 0) return damaged(bytes, random);
  const model = parsed(bytes, 'Model');
  const texts = messagesIn(model).flatMap((message) =>
    message.flatMap(({ value }) => (value instanceof Uint8Array && value.length < 40 ? [value] : [])),
  );
  for (let faults = 1 + random.integer(3); faults > 0; faults--) fault(random.choice(messagesIn(model)), random, texts);
  return encoded(model);
}

/** A fault in the bytes themselves. */
function damaged(bytes: Uint8Array, random: RandomArrays): Uint8Array {
  const result = bytes.slice(0, random.integer(3) === 0 ? random.integer(bytes.length) : bytes.length);
  for (let faults = random.integer(4); faults > 0 && result.length > 0; faults--)
    result[random.integer(result.length)] = random.integer(256);
  return result;
}

function fault(message: Message, random: RandomArrays, texts: readonly Uint8Array[]): void {
  if (message.length === 0) return;
  const at = random.integer(message.length);
  const field = message[at];
  const kind = random.integer(6);
  if (kind === 0) message.splice(at, 1);
  else if (kind === 1) message.push(field);
  else if (kind === 2) message.splice(random.integer(message.length), 0, ...message.splice(at, 1));
  else if (kind === 3) field.number = 1 + random.integer(25);
  else if (typeof field.value === 'bigint') field.value = random.choice(NUMBERS);
  else if (field.value instanceof Uint8Array && field.type === WireType.LengthDelimited)
    field.value = random.integer(2) === 0 ? random.choice(texts) : new TextEncoder().encode(random.choice(TEXTS));
  else if (Array.isArray(field.value)) fault(field.value, random, texts);
}
