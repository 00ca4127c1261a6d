import { describe, expect, test } from 'vitest';
import { lazyIterable } from '../../ts/data/lazyIterable.ts';

/** Three numbers, and what was done to their iterator. */
function numbers() {
  const seen = { opened: 0, begun: 0, ended: 0 };
  const iterable = lazyIterable(async () => {
    seen.opened++;
    return (async function* () {
      seen.begun++;
      try {
        yield* [1, 2, 3];
      } finally {
        seen.ended++;
      }
    })();
  });
  return { iterable, seen };
}

describe('an iterable whose code loads later', () => {
  test('is opened by its first item, and anew for each pass', async () => {
    const { iterable, seen } = numbers();
    iterable[Symbol.asyncIterator]();
    expect(seen.opened).toBe(0);
    for (let pass = 1; pass <= 2; pass++) {
      const found: number[] = [];
      for await (const number of iterable) found.push(number);
      expect(found).toEqual([1, 2, 3]);
      expect(seen).toEqual({ opened: pass, begun: pass, ended: pass });
    }
  });

  test('gives items in order that are asked for before it has opened', async () => {
    const { iterable, seen } = numbers();
    const iterator = iterable[Symbol.asyncIterator]();
    const results = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
    expect(results.map(({ value }) => value)).toEqual([1, 2, 3, undefined]);
    expect(results[3]?.done).toBe(true);
    expect(seen.opened).toBe(1);
  });

  test('goes on in a loop after its first item', async () => {
    const iterator = numbers().iterable[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe(1);
    const found: number[] = [];
    for await (const number of iterator as AsyncIterableIterator<number>) found.push(number);
    expect(found).toEqual([2, 3]);
  });

  test('ends what it opened when the pass is left early', async () => {
    const { iterable, seen } = numbers();
    for await (const _ of iterable) break;
    expect(seen).toEqual({ opened: 1, begun: 1, ended: 1 });
  });

  test('ends also while it opens', async () => {
    const { iterable, seen } = numbers();
    const iterator = iterable[Symbol.asyncIterator]();
    const first = iterator.next();
    expect(await iterator.return?.(7)).toEqual({ done: true, value: 7 });
    expect(await first).toEqual({ done: false, value: 1 });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(seen).toEqual({ opened: 1, begun: 1, ended: 1 });
  });

  test('opens nothing after a pass that ended before its first item', async () => {
    const { iterable, seen } = numbers();
    const iterator = iterable[Symbol.asyncIterator]();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(seen.opened).toBe(0);
  });

  test('fails with the error of its opening, of each item', async () => {
    const iterator = lazyIterable(async () => {
      throw new RangeError('no code');
    })[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toThrow('no code');
    await expect(iterator.next()).rejects.toThrow('no code');
  });
});
