import type { NumericArray } from '../core/numericArray.ts';

/** A class of arrays for rows. */
type ArrayClass = new (length: number) => NumericArray;

/**
 * Memory for the rows that are read and wait for their batch: views would keep that of whole parts
 * of files. Later rows use what is released, as new memory makes the garbage collector run often.
 */
export class RowMemory {
  readonly #reuses: boolean;
  /** The arrays that were made here, where later rows may use them. */
  readonly #own = new Set<unknown>();
  readonly #free: NumericArray[] = [];

  /** @param reuses whether later rows use the arrays that are released */
  constructor(reuses: boolean) {
    this.#reuses = reuses;
  }

  /** An array that no other row uses, with any contents. */
  take(OfType: ArrayClass, length: number): NumericArray {
    const free = this.#free.pop();
    if (free !== undefined && free.length === length && free.constructor === OfType) return free;
    // Rows of another file may be longer, or of another class.
    this.#own.delete(free);
    const made = new OfType(length);
    if (this.#reuses) this.#own.add(made);
    return made;
  }

  /** Lets later rows have the arrays of these, as far as they are from here. */
  release(rows: readonly unknown[]): void {
    for (const row of rows) if (this.#own.has(row)) this.#free.push(row as NumericArray);
  }
}
