import type { Backend, Placement } from '../../ts/backend/backend.ts';
import { KERNEL_LAYOUTS, type KernelArguments, type KernelName } from '../../ts/backend/kernels.generated.ts';
import type { TestArguments } from './kernelRuns.ts';

type Buffers = Record<string, number | Float64Array | Int32Array | null | undefined>;

/** Four integers after every buffer, which no kernel may touch. */
const GUARD = [0x5eed5eed, -1, 0x0badcafe, 1];
const GUARD_BYTES = 4 * GUARD.length;

/**
 * Runs one kernel on a backend as a program would, and returns the arguments with copies of all buffers after the run; the
 * given arrays stay as they are. Every buffer and the workspace, which is full of NaN, stand in a block of their own with
 * guard words behind each.
 * @throws {Error} naming the buffer behind which the kernel wrote
 */
export function runKernel<K extends KernelName>(backend: Backend, kernel: K, args: TestArguments<K>): TestArguments<K> {
  const { fields } = KERNEL_LAYOUTS[kernel];
  const given = args as unknown as Buffers;
  const places = new Map<string, { kind: string; byteOffset: number; length: number }>();
  let bytes = 0;
  const reserve = (name: string, kind: string, length: number) => {
    places.set(name, { kind, byteOffset: bytes, length });
    bytes += align(length * (kind === 'floats' ? backend.floatBytes : 4)) + GUARD_BYTES;
  };
  for (const [name, kind] of fields) {
    const value = given[name];
    if (typeof value === 'object' && value !== null) reserve(name, kind, value.length);
    else if (name === 'workspace')
      reserve(name, kind, backend.workspaceLength(kernel, args as unknown as KernelArguments<unknown, unknown>[K]));
  }
  reserve('the descriptor', 'ints', backend.descriptorBytes(kernel) / 4);

  const block = backend.allocate(bytes, `one run of ${kernel}`);
  const placement = (name: string): Placement => ({ block, ...places.get(name)! });
  const guard = (name: string): Placement => {
    const { kind, byteOffset, length } = places.get(name)!;
    return { block, byteOffset: byteOffset + align(length * (kind === 'floats' ? backend.floatBytes : 4)), length: GUARD.length };
  };
  const bound: Record<string, number | Placement | null | undefined> = {};
  for (const [name, kind] of fields) {
    const value = given[name];
    bound[name] = places.has(name) ? placement(name) : (value as number | null | undefined);
    if (name === 'workspace') backend.floats(placement(name)).fill(Number.NaN);
    else if (places.has(name))
      (kind === 'floats' ? backend.floats(placement(name)) : backend.ints(placement(name))).set(value as Float64Array);
  }
  for (const name of places.keys()) backend.ints(guard(name)).set(GUARD);

  backend.run([backend.bind(kernel, bound as unknown as KernelArguments<Placement, Placement>[K], placement('the descriptor'))]);

  const after: Buffers = { ...given };
  for (const [name, { kind }] of places) {
    if (backend.ints(guard(name)).some((word, index) => word !== GUARD[index])) throw new Error(`${kernel} wrote behind ${name}`);
    if (name in given)
      after[name] = kind === 'floats' ? Float64Array.from(backend.floats(placement(name))) : backend.ints(placement(name)).slice();
  }
  backend.free(block);
  return after as unknown as TestArguments<K>;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
