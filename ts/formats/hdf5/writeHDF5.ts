import { invariant } from '../../core/invariant.ts';
import { encodeText } from '../../core/nodeGlobals.ts';
import { type Shape, sizeOf } from '../../core/shape.ts';
import { typedArrayName } from '../../core/tags.ts';
import { MESSAGE } from './objectHeader.ts';

/** A dataset to be written. */
export interface WrittenDataset {
  /** `layers/lstm/cell/vars/0` */
  readonly path: string;
  readonly shape: Shape;
  /** Float64Arrays are written as float32. */
  readonly data: Float32Array | Float64Array | Int32Array;
}

/** A group: what is in it by name, and its attributes. */
interface Group {
  readonly entries: Map<string, Group | WrittenDataset>;
  readonly attributes: Map<string, string>;
}

const UNDEFINED = 0xffff_ffff_ffff_ffffn;
const SUPERBLOCK_LENGTH = 96;
/** Header of an object header, and of each of its messages. */
const [PREFIX, MESSAGE_PREFIX] = [16, 8];
/** What readers need not know; it says that nothing is special about a group. */
const GROUP_INFO = 0x0a;

/**
 * Writes an HDF5 file of contiguous datasets and groups, which h5py and so Keras read: a superblock
 * of version 0, object headers of version 1, and a link message for each entry of a group.
 * https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
 * @param groups the paths of groups that are written even where nothing is in them
 * @param attributes texts of groups, by the path of the group
 */
export function writeHDF5(
  datasets: readonly WrittenDataset[],
  groups: readonly string[] = [],
  attributes: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map(),
): Uint8Array {
  const root: Group = newGroup();
  for (const path of groups) groupAt(root, path.split('/'));
  for (const dataset of datasets) {
    const names = dataset.path.split('/');
    const name = names.pop() as string;
    const { entries } = groupAt(root, names);
    invariant(!entries.has(name), `an HDF5 file has '${dataset.path}' twice`);
    entries.set(name, dataset);
  }
  for (const [path, texts] of attributes)
    for (const [name, text] of Object.entries(texts)) groupAt(root, path.split('/')).attributes.set(name, text);
  // Every place is known before anything is written: headers first, then the data.
  const headers = new Map<Group | WrittenDataset, { readonly length: number; address: number }>();
  let end = SUPERBLOCK_LENGTH;
  const place = (object: Group | WrittenDataset): void => {
    const messages = messagesOf(object, () => 0, 0);
    const length = PREFIX + messages.reduce((sum, { data }) => sum + MESSAGE_PREFIX + data.length, 0);
    headers.set(object, { length, address: end });
    end += length;
    if ('entries' in object) for (const entry of object.entries.values()) place(entry);
  };
  place(root);
  const dataPlaces = new Map<WrittenDataset, number>();
  for (const object of headers.keys()) {
    if ('entries' in object) continue;
    dataPlaces.set(object, end);
    end += padded(4 * object.data.length);
  }
  const bytes = new Uint8Array(end);
  const addressOf = (object: Group | WrittenDataset) => (headers.get(object) as { address: number }).address;
  writeSuperblock(bytes, addressOf(root));
  for (const [object, { address, length }] of headers)
    writeHeader(bytes, address, length, messagesOf(object, addressOf, 'entries' in object ? 0 : (dataPlaces.get(object) as number)));
  for (const [dataset, at] of dataPlaces) writeData(bytes, at, dataset);
  return bytes;
}

function newGroup(): Group {
  return { entries: new Map(), attributes: new Map() };
}

