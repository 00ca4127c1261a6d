import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryAllocator, type WasmBlock } from '../../../ts/backend/wasm/memory.ts';
import { ArgumentError, OutOfMemoryError } from '../../../ts/core/errors.ts';

const PAGE = 65_536;
const bytesOf = (memory: WebAssembly.Memory, block: WasmBlock) => new Uint8Array(memory.buffer, block.address, block.bytes);

describe('MemoryAllocator', () => {
  it('gives zeroed, aligned blocks that never overlap, through any sequence of allocations, frees and foreign growth', () => {
    const action = fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('allocate' as const), bytes: fc.oneof(fc.nat(300), fc.nat(3 * PAGE)) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('free' as const), which: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('grow' as const) }) },
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const memory = new WebAssembly.Memory({ initial: 2 });
        const foreign: (readonly [start: number, end: number])[] = [[0, 2 * PAGE]];
        const allocator = new MemoryAllocator(memory);
        const live: WasmBlock[] = [];
        for (const step of actions) {
          if (step.kind === 'grow') {
            const start = memory.grow(1) * PAGE;
            foreign.push([start, start + PAGE]);
          } else if (step.kind === 'free') {
            if (live.length > 0) allocator.free(live.splice(step.which % live.length, 1)[0]);
          } else {
            const block = allocator.allocate(step.bytes, 'a test');
            expect(block.address % 64).toBe(0);
            expect(block.bytes).toBe(step.bytes);
            const { address, bytes } = block;
            for (const other of live) expect(address + bytes <= other.address || other.address + other.bytes <= address).toBe(true);
            for (const [start, end] of foreign) expect(address + bytes <= start || end <= address).toBe(true);
            expect(bytesOf(memory, block).every((byte) => byte === 0)).toBe(true);
            bytesOf(memory, block).fill(0xff);
            live.push(block);
          }
        }
        const rounded = live.map(({ bytes }) => Math.ceil(Math.max(bytes, 1) / 64) * 64);
        expect(allocator.bytesInUse).toBe(rounded.reduce((sum, bytes) => sum + bytes, 0));
      }),
      { numRuns: 150 },
    );
  });

  it('joins freed neighbours, so the memory does not grow for what fits into them', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const allocator = new MemoryAllocator(memory);
    const blocks = Array.from({ length: 8 }, () => allocator.allocate(PAGE, 'a page'));
    const grown = memory.buffer.byteLength;
    for (const index of [1, 5, 3, 0, 7, 2, 6, 4]) allocator.free(blocks[index]);
    expect(allocator.allocate(8 * PAGE, 'all of it').address).toBe(blocks[0].address);
    expect(memory.buffer.byteLength).toBe(grown);
  });

  it('takes the first region that fits', () => {
    const allocator = new MemoryAllocator(new WebAssembly.Memory({ initial: 1 }));
    const [first, , third] = Array.from({ length: 4 }, () => allocator.allocate(128, 'a block'));
    allocator.free(third);
    allocator.free(first);
    expect(allocator.allocate(64, 'a block').address).toBe(first.address);
    expect(allocator.allocate(128, 'a block').address).toBe(third.address);
    expect(allocator.allocate(64, 'a block').address).toBe(first.address + 64);
  });

  it('ignores a second free', () => {
    const allocator = new MemoryAllocator(new WebAssembly.Memory({ initial: 1 }));
    const block = allocator.allocate(64, 'a block');
    allocator.free(block);
    const next = allocator.allocate(64, 'a block');
    allocator.free(block);
    expect(allocator.bytesInUse).toBe(64);
    expect(allocator.allocate(64, 'a block').address).not.toBe(next.address);
  });

  it('says what needed how much, and what the limit is', () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const allocator = new MemoryAllocator(memory, 4 * PAGE);
    const block = allocator.allocate(3 * PAGE, 'activations');
    expect(() => allocator.allocate(100, 'the model "reviews"')).toThrow(OutOfMemoryError);
    expect(() => allocator.allocate(100, 'the model "reviews"')).toThrow(
      'Cannot allocate 100 bytes for the model "reviews": the WebAssembly memory has 262144 bytes, 196608 of them in use, and would have to grow to 327680; the limit is 262144 bytes. ' +
        'A smaller batch, shorter sequences or a smaller model need less.',
    );
    allocator.free(block);
    expect(allocator.allocate(100, 'the model "reviews"').bytes).toBe(100);
  });

  it('reports a runtime that refuses to grow', () => {
    const allocator = new MemoryAllocator(new WebAssembly.Memory({ initial: 1, maximum: 2 }));
    expect(() => allocator.allocate(2 * PAGE, 'a plan')).toThrow(/for a plan: .* the runtime refused to grow it/);
    expect(allocator.allocate(PAGE, 'a smaller plan').bytes).toBe(PAGE);
  });

  it('refuses more than 4 GiB, and what is not a size', () => {
    const allocator = new MemoryAllocator(new WebAssembly.Memory({ initial: 1 }));
    expect(() => allocator.allocate(2 ** 32, 'an absurd plan')).toThrow(OutOfMemoryError);
    expect(() => allocator.allocate(2 ** 50, 'an absurd plan')).toThrow(/1125899906842624 bytes for an absurd plan/);
    expect(() => allocator.allocate(2 ** 60, 'an absurd plan')).toThrow(OutOfMemoryError);
    expect(() => allocator.allocate(1.5, 'a plan')).toThrow(ArgumentError);
    expect(() => allocator.allocate(Number.NaN, 'a plan')).toThrow(ArgumentError);
    expect(() => allocator.allocate(-1, 'a plan')).toThrow(ArgumentError);
  });
});
