import { inflateSync } from 'fflate';
import { allocateArray } from '../core/allocate.ts';
import { FormatError } from '../core/errors.ts';
import { isError } from '../core/tags.ts';
import { crc32 } from './crc.ts';

/** The bounds of an archive. */
export interface ZipBounds {
  /** The most entries. Default 2^16. */
  readonly maxEntries?: number;
  /** The most bytes that all entries together may unpack to. Default 2^32. */
  readonly maxBytes?: number;
}

/** The signatures of the records. */
export const LOCAL_HEADER = 0x04034b50;
export const CENTRAL_HEADER = 0x02014b50;
export const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;

/** The lengths of the records without names, extra fields and comments. */
export const LOCAL_LENGTH = 30;
export const CENTRAL_LENGTH = 46;
export const END_LENGTH = 22;
const END_64_LENGTH = 56;
const LOCATOR_64_LENGTH = 20;

const [STORED, DEFLATE] = [0, 8] as const;
/** DEFLATE makes at most this many bytes of one: a match of 258 bytes takes two bits. */
const LARGEST_RATIO = 1032;
/** The value of a field of 32 or 16 bits whose number is in a zip64 record. */
const [ABSENT_32, ABSENT_16] = [0xffffffff, 0xffff] as const;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  /** Its bytes in the archive, and unpacked. */
  readonly packed: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly start: number;
}

