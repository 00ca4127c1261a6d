import { expect } from 'vitest';
import type { Backend } from '../../ts/backend/backend.ts';
import { KERNEL_LAYOUTS, type KernelName } from '../../ts/backend/kernels.generated.ts';
import { createReferenceBackend } from '../../ts/backend/reference/referenceBackend.ts';
import { expectClose, type Tolerance } from './differences.ts';
import type { TestArguments } from './kernelRuns.ts';
import type { RandomArrays } from './randomArrays.ts';
import { runKernel } from './runKernel.ts';

const reference = createReferenceBackend();

/** Sizes at which tiles, vectors and their remainders begin and end, and one in between. */
const EDGES = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33];

/** A size for a dimension. */
export function anySize(random: RandomArrays): number {
  return random.choice(EDGES);
}

/** What a backend and the reference made of the same arguments. */
export interface BothRuns<K extends KernelName> {
  readonly actual: TestArguments<K>;
  readonly expected: TestArguments<K>;
}

/**
 * Runs a kernel on a backend and on the reference, and fails unless every buffer holds the same afterwards: outputs, which
 * the caller fills with NaN, within the tolerance; what the reference only reads, and all integers, exactly.
 * @param options.ownLayout buffers whose content each backend decides for itself
 * @param options.allowsNaN whether NaN is a right result; else the reference must give numbers everywhere
 */
export function expectParity<K extends KernelName>(
  backend: Backend,
  kernel: K,
  args: TestArguments<K>,
  tolerance: Tolerance,
  { ownLayout = [], allowsNaN = false }: { ownLayout?: readonly string[]; allowsNaN?: boolean } = {},
): BothRuns<K> {
  const actual = runKernel(backend, kernel, args);
  const expected = runKernel(reference, kernel, args);
  const buffers = (of: TestArguments<K>) => of as unknown as Record<string, Float64Array | Int32Array | null | undefined>;
  for (const [name, kind] of KERNEL_LAYOUTS[kernel].fields) {
    const given = buffers(args)[name];
    if (typeof given !== 'object' || given === null || ownLayout.includes(name)) continue;
    const isRead = kind === 'ints' || given.every((value, i) => value === buffers(expected)[name]?.[i]);
    if (!allowsNaN)
      expect(buffers(expected)[name]?.findIndex(Number.isNaN), `first element of ${kernel}: ${name} that is not a number`).toBe(-1);
    expectClose(buffers(actual)[name], buffers(expected)[name], isRead && kind === 'floats' ? {} : tolerance, `${kernel}: ${name}`);
  }
  return { actual, expected };
}

/** Runs `check` on cases made from consecutive seeds; a failure names its seed. */
export function forSeeds(count: number, check: (seed: number) => void): void {
  for (let seed = 1; seed <= count; seed++) {
    try {
      check(seed);
    } catch (error) {
      if (error instanceof Error) error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
  }
}
