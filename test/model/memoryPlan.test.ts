import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlannedBuffer } from '../../ts/layers/plannedBuffer.ts';
import { aligned, planMemory } from '../../ts/program/memoryPlan.ts';

const CALLS = 12;

/** Any buffer, used from one call to another or kept for good. */
const buffers: fc.Arbitrary<PlannedBuffer> = fc
  .record({
    kind: fc.constantFrom('float', 'int'),
    length: fc.integer({ min: 0, max: 2000 }),
    ends: fc.tuple(fc.nat(CALLS - 1), fc.nat(CALLS - 1)),
    persistent: fc.boolean(),
  })
  .map(({ kind, length, ends, persistent }) => ({
    name: 'buffer',
    kind,
    length,
    parent: null,
    start: 0,
    persistent,
    firstCall: Math.min(...ends),
    lastCall: Math.max(...ends),
    placement: null,
  }));

const plans = fc.record({ all: fc.array(buffers, { maxLength: 25 }), floatBytes: fc.constantFrom(4, 8) });

const bytesOf = (buffer: PlannedBuffer, floatBytes: number) => buffer.length * (buffer.kind === 'float' ? floatBytes : 4);
const livesAt = (buffer: PlannedBuffer, call: number) => buffer.persistent || (buffer.firstCall <= call && call <= buffer.lastCall);

/** The most bytes that live during one call: no plan can do with less. */
function neededBytes(all: readonly PlannedBuffer[], floatBytes: number): number {
  const during = Array.from({ length: CALLS }, (_, call) =>
    all.filter((buffer) => livesAt(buffer, call)).reduce((sum, buffer) => sum + aligned(bytesOf(buffer, floatBytes)), 0),
  );
  return Math.max(...during);
}

describe('the memory plan', () => {
  test('gives every buffer an aligned place within the block, and none to two that live at once', () => {
    fc.assert(
      fc.property(plans, ({ all, floatBytes }) => {
        const { bytes, offsets } = planMemory(all, floatBytes);
        const places = all.map((buffer) => {
          const start = offsets.get(buffer);
          if (start === undefined) expect.fail('a buffer has no place');
          expect(start % 64).toBe(0);
          const end = start + bytesOf(buffer, floatBytes);
          expect(end).toBeLessThanOrEqual(bytes);
          return { buffer, start, end };
        });
        for (const a of places) {
          for (const b of places) {
            const together = Array.from({ length: CALLS }, (_, call) => call).some(
              (call) => livesAt(a.buffer, call) && livesAt(b.buffer, call),
            );
            if (a !== b && together && a.start < b.end && b.start < a.end) expect.fail('two buffers that live at once share bytes');
          }
        }
      }),
    );
  });

  test('takes no less than what lives at once, and hardly more', () => {
    const ratios: number[] = [];
    fc.assert(
      fc.property(plans, ({ all, floatBytes }) => {
        const { bytes } = planMemory(all, floatBytes);
        const needed = neededBytes(all, floatBytes);
        expect(bytes).toBeGreaterThanOrEqual(needed);
        if (needed > 0) ratios.push(bytes / needed);
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(Math.max(...ratios)).toBeLessThan(1.5);
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeLessThan(1.05);
  });

  test('a chain of layers needs the two largest neighbours, however long it is', () => {
    const chain = Array.from({ length: 50 }, (_, index) => ({
      name: `layer ${index}`,
      kind: 'float' as const,
      length: 160,
      parent: null,
      start: 0,
      persistent: false,
      firstCall: index,
      lastCall: index + 1,
      placement: null,
    }));
    expect(planMemory(chain, 4).bytes).toBe(2 * 640);
  });

  test('the same buffers get the same places twice', () => {
    fc.assert(
      fc.property(plans, ({ all, floatBytes }) => {
        const places = () => all.map((buffer) => planMemory(all, floatBytes).offsets.get(buffer));
        expect(places()).toEqual(places());
      }),
      { numRuns: 20 },
    );
  });
});
