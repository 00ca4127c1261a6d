import { readDataspace, readDatatype } from './datatype.ts';
import { decodeElements, type Elements } from './elements.ts';
import type { Cursor, FileBytes } from './fileBytes.ts';
import { MESSAGE, type Message } from './objectHeader.ts';

/** The attributes of an object, by name. A value is decoded when it is first asked for. */
export class Attributes {
  readonly #file: FileBytes;
  readonly #messages = new Map<string, Message>();
  readonly #values = new Map<string, Elements>();

  /** @throws {FormatError} when a name is damaged, or the attributes are where none are read */
  constructor(file: FileBytes, messages: readonly Message[]) {
    this.#file = file;
    for (const message of messages) {
      if (message.kind === MESSAGE.attributeInfo) refuseHeap(file, message);
      if (message.kind === MESSAGE.attribute) this.#messages.set(beginAttribute(file, message).name, message);
    }
  }

  get names(): string[] {
    return [...this.#messages.keys()];
  }

  has(name: string): boolean {
    return this.#messages.has(name);
  }

  /**
   * The elements of an attribute; undefined when there is none of this name.
   * @throws {FormatError} when it is damaged, or of a type that is not read
   */
  get(name: string): Elements | undefined {
    const message = this.#messages.get(name);
    if (!message) return undefined;
    const value = this.#values.get(name) ?? readElements(this.#file, message);
    this.#values.set(name, value);
    return value;
  }
}

function refuseHeap(file: FileBytes, { start, length }: Message): void {
  const cursor = file.at(start, length);
  cursor.skip(1);
  const flags = cursor.uint(1);
  if (flags & 1) cursor.skip(2);
  if (cursor.address() !== null) throw file.unsupported('attributes in a fractal heap');
}

/** Reads an attribute up to its type. @returns the sizes of its type and of its dataspace, too */
function beginAttribute(file: FileBytes, { start, length }: Message): { name: string; sizes: readonly [number, number]; cursor: Cursor } {
  const cursor = file.at(start, length);
  const version = cursor.uint(1);
  if (version < 1 || version > 3) throw file.unsupported(`an attribute of version ${version}`);
  const flags = cursor.uint(1);
  if (version > 1 && flags !== 0) throw file.unsupported('an attribute of a named datatype');
  const size = () => (version === 1 ? Math.ceil(cursor.uint(2) / 8) * 8 : cursor.uint(2));
  const [nameSize, ...sizes] = [size(), size(), size()] as const;
  if (version === 3) cursor.skip(1);
  return { name: file.text(cursor.bytes(nameSize)), sizes, cursor };
}

function readElements(file: FileBytes, message: Message): Elements {
  const { sizes, cursor } = beginAttribute(file, message);
  const type = readDatatype(file, cursor.part(sizes[0]));
  const shape = readDataspace(file, cursor.part(sizes[1]));
  const count = shape ? shape.reduce((product, size) => product * size, 1) : 0;
  return decodeElements(file, type, cursor.bytes(count * type.size), count);
}
