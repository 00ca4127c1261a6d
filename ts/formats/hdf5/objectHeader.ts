import type { Cursor, FileBytes } from './fileBytes.ts';

/** Kinds of messages that are read. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  fillValue: 0x05,
  link: 0x06,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** A message of an object header. */
export interface Message {
  readonly kind: number;
  readonly start: number;
  readonly length: number;
}

/** The most messages of a header: h5py writes one for each attribute or link. */
const MOST_MESSAGES = 100_000;
const SHARED = 2;

/**
 * The messages of an object header, version 1 or 2. See "Data Object Headers" in the HDF5 File
 * Format Specification, https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html.
 * @throws {FormatError} when it is damaged
 */
export function readMessages(file: FileBytes, address: number): Message[] {
  const first = file.at(address);
  const messages: Message[] = [];
  if (first.uint(1) === 1) {
    first.skip(7);
    const length = first.uint(4);
    first.skip(4);
    readBlocks(file, messages, first.part(length), 1, 0);
    return messages;
  }
  first.position = address;
  first.expect('OHDR');
  const version = first.uint(1);
  if (version !== 2) throw file.unsupported(`an object header of version ${version}`);
  const flags = first.uint(1);
  if (flags & 0x20) first.skip(16);
  if (flags & 0x10) first.skip(4);
  const length = first.uint((1 << (flags & 3)) as 1 | 2 | 4 | 8);
  readBlocks(file, messages, first.part(length), 2, flags);
  return messages;
}

/** Reads the messages of a block, and of those that it continues in. */
function readBlocks(file: FileBytes, messages: Message[], first: Cursor, version: 1 | 2, flags: number): void {
  const blocks = [first];
  const headerLength = version === 1 ? 8 : flags & 4 ? 6 : 4;
  for (const block of blocks) {
    while (block.left >= headerLength) {
      file.step();
      const kind = block.uint(version === 1 ? 2 : 1);
      const length = block.uint(2);
      const messageFlags = block.uint(1);
      block.skip(headerLength - (version === 1 ? 5 : 4));
      const start = block.skip(length);
      if (messages.length + blocks.length > MOST_MESSAGES) throw file.damaged(`an object has more than ${MOST_MESSAGES} messages`);
      if (kind === MESSAGE.continuation) {
        const message = file.at(start, length);
        const next = file.at(message.uint(8), message.uint(8));
        if (version === 1) blocks.push(next);
        else {
          next.expect('OCHK');
          blocks.push(next.part(Math.max(0, next.left - 4)));
        }
      } else {
        const known = Object.values<number>(MESSAGE).includes(kind);
        if (known && messageFlags & SHARED) throw file.unsupported('a shared message, as of a named datatype,');
        if (known) messages.push({ kind, start, length });
      }
    }
  }
}

/** The message of a kind. @throws {FormatError} when there is none */
export function messageOf(file: FileBytes, messages: readonly Message[], kind: keyof typeof MESSAGE): Cursor {
  const found = messages.find((message) => message.kind === MESSAGE[kind]);
  if (!found) throw file.damaged(`an object has no message ${kind}`);
  return file.at(found.start, found.length);
}
