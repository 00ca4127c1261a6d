import { readDataspace, readDatatype } from './datatype.ts';
import { decodeElements, type Elements } from './elements.ts';
import type { FileBytes } from './fileBytes.ts';
import { MESSAGE, type Message } from './objectHeader.ts';

/** Reads the attributes of an object. @throws {FormatError} when one is damaged or unknown */
export function readAttributes(file: FileBytes, messages: readonly Message[]): Map<string, Elements> {
  const attributes = new Map<string, Elements>();
  for (const { kind, start, length } of messages) {
    const cursor = file.at(start, length);
    if (kind === MESSAGE.attributeInfo) {
      cursor.skip(1);
      const flags = cursor.uint(1);
      if (flags & 1) cursor.skip(2);
      if (cursor.address() !== null) throw file.unsupported('attributes in a fractal heap');
    }
    if (kind !== MESSAGE.attribute) continue;
    const version = cursor.uint(1);
    if (version < 1 || version > 3) throw file.unsupported(`an attribute of version ${version}`);
    const flags = cursor.uint(1);
    if (version > 1 && flags !== 0) throw file.unsupported('an attribute of a named datatype');
    const sizes = [cursor.uint(2), cursor.uint(2), cursor.uint(2)].map((size) => (version === 1 ? Math.ceil(size / 8) * 8 : size));
    if (version === 3) cursor.skip(1);
    const name = file.text(cursor.bytes(sizes[0] as number));
    const type = readDatatype(file, cursor.part(sizes[1] as number));
    const shape = readDataspace(file, cursor.part(sizes[2] as number));
    const count = shape ? shape.reduce((product, size) => product * size, 1) : 0;
    attributes.set(name, decodeElements(file, type, cursor.bytes(count * type.size), count));
  }
  return attributes;
}
