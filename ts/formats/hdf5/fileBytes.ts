import { FormatError } from '../../core/errors.ts';

/** The address that HDF5 writes where nothing is stored. */
const UNDEFINED = 0xffff_ffff_ffff_ffffn;
const UTF8 = new TextDecoder('utf-8', { fatal: true });
/**
 * The most blocks, messages and texts that reading one file may look at. Damaged files may lead in
 * circles.
 */
const MOST_STEPS = 10_000_000;
/**
 * How many times as long as the file all texts of its heaps may be. Many elements may be one text,
 * which each of them would have in memory; a reader asks for the same attributes several times.
 */
const MOST_TEXT = 16;

/**
 * Reads numbers of an HDF5 file one after the other, in little-endian order. Nothing is read
 * outside the bytes.
 */
export class Cursor {
  readonly #file: FileBytes;
  readonly #end: number;
  position: number;

  constructor(file: FileBytes, start: number, end: number) {
    this.#file = file;
    this.position = start;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.position;
  }

  /** Moves on. @returns the place before @throws {FormatError} when too few bytes are left */
  skip(count: number): number {
    const start = this.position;
    if (count > this.#end - start) throw this.#file.damaged(`${count} bytes are expected at ${start}, but ${this.left} are left`);
    this.position += count;
    return start;
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes; one above 2^53 is refused. */
  uint(bytes: 1 | 2 | 4 | 8): number {
    const view = this.#file.view;
    const start = this.skip(bytes);
    if (bytes === 1) return view.getUint8(start);
    if (bytes === 2) return view.getUint16(start, true);
    if (bytes === 4) return view.getUint32(start, true);
    const value = view.getBigUint64(start, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.#file.damaged(`the number at ${start} is ${value}`);
    return Number(value);
  }

  /** An address; null where nothing is stored. */
  address(): number | null {
    if (this.left >= 8 && this.#file.view.getBigUint64(this.position, true) === UNDEFINED) {
      this.position += 8;
      return null;
    }
    return this.uint(8);
  }

  /** @throws {FormatError} when other bytes are there */
  expect(signature: string): void {
    const start = this.position;
    const found = String.fromCharCode(...this.bytes(signature.length));
    if (found !== signature) throw this.#file.damaged(`'${signature}' is expected at ${start}`);
  }

  bytes(count: number): Uint8Array {
    const start = this.skip(count);
    return this.#file.bytes.subarray(start, start + count);
  }

  /** The next bytes, to be read on their own. */
  part(count: number): Cursor {
    const start = this.skip(count);
    return new Cursor(this.#file, start, start + count);
  }
}

/** The bytes of an HDF5 file. */
export class FileBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The file's name, for error messages. */
  readonly source: string;
  #steps = 0;
  #textBytes = 0;

  constructor(bytes: Uint8Array, source: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.source = source;
  }

  /** A cursor at a block of the file. @throws {FormatError} when the address is outside */
  at(address: number | null, length?: number): Cursor {
    if (address === null) throw this.damaged('an address that is needed is undefined');
    this.step();
    if (address > this.bytes.length) throw this.damaged(`the address ${address} is outside its ${this.bytes.length} bytes`);
    const cursor = new Cursor(this, address, this.bytes.length);
    return length === undefined ? cursor : cursor.part(length);
  }

  /** Counts a step of reading. @throws {FormatError} after too many */
  step(): void {
    if (++this.#steps > MOST_STEPS) throw this.damaged(`reading it takes more than ${MOST_STEPS} steps`);
  }

  /** Counts the bytes of a text of a heap. @throws {FormatError} after too many */
  countText(bytes: number): void {
    this.#textBytes += bytes;
    if (this.#textBytes > MOST_TEXT * this.bytes.length)
      throw this.damaged(`its texts are more than ${MOST_TEXT} times as long as the file: many elements are one text`);
  }

  /** Text up to its first zero. @throws {FormatError} when it is not UTF-8 */
  text(bytes: Uint8Array): string {
    const end = bytes.indexOf(0);
    try {
      return UTF8.decode(end < 0 ? bytes : bytes.subarray(0, end));
    } catch (cause) {
      throw new FormatError(`${this.source} is a damaged HDF5 file: a text is not UTF-8`, { cause });
    }
  }

  damaged(problem: string): FormatError {
    return new FormatError(`${this.source} is a damaged HDF5 file: ${problem}`);
  }

  unsupported(what: string): FormatError {
    return new FormatError(
      `${this.source} has ${what}, which this reader does not know: write the file with h5py's default settings, as Keras does`,
    );
  }
}