/** The group at a path, made where it is missing. */
function groupAt(root: Group, names: readonly string[]): Group {
  let group = root;
  for (const name of names) {
    if (name === '') continue;
    const found = group.entries.get(name) ?? newGroup();
    invariant('entries' in found, `an HDF5 file has '${name}' as a group and as a dataset`);
    group.entries.set(name, found);
    group = found;
  }
  return group;
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** A message of an object header. */
interface WrittenMessage {
  readonly kind: number;
  /** Its length is a multiple of 8. */
  readonly data: Uint8Array;
}

/** Appends little-endian numbers and texts. */
class Fields {
  readonly #bytes: number[] = [];

  /** A number of so many bytes. */
  uint(value: number | bigint, bytes: 1 | 2 | 4 | 8): this {
    let rest = BigInt(value);
    for (let index = 0; index < bytes; index++) {
      this.#bytes.push(Number(rest & 0xffn));
      rest >>= 8n;
    }
    return this;
  }

  raw(bytes: Uint8Array | readonly number[]): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  /** Fills with zeros to a multiple of 8 bytes. */
  fill(): this {
    while (this.#bytes.length % 8 !== 0) this.#bytes.push(0);
    return this;
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

function messagesOf(
  object: Group | WrittenDataset,
  addressOf: (entry: Group | WrittenDataset) => number,
  dataPlace: number,
): WrittenMessage[] {
  return 'entries' in object ? groupMessages(object, addressOf) : datasetMessages(object, dataPlace);
}

function groupMessages({ entries, attributes }: Group, addressOf: (entry: Group | WrittenDataset) => number): WrittenMessage[] {
  // No heap and no index of names: the links are messages.
  const linkInfo = new Fields().uint(0, 1).uint(0, 1).uint(UNDEFINED, 8).uint(UNDEFINED, 8).fill();
  const groupInfo = new Fields().uint(0, 1).uint(0, 1).fill();
  const links = [...entries].map(([name, entry]): WrittenMessage => {
    const text = encodeText(name);
    // Flags: the name's length has 2 bytes, and its character set is given: 1, UTF-8.
    const link = new Fields().uint(1, 1).uint(0x11, 1).uint(1, 1).uint(text.length, 2).raw(text).uint(addressOf(entry), 8).fill();
    return { kind: MESSAGE.link, data: link.bytes };
  });
  return [
    { kind: MESSAGE.linkInfo, data: linkInfo.bytes },
    { kind: GROUP_INFO, data: groupInfo.bytes },
    ...links,
    ...[...attributes].map(([name, text]): WrittenMessage => ({ kind: MESSAGE.attribute, data: attributeOf(name, text) })),
  ];
}

/** A text as an attribute of version 1. */
function attributeOf(name: string, text: string): Uint8Array {
  const [nameBytes, textBytes] = [encodeText(`${name}\0`), encodeText(text === '' ? '\0' : text)];
  // Class 3 of version 1: a text of this length, filled with zeros, in UTF-8.
  const type = new Fields().uint(0x13, 1).raw([0x11, 0, 0]).uint(textBytes.length, 4).bytes;
  const space = dataspace([]);
  return new Fields()
    .uint(1, 1)
    .uint(0, 1)
    .uint(nameBytes.length, 2)
    .uint(type.length, 2)
    .uint(space.length, 2)
    .raw(nameBytes)
    .fill()
    .raw(type)
    .raw(space)
    .raw(textBytes)
    .fill().bytes;
}

function dataspace(shape: Shape): Uint8Array {
  const fields = new Fields().uint(1, 1).uint(shape.length, 1).raw([0, 0, 0, 0, 0, 0]);
  for (const size of shape) fields.uint(size, 8);
  return fields.bytes;
}

function datasetMessages({ shape, data }: WrittenDataset, place: number): WrittenMessage[] {
  const isInteger = typedArrayName(data) === 'Int32Array';
  const type = isInteger
    ? new Fields().uint(0x10, 1).raw([0x08, 0, 0]).uint(4, 4).uint(0, 2).uint(32, 2)
    : // Sign in bit 31, exponent of 8 bits from bit 23, mantissa of 23 bits, bias 127.
      new Fields().uint(0x11, 1).raw([0x20, 0x1f, 0]).uint(4, 4).uint(0, 2).uint(32, 2).raw([23, 8, 0, 23]).uint(127, 4);
  // Nothing is stored where there are no elements.
  const address = sizeOf(shape) === 0 ? UNDEFINED : place;
  const layout = new Fields()
    .uint(3, 1)
    .uint(1, 1)
    .uint(address, 8)
    .uint(4 * data.length, 8);
  return [
    { kind: MESSAGE.dataspace, data: new Fields().raw(dataspace(shape)).fill().bytes },
    { kind: MESSAGE.datatype, data: type.fill().bytes },
    // Version 2: memory is taken late, and the fill value is the default.
    { kind: MESSAGE.fillValue, data: new Fields().raw([2, 2, 2, 0]).fill().bytes },
    { kind: MESSAGE.layout, data: layout.fill().bytes },
  ];
}

function writeSuperblock(bytes: Uint8Array, root: number): void {
  const fields = new Fields()
    .raw([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])
    // Versions of it and its parts; addresses and lengths of 8 bytes.
    .raw([0, 0, 0, 0, 0, 8, 8, 0])
    // Sizes of nodes of B-trees, which the file does not have, and flags.
    .uint(4, 2)
    .uint(16, 2)
    .uint(0, 4)
    .uint(0, 8)
    .uint(UNDEFINED, 8)
    .uint(bytes.length, 8)
    .uint(UNDEFINED, 8)
    // The root: a name that nobody reads, the address of its header, and nothing cached.
    .uint(0, 8)
    .uint(root, 8)
    .raw(new Array<number>(24).fill(0));
  bytes.set(fields.bytes, 0);
}

function writeHeader(bytes: Uint8Array, at: number, length: number, messages: readonly WrittenMessage[]): void {
  const fields = new Fields()
    .uint(1, 1)
    .uint(0, 1)
    .uint(messages.length, 2)
    .uint(1, 4)
    .uint(length - PREFIX, 4)
    .uint(0, 4);
  for (const { kind, data } of messages) fields.uint(kind, 2).uint(data.length, 2).uint(0, 4).raw(data);
  bytes.set(fields.bytes, at);
}

function writeData(bytes: Uint8Array, at: number, { data }: WrittenDataset): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isInteger = typedArrayName(data) === 'Int32Array';
  for (let index = 0; index < data.length; index++) {
    const value = data[index] as number;
    if (isInteger) view.setInt32(at + 4 * index, value, true);
    else view.setFloat32(at + 4 * index, value, true);
  }
}
