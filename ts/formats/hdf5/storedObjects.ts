import { Attributes } from './attributes.ts';
import type { FileBytes } from './fileBytes.ts';
import { readLinks } from './links.ts';
import { MESSAGE, type Message, readMessages } from './objectHeader.ts';

/** The fewest bytes of a message in a file, its header included. */
const MESSAGE_BYTES = 8;
/** The messages that a file may have beside those that its bytes can hold. */
const MESSAGES_BESIDE = 1000;

/** A group or a dataset: its header, which several paths may lead to. */
export class StoredObject {
  readonly #file: FileBytes;
  readonly messages: readonly Message[];
  #links: ReadonlyMap<string, number> | null = null;
  #attributes: Attributes | null = null;

  constructor(file: FileBytes, messages: readonly Message[]) {
    this.#file = file;
    this.messages = messages;
  }

  get isDataset(): boolean {
    return this.messages.some(({ kind }) => kind === MESSAGE.layout);
  }

  /** The addresses of what is inside, by name. @throws {FormatError} */
  get links(): ReadonlyMap<string, number> {
    this.#links ??= readLinks(this.#file, this.messages);
    return this.#links;
  }

  /** @throws {FormatError} when one has no name, or they are where none are read */
  get attributes(): Attributes {
    this.#attributes ??= new Attributes(this.#file, this.messages);
    return this.#attributes;
  }
}

/** The groups and datasets of a file by their addresses; each is read once. */
export class StoredObjects {
  readonly file: FileBytes;
  readonly #objects = new Map<number, StoredObject>();
  #messagesLeft: number;

  constructor(file: FileBytes) {
    this.file = file;
    this.#messagesLeft = file.bytes.length / MESSAGE_BYTES + MESSAGES_BESIDE;
  }

  /** @throws {FormatError} when the header is damaged, or shares its bytes with many others */
  at(address: number): StoredObject {
    const known = this.#objects.get(address);
    if (known) return known;
    const object = new StoredObject(this.file, readMessages(this.file, address));
    this.#messagesLeft -= object.messages.length;
    if (this.#messagesLeft < 0) throw this.file.damaged('its objects have more messages than its bytes can hold');
    this.#objects.set(address, object);
    return object;
  }
}
