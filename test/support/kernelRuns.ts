import type { KernelArguments, KernelName } from '../../ts/backend/kernels.generated.ts';
import { KERNELS, WORKSPACE_LENGTHS } from '../../ts/backend/reference/kernels.ts';

/** A kernel's arguments as tests write them: plain arrays, and no workspace. */
export type TestArguments<K extends KernelName> = Omit<KernelArguments<Float64Array, Int32Array>[K], 'workspace'>;

/**
 * Calls a reference kernel on arrays, with a workspace full of NaN: a kernel must not read what it
 * has not written there.
 */
export function callReference<K extends KernelName>(kernel: K, args: TestArguments<K>): void {
  const complete = { ...args, workspace: unwritten(WORKSPACE_LENGTHS[kernel]?.(args as KernelArguments<unknown, unknown>[K]) ?? 0) };
  KERNELS[kernel](complete as unknown as KernelArguments<Float64Array, Int32Array>[K]);
}

/** An output that shows where nothing was written: all NaN. */
export function unwritten(length: number): Float64Array {
  return new Float64Array(length).fill(Number.NaN);
}
