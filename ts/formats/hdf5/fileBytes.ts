import { FormatError } from '../../core/errors.ts';

/** The address that HDF5 writes where nothing is stored. */
const UNDEFINED = 0xffff_ffff_ffff_ffffn;
const UTF8 = new TextDecoder('utf-8', { fatal: true });
/**
 * The most blocks, messages and texts that reading may look at for each byte of the file, and
 * beside. Damaged files may lead in circles.
 */
const [STEPS_FOR_BYTE, STEPS_BESIDE] = [4, 100_000] as const;
/**
 * The most bytes of texts for each byte of the file, and beside. Many elements may be one text,
 * which each of them would have in memory, and names may overlap.
 */
const [TEXT_FOR_BYTE, TEXT_BESIDE] = [16, 2 ** 20] as const;
/**
 * The most numbers that are read for each byte of the file, and beside: chunks are packed, and many
 * datasets may be the same bytes.
 */
const [NUMBERS_FOR_BYTE, NUMBERS_BESIDE] = [4, 1_000_000] as const;

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
  #stepsLeft: number;
  #textLeft: number;
  #numbersLeft: number;

  /** @param size the bytes of the file that these were unpacked from */
  constructor(bytes: Uint8Array, source: string, size: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.source = source;
    this.#stepsLeft = STEPS_FOR_BYTE * bytes.length + STEPS_BESIDE;
    this.#textLeft = TEXT_FOR_BYTE * size + TEXT_BESIDE;
    this.#numbersLeft = NUMBERS_FOR_BYTE * size + NUMBERS_BESIDE;
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
    if (--this.#stepsLeft < 0) throw this.damaged(`reading it takes more steps than ${this.bytes.length} bytes need`);
  }

  /** Counts numbers before memory is taken for them. @throws {FormatError} after too many */
  countNumbers(count: number): void {
    this.#numbersLeft -= count;
    // Sizes of a damaged file may be so large that this is no number.
    if (!(this.#numbersLeft >= 0))
      throw this.damaged(`its datasets have more than ${NUMBERS_FOR_BYTE} numbers for each byte of the file, at a dataset of ${count}`);
  }

  /**
   * Text up to its first zero.
   * @throws {FormatError} when it is not UTF-8, or all texts together are too long
   */
  text(bytes: Uint8Array): string {
    const end = bytes.indexOf(0);
    const content = end < 0 ? bytes : bytes.subarray(0, end);
    this.#textLeft -= content.length;
    if (this.#textLeft < 0)
      throw this.damaged(`its texts are more than ${TEXT_FOR_BYTE} times as long as the file: many of them are the same bytes`);
    try {
      return UTF8.decode(content);
    } catch (cause) {
      throw new FormatError(`${this.source} is a damaged HDF5 file: a text is not UTF-8`, { cause });
    }
  }

  damaged(problem: string): FormatError {
    return new FormatError(`${this.source} is a damaged HDF5 file: ${problem}`);
  }

  unsupported(what: string): FormatError {
    return new FormatError(
      `${this.source} has ${what}, which this reader does not support: write the file with h5py's default settings, as Keras does`,
    );
  }
}
