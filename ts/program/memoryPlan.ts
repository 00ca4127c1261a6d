import type { PlannedBuffer } from '../layers/plannedBuffer.ts';

/** The place of every buffer of a program in its block, in bytes, and the size of the block. */
export interface MemoryPlan {
  readonly bytes: number;
  readonly offsets: ReadonlyMap<PlannedBuffer, number>;
}

/** Buffers start at multiples of a cache line. */
const ALIGNMENT = 64;

export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/**
 * Places buffers. Two buffers share memory only if no call uses one while the other is still
 * needed.
 *
 * A buffer lives from the first call that uses it to the last. Largest first, each goes to the
 * lowest offset at which it overlaps no placed buffer that lives at the same time ("greedy by
 * size", Pisarchyk & Lee 2020).
 * @param buffers the buffers, without parents and placements
 * @param floatBytes bytes of one float; integers have four
 */
export function planMemory(buffers: readonly PlannedBuffer[], floatBytes: number): MemoryPlan {
  const bytesOf = (buffer: PlannedBuffer) => aligned(buffer.length * (buffer.kind === 'float' ? floatBytes : 4));
  // In the order of their starts.
  const placed: { start: number; end: number; first: number; last: number }[] = [];
  const offsets = new Map<PlannedBuffer, number>();
  const largestFirst = [...buffers].sort((a, b) => bytesOf(b) - bytesOf(a));
  let total = 0;
  for (const buffer of largestFirst) {
    const first = buffer.persistent ? 0 : buffer.firstCall;
    const last = buffer.persistent ? Number.POSITIVE_INFINITY : buffer.lastCall;
    const size = bytesOf(buffer);
    let start = 0;
    for (const other of placed) {
      if (other.first > last || first > other.last) continue;
      if (start + size <= other.start) break;
      start = Math.max(start, other.end);
    }
    offsets.set(buffer, start);
    let place = placed.length;
    while (place > 0 && (placed[place - 1] as { start: number }).start > start) place--;
    placed.splice(place, 0, { start, end: start + size, first, last });
    total = Math.max(total, start + size);
  }
  return { bytes: total, offsets };
}
