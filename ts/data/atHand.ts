import type { RowMemory } from './rowMemory.ts';

/** The names of the functions of {@link AtHand}. */
export const AT_HAND = /* @__PURE__ */ Symbol('rows at hand');
export const USE_MEMORY = /* @__PURE__ */ Symbol('memory for rows');

/**
 * An asynchronous iterator that may have some of its next items already. To take these needs no
 * promise for each, which would cost as much as reading a row.
 */
export interface AtHand<Item> extends AsyncIterator<Item> {
  /**
   * The items that come next, as far as they are there. What was taken of them does not come again;
   * the others do. It is called when no promise of `next` is open.
   */
  [AT_HAND]?(): Iterator<Item> | null;
  /**
   * Gives memory that the caller uses again, for a reader of arrays to read rows into. It is called
   * before the first item.
   */
  [USE_MEMORY]?(memory: RowMemory): void;
}

/** The items of an iterator that need no waiting. */
export function atHand<Item>(iterator: AtHand<Item>): Iterable<Item> {
  const items = iterator[AT_HAND]?.() ?? null;
  return items === null ? [] : { [Symbol.iterator]: () => items };
}
