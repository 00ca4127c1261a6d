/** One of several workers that train copies of a model together. */
export interface Replica {
  /** 0 to size - 1. */
  readonly rank: number;
  readonly size: number;
}

/** The elements from `start` up to `end`. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/**
 * A replica's part of `count` elements. Parts are nearly equal, in the order of ranks, and cut at
 * multiples of `unit`. Some may be empty.
 */
export function partOf(count: number, { rank, size }: Replica, unit = 1): Part {
  const units = Math.ceil(count / unit);
  const cut = (index: number) => Math.min(count, Math.floor((units * index) / size) * unit);
  return { start: cut(rank), end: cut(rank + 1) };
}
