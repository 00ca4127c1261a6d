import { describe, test } from 'vitest';
import type { Backend, Placement } from '../../ts/backend/backend.ts';
import { KERNEL_LAYOUTS } from '../../ts/backend/kernelLayouts.generated.ts';
import { CELLS, type KernelArguments, type KernelName } from '../../ts/backend/kernels.generated.ts';
import { InternalError } from '../../ts/core/errors.ts';
import { availableBackends } from '../support/backends.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { type ErrorClass, expectError } from '../support/refusals.ts';
import { sequenceCase } from '../support/sequenceCases.ts';

/**
 * Far apart in one large block, so that a buffer of any length lies within it and overlaps no
 * other.
 */
const BYTES_EACH = 8192;

/** Binds a kernel on buffers of these lengths. */
function bind<K extends KernelName>(backend: Backend, kernel: K, args: object, changes: Record<string, number> = {}): void {
  const given = args as Record<string, number | ArrayLike<number> | null | undefined>;
  const workspace = backend.workspaceLength(kernel, args as KernelArguments<unknown, unknown>[K]);
  const block = backend.allocate(40 * BYTES_EACH, 'a test');
  const place = (index: number, length: number): Placement => ({ block, byteOffset: index * BYTES_EACH, length });
  const placed: Record<string, unknown> = { ...given };
  for (const [index, [field]] of KERNEL_LAYOUTS[kernel].fields.entries()) {
    const value = given[field];
    const length = field === 'workspace' ? workspace : typeof value === 'object' ? value?.length : undefined;
    if (length !== undefined) placed[field] = place(index + 1, changes[field] ?? length);
  }
  try {
    backend.bind(kernel, placed as unknown as KernelArguments<Placement, Placement>[K], place(0, backend.descriptorBytes(kernel) / 4));
  } finally {
    backend.free(block);
  }
}

describe.each(await availableBackends())('the lengths of buffers on $label', ({ backend }) => {
  const refused = (kernel: KernelName, args: object, changes: Record<string, number>, message: RegExp) => {
    let error: unknown;
    try {
      bind(backend, kernel, args, changes);
    } catch (thrown) {
      error = thrown;
    }
    expectError(error, InternalError as ErrorClass, message);
  };

  test('a buffer that is shorter or longer than the kernel uses is refused, with kernel, buffer and both lengths', () => {
    const args = { rows: 4, units: 3, activation: 0, x: new Float64Array(12), y: new Float64Array(12) };
    bind(backend, 'activationForward', args);
    refused('activationForward', args, { y: 11 }, /^Binding activationForward: y must have 12 elements \[rows, units\], got 11\.$/);
    refused('activationForward', args, { x: 16 }, /^Binding activationForward: x must have 12 elements \[rows, units\], got 16\.$/);
  });

  test("the orthogonal kernel cannot be given a bias's memory", () => {
    const args = { rows: 64, columns: 64, gain: 1, seedLow: 1, seedHigh: 2, subsequence: 3, y: new Float64Array(64) };
    refused('orthogonal', args, {}, /^Binding orthogonal: y must have 4096 elements \[rows, columns\], got 64\.$/);
  });

  test.each(Object.keys(CELLS) as (keyof typeof CELLS)[])('those of %s are right, and no other length of any of them is', (cell) => {
    const setting = { cell, steps: 3, batch: 2, features: 5, units: 4, input: 'table', mask: 'holes', initialState: true } as const;
    const { forward, backward } = sequenceCase({ ...setting, gradients: 'both', zeroOutput: true }, new RandomArrays(1));
    const complete = { sequenceForward: forward, sequenceBackward: backward };
    for (const [kernel, args] of Object.entries(complete) as ['sequenceForward' | 'sequenceBackward', object][]) {
      bind(backend, kernel, args);
      for (const [name] of KERNEL_LAYOUTS[kernel].fields) {
        const value = (args as unknown as Record<string, unknown>)[name];
        if (typeof value !== 'object' || value === null) continue;
        const { length } = value as ArrayLike<number>;
        refused(
          kernel,
          args,
          { [name]: length - 1 },
          new RegExp(`^Binding ${kernel}: ${name} must have ${length} elements .*, got ${length - 1}\\.$`),
        );
      }
    }
  });

  test('a workspace may be longer than the kernel needs, but not shorter', () => {
    const args = { rows: 3, columns: 2, gain: 1, seedLow: 1, seedHigh: 2, subsequence: 3, y: new Float64Array(6) };
    const length = backend.workspaceLength('orthogonal', { ...args, workspace: true });
    bind(backend, 'orthogonal', args, { workspace: length + 1 });
    refused('orthogonal', args, { workspace: length - 1 }, new RegExp(`workspace must have ${length} elements or more, got ${length - 1}`));
  });
});
