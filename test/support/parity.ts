import { expect } from 'vitest';
import type { Backend } from '../../ts/backend/backend.ts';
import { KERNEL_LAYOUTS } from '../../ts/backend/kernelLayouts.generated.ts';
import type { KernelName } from '../../ts/backend/kernels.generated.ts';
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

export interface ParityOptions {
  /** Buffers whose content each backend decides for itself. */
  readonly ownLayout?: readonly string[];
  /** Whether NaN is a right result; else the reference must give numbers everywhere. */
  readonly allowsNaN?: boolean;
}

/**
 * Runs a kernel on a backend and on the reference with the same arguments, and compares by
 * {@link expectSameBuffers}.
 */
export function expectParity<K extends KernelName>(
  backend: Backend,
  kernel: K,
  args: TestArguments<K>,
  tolerance: Tolerance,
  options: ParityOptions = {},
): BothRuns<K> {
  const runs = { actual: runKernel(backend, kernel, args), expected: runReference(kernel, args) };
  expectSameBuffers(kernel, args, runs, tolerance, options);
  return runs;
}

/** Runs a kernel on the reference. */
export function runReference<K extends KernelName>(kernel: K, args: TestArguments<K>): TestArguments<K> {
  return runKernel(reference, kernel, args);
}

/**
 * Fails unless every buffer holds the same after both runs: outputs, which the caller fills with
 * NaN, within the tolerance; what the reference only reads, and integers, exactly.
 */
export function expectSameBuffers<K extends KernelName>(
  kernel: K,
  args: TestArguments<K>,
  runs: BothRuns<K>,
  tolerance: Tolerance,
  { ownLayout = [], allowsNaN = false }: ParityOptions = {},
): void {
  const buffer = (of: TestArguments<K>, name: string) => (of as unknown as Record<string, Float64Array | Int32Array | undefined>)[name];
  for (const [name, kind] of KERNEL_LAYOUTS[kernel].fields) {
    const given = buffer(args, name);
    const actual = buffer(runs.actual, name);
    const expected = buffer(runs.expected, name);
    if (kind === 'u32' || kind === 'f32' || !given || !expected || ownLayout.includes(name)) continue;
    const what = `${kernel}: ${name}`;
    if (!allowsNaN && expected.some(Number.isNaN)) expect.fail(`${what} of the reference has an element that is not a number`);
    const onlyRead = given.every((value, i) => Object.is(value, expected[i]));
    expectClose(actual, expected, kind === 'ints' || onlyRead ? {} : tolerance, what);
  }
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
