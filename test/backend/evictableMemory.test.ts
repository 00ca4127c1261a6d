import { describe, expect, test } from 'vitest';
import type { Backend } from '../../ts/backend/backend.ts';
import { type EvictableContents, EvictableMemory, IDLE_BYTES, withRoom } from '../../ts/backend/evictableMemory.ts';
import { OutOfMemoryError } from '../../ts/index.ts';

/** Memory that says what becomes of it. */
class Contents implements EvictableContents {
  bytes: number;
  isHeapFull = false;
  saved = 0;
  disposed = 0;

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  save(): void {
    if (this.isHeapFull) throw new RangeError('Array buffer allocation failed');
    this.saved++;
  }

  dispose(): void {
    this.disposed++;
  }
}

/** Backends are only told apart here. */
const newBackend = () => ({}) as Backend;

function memoryOf(backend: Backend, bytes: number, before: EvictableMemory | null = null) {
  const contents = new Contents(bytes);
  return { contents, memory: new EvictableMemory(contents, backend, contents, before) };
}

/** Takes memory: evicts what has to go. */
const takeRoom = (backend: Backend) => withRoom(backend, () => {});

/** What an allocation does that needs more room, and how often it was tried. */
function needingRoom(refusals: number) {
  const allocate = () => {
    allocate.calls++;
    if (allocate.calls <= refusals) throw new OutOfMemoryError('refused');
    return 'taken';
  };
  allocate.calls = 0;
  return allocate;
}

const QUARTER = IDLE_BYTES / 4;

describe('idle memory', () => {
  test('stays up to the limit, to the byte; beyond it the longest unused goes first', () => {
    const backend = newBackend();
    const owners = Array.from({ length: 4 }, () => memoryOf(backend, QUARTER));
    const present = () => owners.map(({ memory }) => memory.present);
    takeRoom(backend);
    expect(present()).toEqual([true, true, true, true]);
    // Used again: now the second is the longest unused.
    owners[0].memory.pin();
    owners[0].memory.unpin();
    owners.push(memoryOf(backend, 1));
    expect(present()).toEqual([true, true, true, true, true]);
    takeRoom(backend);
    expect(present()).toEqual([true, false, true, true, true]);
    expect(owners.map(({ contents: { saved, disposed } }) => [saved, disposed])).toEqual([
      [0, 0],
      [1, 1],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  test('of one backend has nothing to do with that of another', () => {
    const [one, other] = [newBackend(), newBackend()];
    const here = memoryOf(one, IDLE_BYTES + 1);
    takeRoom(other);
    expect(here.memory.present).toBe(true);
    takeRoom(one);
    expect(here.memory.present).toBe(false);
  });

  test('that is pinned stays, until every pin is taken away', () => {
    const backend = newBackend();
    const { memory } = memoryOf(backend, 2 * IDLE_BYTES);
    expect(memory.pin()).toBe(true);
    expect(memory.pin()).toBe(false);
    memory.unpin();
    takeRoom(backend);
    expect(() => withRoom(backend, needingRoom(1))).toThrow(OutOfMemoryError);
    expect(memory.present).toBe(true);
    memory.unpin();
    takeRoom(backend);
    expect(memory.present).toBe(false);
  });

  test('is measured when it was used last, since programs are compiled then', () => {
    const backend = newBackend();
    const { memory, contents } = memoryOf(backend, 1);
    memory.pin();
    contents.bytes = IDLE_BYTES + 1;
    memory.unpin();
    takeRoom(backend);
    expect(memory.present).toBe(false);
  });

  test('that was evicted and comes back may stay from then on, beside all that may stay anyway', () => {
    const backend = newBackend();
    const first = memoryOf(backend, 4 * QUARTER);
    const second = memoryOf(backend, QUARTER);
    takeRoom(backend);
    expect([first.memory.present, second.memory.present]).toEqual([false, true]);
    const again = memoryOf(backend, 4 * QUARTER, first.memory);
    const third = memoryOf(backend, 3 * QUARTER);
    takeRoom(backend);
    expect([second.memory.present, again.memory.present, third.memory.present]).toEqual([true, true, true]);
    // What was given back by its owner was not missed.
    second.memory.dispose();
    memoryOf(backend, QUARTER, second.memory);
    memoryOf(backend, 1);
    takeRoom(backend);
    expect(again.memory.present).toBe(false);
  });

  test('is disposed once, whoever does it', () => {
    const backend = newBackend();
    const [evicted, disposed] = [memoryOf(backend, 1), memoryOf(backend, 1)];
    disposed.memory.dispose();
    withRoom(backend, needingRoom(1));
    for (const { memory } of [evicted, disposed]) memory.dispose();
    expect([evicted, disposed].map(({ contents: { saved, disposed: times } }) => [saved, times])).toEqual([
      [1, 1],
      [0, 1],
    ]);
  });

  test('that does not fit on the heap stays in place', () => {
    const backend = newBackend();
    const { memory, contents } = memoryOf(backend, 2 * IDLE_BYTES);
    contents.isHeapFull = true;
    takeRoom(backend);
    expect(() => withRoom(backend, needingRoom(1))).toThrow('refused');
    expect([memory.present, contents.disposed]).toEqual([true, 0]);
    contents.isHeapFull = false;
    takeRoom(backend);
    expect(memory.present).toBe(false);
  });
});

describe('an allocation that is refused', () => {
  test('is tried once more when all that is idle was evicted', () => {
    const backend = newBackend();
    const owners = [memoryOf(backend, 1), memoryOf(backend, 1)];
    const allocate = needingRoom(1);
    expect(withRoom(backend, allocate)).toBe('taken');
    expect(allocate.calls).toBe(2);
    expect(owners.map(({ memory }) => memory.present)).toEqual([false, false]);
    const again = needingRoom(2);
    memoryOf(backend, 1);
    expect(() => withRoom(backend, again)).toThrow('refused');
    expect(again.calls).toBe(2);
  });

  test('or when its caller gave something back, which it is asked for even if much is idle', () => {
    const backend = newBackend();
    const allocate = needingRoom(1);
    let asked = 0;
    expect(withRoom(backend, allocate, () => ++asked > 0)).toBe('taken');
    const idle = memoryOf(backend, 1);
    expect(withRoom(backend, needingRoom(1), () => ++asked > 0)).toBe('taken');
    expect(idle.memory.present).toBe(false);
    expect(asked).toBe(2);
    expect(withRoom(backend, needingRoom(0), () => ++asked > 0)).toBe('taken');
    expect(asked).toBe(2);
  });

  test('is not tried again when nothing was idle, nor after another error', () => {
    const backend = newBackend();
    const allocate = needingRoom(1);
    expect(() => withRoom(backend, allocate)).toThrow('refused');
    expect(allocate.calls).toBe(1);
    const idle = memoryOf(backend, 1);
    expect(() =>
      withRoom(backend, () => {
        throw new RangeError('mine');
      }),
    ).toThrow('mine');
    expect(idle.memory.present).toBe(true);
  });
});
