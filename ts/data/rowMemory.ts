import type { NumericArray } from '../core/numericArray.ts';

/**
 * Memory for rows that wait for their batch, and for the parts of files that they are read in, used
 * again for later rows and parts. New memory for each would make the garbage collector run often,
 * and views would keep the memory of whole files.
 */
export class RowMemory {
  readonly #rows = new Set<unknown>();
  readonly #freeRows: NumericArray[] = [];
  readonly #freeParts: ArrayBuffer[] = [];

  /** Copies a row into memory that no other row uses. */
  copy(row: NumericArray): NumericArray {
    const free = this.#freeRows.pop();
    if (free !== undefined && free.length === row.length && free.constructor === row.constructor) {
      free.set(row);
      return free;
    }
    // Rows of another file may be longer, or of another class.
    this.#rows.delete(free);
    const made = row.slice();
    this.#rows.add(made);
    return made;
  }

  /** Lets later rows have the memory of these, as far as it is from here. */
  release(rows: readonly unknown[]): void {
    for (const row of rows) if (this.#rows.has(row)) this.#freeRows.push(row as NumericArray);
  }

  /** Memory for a part of a file, of at least so many bytes. */
  takePart(bytes: number): ArrayBuffer {
    const free = this.#freeParts.pop();
    return free !== undefined && free.byteLength >= bytes ? free : new ArrayBuffer(bytes);
  }

  /** Lets a later part have its memory. */
  releasePart(part: ArrayBuffer): void {
    this.#freeParts.push(part);
  }
}
