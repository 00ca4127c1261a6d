import { AT_HAND, type AtHand, USE_MEMORY } from './atHand.ts';
import type { RowMemory } from './rowMemory.ts';

/**
 * An iterable whose code loads when its first item is asked for. Its items do not pass through a
 * generator of their own, which would cost as much as reading some rows.
 * @param open loads the code and makes the iterable, anew for each pass
 */
export function lazyIterable<Item>(open: () => Promise<AsyncIterable<Item>>): AsyncIterable<Item> {
  return {
    [Symbol.asyncIterator]() {
      let iterator: AtHand<Item> | null = null;
      let opening: Promise<AsyncIterator<Item>> | null = null;
      let memory: RowMemory | null = null;
      const opened = async () => {
        iterator = (await open())[Symbol.asyncIterator]();
        if (memory) iterator[USE_MEMORY]?.(memory);
        return iterator;
      };
      const items: AsyncIterableIterator<Item> & AtHand<Item> = {
        [Symbol.asyncIterator]: () => items,
        next() {
          if (iterator) return iterator.next();
          opening ??= opened();
          return opening.then((it) => it.next());
        },
        [AT_HAND]: () => iterator?.[AT_HAND]?.() ?? null,
        [USE_MEMORY](given) {
          memory = given;
        },
        async return(value) {
          opening ??= Promise.resolve(NONE as AsyncIterator<Item>);
          await (await opening).return?.();
          return { done: true, value };
        },
      };
      return items;
    },
  };
}

/** Of a pass that ended before its first item. */
const NONE: AsyncIterator<unknown> = { next: async () => ({ done: true, value: undefined }) };