/**
 * The entries of a zip archive, by name. The archive is not trusted: its records are checked when
 * it is opened, and an entry when it is read.
 *
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export class ZipArchive {
  /** The names of the entries, in the archive's order. */
  readonly names: readonly string[];
  readonly #bytes: Uint8Array;
  readonly #where: string;
  readonly #entries: ReadonlyMap<string, Entry>;

  /**
   * Reads the archive's directory; nothing is unpacked.
   * @param where what is read, for error messages: `readNpz: data.npz`
   * @throws {FormatError} when it is no such archive, is truncated, has several parts, encrypted
   *   entries, two entries of one name or entries that share bytes, or exceeds the bounds
   */
  constructor(bytes: Uint8Array, where: string, { maxEntries = 2 ** 16, maxBytes = 2 ** 32 }: ZipBounds = {}) {
    this.#bytes = bytes;
    this.#where = where;
    const { count, start, length } = this.#directory();
    if (count > maxEntries) throw new FormatError(`${where} has ${count} entries, more than ${maxEntries}`);
    const entries = this.#readEntries(count, start, start + length);
    const total = entries.reduce((sum, { size }) => sum + size, 0);
    if (total > maxBytes) throw new FormatError(`${where} unpacks to ${total} bytes, more than ${maxBytes}`);
    this.#checkPlaces(entries, start);
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
    this.names = [...this.#entries.keys()];
    if (this.names.length < count) {
      const twice = entries.find((entry) => this.#entries.get(entry.name) !== entry) as Entry;
      throw this.#damaged(`two entries have the name '${twice.name}'`);
    }
  }

  /** Whether there is an entry of this name. */
  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** How many bytes an entry unpacks to. @throws {FormatError} when there is no such entry */
  size(name: string): number {
    return this.#entry(name).size;
  }

  /**
   * The bytes of an entry; those of a stored one are a view of the archive's.
   * @throws {FormatError} when there is no such entry, it is packed by another method than DEFLATE,
   *   does not unpack to the size and the CRC-32 of its record
   * @throws {OutOfMemoryError} when it does not fit in memory
   */
  read(name: string): Uint8Array {
    const { method, crc, packed, size, start } = this.#entry(name);
    if (method !== STORED && method !== DEFLATE)
      throw new FormatError(`${this.#where}: '${name}' is packed by the method ${method}; STORED (0) and DEFLATE (8) are read`);
    const from = this.#contentStart(start, name);
    const content = this.#bytes.subarray(from, from + packed);
    const unpacked = method === STORED ? content : this.#inflate(content, size, name);
    if (unpacked.length !== size) throw this.#damaged(`'${name}' does not unpack to the ${size} bytes that its record says`);
    if (crc32(unpacked) !== crc) throw this.#damaged(`'${name}' has another CRC-32 than its record says`);
    return unpacked;
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry) throw new FormatError(`${this.#where} has no entry '${name}'; it has ${this.names.join(', ') || 'none'}`);
    return entry;
  }

  #inflate(content: Uint8Array, size: number, name: string): Uint8Array {
    // One byte more than the size that is expected, so that more of them are noticed. Beyond the
    // array nothing is written.
    const out = allocateArray(Uint8Array, [size + 1], `${this.#where}: the bytes of '${name}'`);
    try {
      return inflateSync(content, { out });
    } catch (cause) {
      throw this.#damaged(`'${name}' does not unpack: ${isError(cause) ? cause.message : String(cause)}`, cause);
    }
  }

  /** Where the directory is and how many entries it has. */
  #directory(): { readonly count: number; readonly start: number; readonly length: number } {
    const end = this.#findEnd();
    const record = this.#record(end, END_LENGTH, 'the last record');
    const [count, length, start] = [record.getUint16(10, true), record.getUint32(12, true), record.getUint32(16, true)];
    // PyTorch writes the zip64 record even where no number needs it.
    const isLong = count === ABSENT_16 || length === ABSENT_32 || start === ABSENT_32 || this.#hasLocator(end);
    const found = isLong ? this.#directory64(end) : { count, start, length, end };
    const isSinglePart = isLong || (record.getUint16(4, true) === 0 && record.getUint16(8, true) === count);
    if (!isSinglePart) throw new FormatError(`${this.#where} is one part of a multi-part archive`);
    if (found.start + found.length !== found.end) throw this.#damaged('its directory does not end where the last record begins');
    return found;
  }

  /** The last record, which may be followed by a comment. */
  #findEnd(): number {
    const last = this.#bytes.length - END_LENGTH;
    for (let place = last; place >= Math.max(0, last - ABSENT_16); place--) {
      const record = this.#record(place, END_LENGTH, '');
      if (record.getUint32(0, true) === END && record.getUint16(20, true) === last - place) return place;
    }
    throw new FormatError(`${this.#where} is not a zip archive, or is truncated: it does not end as one`);
  }

  /** Whether the place of a zip64 record stands before the last record. */
  #hasLocator(end: number): boolean {
    const place = end - LOCATOR_64_LENGTH;
    return place >= 0 && this.#record(place, 4, '').getUint32(0, true) === LOCATOR_64;
  }

  #directory64(end: number) {
    const locator = this.#record(end - LOCATOR_64_LENGTH, LOCATOR_64_LENGTH, 'the place of the zip64 record');
    if (locator.getUint32(0, true) !== LOCATOR_64) throw this.#damaged('the place of its zip64 record is missing');
    const place = this.#integer(locator, 8);
    const record = this.#record(place, END_64_LENGTH, 'the zip64 record');
    if (record.getUint32(0, true) !== END_64) throw this.#damaged('its zip64 record is missing');
    return { count: this.#integer(record, 32), length: this.#integer(record, 40), start: this.#integer(record, 48), end: place };
  }

  #readEntries(count: number, start: number, end: number): Entry[] {
    const entries: Entry[] = [];
    let place = start;
    while (entries.length < count) {
      const record = this.#record(place, CENTRAL_LENGTH, 'its directory');
      if (record.getUint32(0, true) !== CENTRAL_HEADER) throw this.#damaged(`its directory has fewer than ${count} entries`);
      const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) => record.getUint16(at, true)) as [number, number, number];
      const name = this.#text(place + CENTRAL_LENGTH, nameLength);
      if (record.getUint16(8, true) & 1) throw new FormatError(`${this.#where}: '${name}' is encrypted`);
      const extra = this.#record(place + CENTRAL_LENGTH + nameLength, extraLength, 'its directory');
      const [size, packed, from] = this.#longFields(
        extra,
        [24, 20, 42].map((at) => record.getUint32(at, true)),
        name,
      );
      const entry = { name, method: record.getUint16(10, true), crc: record.getUint32(16, true), packed, size, start: from } as Entry;
      this.#checkSizes(entry);
      entries.push(entry);
      place += CENTRAL_LENGTH + nameLength + extraLength + commentLength;
    }
    if (place !== end) throw this.#damaged(`its directory has more than ${count} entries`);
    return entries;
  }

  /** Fields of a record; those that are absent stand in its zip64 field, in this order. */
  #longFields(extra: DataView, fields: readonly number[], name: string): number[] {
    if (!fields.includes(ABSENT_32)) return [...fields];
    for (let place = 0; place + 4 <= extra.byteLength; place += 4 + extra.getUint16(place + 2, true)) {
      if (extra.getUint16(place, true) !== 1) continue;
      let next = place + 4;
      return fields.map((field) => {
        if (field !== ABSENT_32) return field;
        if (next + 8 > extra.byteLength) throw this.#damaged(`the zip64 field of '${name}' is truncated`);
        next += 8;
        return this.#integer(extra, next - 8);
      });
    }
    throw this.#damaged(`'${name}' lacks its zip64 field`);
  }

  #checkSizes({ name, method, packed, size }: Entry): void {
    if (method === STORED && packed !== size) throw this.#damaged(`'${name}' is stored, but has two sizes, ${packed} and ${size}`);
    if (method === DEFLATE && size > LARGEST_RATIO * packed)
      throw this.#damaged(`'${name}' cannot unpack to ${size} bytes, more than ${LARGEST_RATIO} times its ${packed}`);
  }

  /** Checks that entries do not share bytes with each other or with the directory. */
  #checkPlaces(entries: readonly Entry[], directory: number): void {
    const inOrder = [...entries].sort((a, b) => a.start - b.start);
    for (const [index, { name, packed, start }] of inOrder.entries()) {
      const end = this.#contentStart(start, name) + packed;
      const next = inOrder[index + 1];
      if (end > (next?.start ?? directory)) throw this.#damaged(`'${name}' overlaps ${next ? `'${next.name}'` : 'the directory'}`);
    }
  }

  /** Where the content begins of an entry whose local header begins at a place. */
  #contentStart(start: number, name: string): number {
    const header = this.#record(start, LOCAL_LENGTH, `'${name}'`);
    if (header.getUint32(0, true) !== LOCAL_HEADER) throw this.#damaged(`'${name}' does not begin where the directory says`);
    const nameLength = header.getUint16(26, true);
    if (this.#text(start + LOCAL_LENGTH, nameLength) !== name) throw this.#damaged(`'${name}' has another name in the directory`);
    return start + LOCAL_LENGTH + nameLength + header.getUint16(28, true);
  }

  #record(start: number, length: number, what: string): DataView {
    const { buffer, byteOffset } = this.#bytes;
    if (start < 0 || start + length > this.#bytes.length) throw this.#damaged(`${what} is not inside of the file`);
    return new DataView(buffer, byteOffset + start, length);
  }

  #text(start: number, length: number): string {
    const { buffer, byteOffset } = this.#record(start, length, 'a name');
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(new Uint8Array(buffer, byteOffset, length));
    } catch (cause) {
      throw this.#damaged('a name is not UTF-8', cause);
    }
  }

  #integer(view: DataView, at: number): number {
    const value = Number(view.getBigUint64(at, true));
    if (!Number.isSafeInteger(value)) throw this.#damaged(`a zip64 record has the number ${value}`);
    return value;
  }

  #damaged(what: string, cause?: unknown): FormatError {
    return new FormatError(`${this.#where} is damaged: ${what}`, { cause });
  }
}
