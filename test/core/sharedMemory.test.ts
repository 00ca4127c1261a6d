import { describe, expect, test } from 'vitest';
import { SharedLoan } from '../../ts/core/sharedMemory.ts';

/** Sizes that no other test asks for, so that no spare block fits. */
let unusual = 1_000_003;
const nextSize = () => {
  unusual *= 5;
  return unusual;
};

describe('shared memory of a run', () => {
  test('is what an earlier run gave back, and nobody else has it meanwhile', () => {
    const size = nextSize();
    const [first, second, third] = [new SharedLoan(), new SharedLoan(), new SharedLoan()];
    const block = first.take(size);
    expect(block.byteLength).toBe(size);
    expect(second.take(size)).not.toBe(block);
    first.giveBack();
    expect(third.take(size)).toBe(block);
    expect(first.take(size)).not.toBe(block);
    for (const loan of [first, second, third]) loan.giveBack();
  });

  test('is given back once, however often that is said', () => {
    const size = nextSize();
    const loan = new SharedLoan();
    const block = loan.take(size);
    loan.giveBack();
    loan.giveBack();
    const blocks = [loan.take(size), loan.take(size)];
    expect(blocks[0]).toBe(block);
    expect(blocks[1]).not.toBe(block);
    // What is in use again stays so.
    const other = new SharedLoan();
    expect(blocks).not.toContain(other.take(size));
    loan.giveBack();
  });

  test('is the smallest block that fits, and no block of more than twice the size', () => {
    const size = nextSize();
    const loan = new SharedLoan();
    const [large, exact, larger] = [2 * size, size, 2 * size + 1].map((bytes) => loan.take(bytes));
    loan.giveBack();
    expect(loan.take(size)).toBe(exact);
    expect(loan.take(size)).toBe(large);
    const fresh = loan.take(size);
    expect([exact, large, larger]).not.toContain(fresh);
    expect(loan.take(2 * size + 1)).toBe(larger);
    loan.giveBack();
  });

  test('small blocks of any size stand in for each other', () => {
    const loan = new SharedLoan();
    const sizes = [0, 8, 16, 4000];
    const blocks = sizes.map((size) => loan.take(size));
    for (const [index, block] of blocks.entries()) expect(block.byteLength).toBeGreaterThanOrEqual(sizes[index]);
    loan.giveBack();
    const again = sizes.reverse().map((size) => loan.take(size));
    expect(new Set(again)).toEqual(new Set(blocks));
    loan.giveBack();
  });
});
