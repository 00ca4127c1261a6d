import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { AttributeMessage, FunctionMessage, ModelMessage, NodeMessage, TensorMessage, ValueMessage } from './messages.ts';

/** The types of attributes. */
const TYPES = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const;

/** Encodes a file. The numbers are those of the fields in onnx.proto. */
export function encodeModelMessage(model: ModelMessage): Uint8Array<ArrayBuffer> {
  const to = new BinaryWriter();
  to.tag(1, WireType.Varint).int64(model.irVersion);
  text(to, 2, model.producerName);
  inside(to, 7, () => {
    const { graph } = model;
    for (const node of graph.nodes) inside(to, 1, () => encodeNode(to, node));
    text(to, 2, graph.name);
    for (const tensor of graph.initializers) inside(to, 5, () => encodeTensor(to, tensor));
    for (const input of graph.inputs) inside(to, 11, () => encodeValue(to, input));
    for (const output of graph.outputs) inside(to, 12, () => encodeValue(to, output));
  });
  encodeOpsets(to, 8, model.opsets);
  for (const [key, value] of model.metadata)
    inside(to, 14, () => {
      text(to, 1, key);
      text(to, 2, value);
    });
  for (const each of model.functions) inside(to, 25, () => encodeFunction(to, each, model.opsets));
  return to.finish();
}

function inside(to: BinaryWriter, field: number, write: () => void): void {
  to.tag(field, WireType.LengthDelimited).fork();
  write();
  to.join();
}

function text(to: BinaryWriter, field: number, value: string): void {
  to.tag(field, WireType.LengthDelimited).string(value);
}

function encodeOpsets(to: BinaryWriter, field: number, opsets: ReadonlyMap<string, number>): void {
  for (const [domain, version] of opsets)
    inside(to, field, () => {
      text(to, 1, domain);
      to.tag(2, WireType.Varint).int64(version);
    });
}

function encodeNode(to: BinaryWriter, { name, opType, domain, inputs, outputs, attributes }: NodeMessage): void {
  for (const input of inputs) text(to, 1, input);
  for (const output of outputs) text(to, 2, output);
  text(to, 3, name);
  text(to, 4, opType);
  for (const attribute of attributes) inside(to, 5, () => encodeAttribute(to, attribute));
  if (domain !== '') text(to, 7, domain);
}

function encodeAttribute(to: BinaryWriter, attribute: AttributeMessage): void {
  const { name, float, int, string, tensor, floats, ints, strings, reference } = attribute;
  text(to, 1, name);
  const type = (number: number) => to.tag(20, WireType.Varint).int32(number);
  if (reference) {
    type(reference.type);
    text(to, 21, reference.name);
  } else if (float !== undefined) {
    to.tag(2, WireType.Bit32).float(float);
    type(TYPES.float);
  } else if (int !== undefined) {
    to.tag(3, WireType.Varint).int64(int);
    type(TYPES.int);
  } else if (string !== undefined) {
    text(to, 4, string);
    type(TYPES.string);
  } else if (tensor) {
    inside(to, 5, () => encodeTensor(to, tensor));
    type(TYPES.tensor);
  } else if (floats) {
    for (const value of floats) to.tag(7, WireType.Bit32).float(value);
    type(TYPES.floats);
  } else if (ints) {
    for (const value of ints) to.tag(8, WireType.Varint).int64(value);
    type(TYPES.ints);
  } else if (strings) {
    for (const value of strings) text(to, 9, value);
    type(TYPES.strings);
  }
}

function encodeTensor(to: BinaryWriter, { name, dims, dataType, rawData }: TensorMessage): void {
  for (const size of dims) to.tag(1, WireType.Varint).int64(size);
  to.tag(2, WireType.Varint).int32(dataType);
  text(to, 8, name);
  to.tag(9, WireType.LengthDelimited).bytes(rawData);
}

function encodeValue(to: BinaryWriter, { name, dataType, dims }: ValueMessage): void {
  text(to, 1, name);
  inside(to, 2, () =>
    inside(to, 1, () => {
      to.tag(1, WireType.Varint).int32(dataType ?? 0);
      if (dims)
        inside(to, 2, () => {
          for (const size of dims)
            inside(to, 1, () => {
              if (typeof size === 'number') to.tag(1, WireType.Varint).int64(size);
              else if (size !== null) text(to, 2, size);
            });
        });
    }),
  );
}

function encodeFunction(to: BinaryWriter, made: FunctionMessage, opsets: ReadonlyMap<string, number>): void {
  text(to, 1, made.name);
  for (const input of made.inputs) text(to, 4, input);
  for (const output of made.outputs) text(to, 5, output);
  for (const attribute of made.attributes) text(to, 6, attribute);
  for (const node of made.nodes) inside(to, 7, () => encodeNode(to, node));
  encodeOpsets(to, 9, opsets);
  text(to, 10, made.domain);
}
