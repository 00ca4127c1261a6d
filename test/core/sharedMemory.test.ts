import { describe, expect, test } from 'vitest';
import { SharedAllocation } from '../../ts/core/sharedMemory.ts';

/** Sizes that no other test asks for, so that no released block fits. */
let unusual = 1_000_003;
const nextSize = () => {
  unusual *= 5;
  return unusual;
};

describe('shared memory of a run', () => {
  test('is what an earlier run gave back, and nobody else has it meanwhile', () => {
    const size = nextSize();
    const [first, second, third] = [new SharedAllocation(), new SharedAllocation(), new SharedAllocation()];
    const block = first.allocate(size);
    expect(block.byteLength).toBe(size);
    expect(second.allocate(size)).not.toBe(block);
    first.release();
    expect(third.allocate(size)).toBe(block);
    expect(first.allocate(size)).not.toBe(block);
    for (const allocation of [first, second, third]) allocation.release();
  });

  test('is given back once, however often that is said', () => {
    const size = nextSize();
    const allocation = new SharedAllocation();
    const block = allocation.allocate(size);
    allocation.release();
    allocation.release();
    const blocks = [allocation.allocate(size), allocation.allocate(size)];
    expect(blocks[0]).toBe(block);
    expect(blocks[1]).not.toBe(block);
    // What is in use again stays so.
    const other = new SharedAllocation();
    expect(blocks).not.toContain(other.allocate(size));
    allocation.release();
  });

  test('is the smallest block that fits, and no block of more than twice the size', () => {
    const size = nextSize();
    const allocation = new SharedAllocation();
    const [large, exact, larger] = [2 * size, size, 2 * size + 1].map((bytes) => allocation.allocate(bytes));
    allocation.release();
    expect(allocation.allocate(size)).toBe(exact);
    expect(allocation.allocate(size)).toBe(large);
    const fresh = allocation.allocate(size);
    expect([exact, large, larger]).not.toContain(fresh);
    expect(allocation.allocate(2 * size + 1)).toBe(larger);
    allocation.release();
  });

  test('is used again from its beginning after a rewind, where it fits', () => {
    const size = nextSize();
    const [allocation, other] = [new SharedAllocation(), new SharedAllocation()];
    const first = allocation.allocate(size);
    const large = allocation.allocate(2 * size + 1);
    allocation.rewind();
    expect(allocation.allocate(size)).toBe(first);
    const second = allocation.allocate(size);
    expect([first, large]).not.toContain(second);
    allocation.rewind();
    expect(allocation.allocate(size)).toBe(first);
    expect(allocation.allocate(size)).toBe(second);
    // Others get the block that was too large, and one that is too small.
    expect(other.allocate(2 * size + 1)).toBe(large);
    allocation.rewind();
    expect(allocation.allocate(3 * size)).not.toBe(first);
    expect(other.allocate(size)).toBe(first);
    for (const each of [allocation, other]) each.release();
  });

  test('small blocks of any size stand in for each other', () => {
    const allocation = new SharedAllocation();
    const sizes = [0, 8, 16, 4000];
    const blocks = sizes.map((size) => allocation.allocate(size));
    for (const [index, block] of blocks.entries()) expect(block.byteLength).toBeGreaterThanOrEqual(sizes[index]);
    allocation.release();
    const again = sizes.reverse().map((size) => allocation.allocate(size));
    expect(new Set(again)).toEqual(new Set(blocks));
    allocation.release();
  });
});
