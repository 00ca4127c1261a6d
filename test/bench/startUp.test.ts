import { expect, inject, test } from 'vitest';
import { hasProgram, start } from '../../bench/startUp.mjs';

const PROCESSES = [
  ['start', 'simd128'],
  ['import', 'simd128'],
  ['kernels', 'simd128'],
  ['step', 'simd128'],
  ['step', undefined],
] as const;

test.skipIf(!inject('distIsCurrent')).each(PROCESSES)('a process until %s with %s ends and says its time', async (until, engine) => {
  const { wall, processor } = await start(until, { engine });
  expect(processor).toBeGreaterThan(0);
  expect(wall).toBeGreaterThan(0);
});

test('engines with a program are those of Backtime in Node', () => {
  expect(['relaxed', 'relaxed-2', 'simd128', 'before'].every(hasProgram)).toBe(true);
  expect(['tfjs-wasm', 'pytorch', 'wide', 'toString'].some(hasProgram)).toBe(false);
});
