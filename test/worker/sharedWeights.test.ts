import { afterEach, expect, test, vi } from 'vitest';
import { isShared, SharedAllocation } from '../../ts/core/sharedMemory.ts';
import { inSharedMemory } from '../../ts/worker/sharedWeights.ts';

const arrays = [
  { name: 'a', shape: [3], data: Float32Array.of(1, 2, 3) },
  { name: 'b', shape: [2], data: Float64Array.of(0.1, Number.NaN) },
  { name: 'c', shape: [0], data: new Float32Array(0) },
  { name: 'd', shape: [1], data: Float32Array.of(-4) },
];

afterEach(() => vi.unstubAllGlobals());

test('weights for several workers are one copy in shared memory, which the next call takes again', () => {
  const memory = new SharedAllocation();
  const shared = inSharedMemory(arrays, memory);
  expect(shared).toEqual(arrays);
  expect(new Set(shared.map(({ data }) => data.buffer)).size).toBe(1);
  expect(shared.every(({ data }) => isShared(data.buffer))).toBe(true);
  memory.release();
  expect(inSharedMemory(arrays, new SharedAllocation())[0]?.data.buffer).toBe(shared[0]?.data.buffer);
});

test.each([
  ['has no shared memory', () => vi.stubGlobal('crossOriginIsolated', false)],
  [
    'has no room for it',
    () =>
      vi.stubGlobal(
        'SharedArrayBuffer',
        class {
          constructor() {
            throw new RangeError('Array buffer allocation failed');
          }
        },
      ),
  ],
])('where the runtime %s, they stay as they are', (_name, lack) => {
  lack();
  // Longer than what another test gave back.
  const long = [{ name: 'a', shape: [100_000], data: new Float32Array(100_000) }];
  expect(inSharedMemory(long, new SharedAllocation())).toBe(long);
});
