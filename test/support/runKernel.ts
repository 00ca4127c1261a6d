import type { Backend, Placement } from '../../ts/backend/backend.ts';
import { type FieldKind, KERNEL_LAYOUTS } from '../../ts/backend/kernelLayouts.generated.ts';
import type { KernelArguments, KernelName } from '../../ts/backend/kernels.generated.ts';
import type { TestArguments } from './kernelRuns.ts';

type Buffers = Record<string, number | Float64Array | Int32Array | null | undefined>;

/** What stands in the integers around every buffer, which no kernel may touch. */
const GUARD = 0x5eed5eed;
const GUARD_BYTES = 16;

/**
 * Where a buffer lies in the block of one run; its guard reaches from its last element to
 * `guardEnd`.
 */
interface Place {
  readonly name: string;
  readonly kind: FieldKind;
  readonly byteOffset: number;
  readonly length: number;
  readonly guardEnd: number;
}

/**
 * Runs one kernel on a backend as a program would, and returns the arguments with copies of all
 * buffers after the run; the given arrays stay as they are. The buffers and the workspace, which is
 * full of NaN, have guard words before and directly behind each.
 * @throws {Error} naming the buffer beyond which the kernel wrote
 */
export function runKernel<K extends KernelName>(backend: Backend, kernel: K, args: TestArguments<K>): TestArguments<K> {
  const given = args as unknown as Buffers;
  const workspaceLength = backend.workspaceLength(kernel, args as unknown as KernelArguments<unknown, unknown>[K]);
  const places = placesOf(backend, kernel, given, workspaceLength);
  const block = backend.allocate(places[places.length - 1].guardEnd, `one run of ${kernel}`);
  const placement = ({ byteOffset, length }: Place): Placement => ({ block, byteOffset, length });
  const view = (place: Place) => (place.kind === 'floats' ? backend.floats(placement(place)) : backend.ints(placement(place)));
  const guardBehind = ({ kind, byteOffset, length, guardEnd }: Place) => {
    const end = byteOffset + length * elementBytes(backend, kind);
    return backend.ints({ block, byteOffset: end, length: (guardEnd - end) / 4 });
  };
  const firstGuard = () => backend.ints({ block, byteOffset: 0, length: GUARD_BYTES / 4 });

  const bound: Record<string, unknown> = { ...given };
  for (const place of places) {
    bound[place.name] = placement(place);
    if (place.name === 'workspace') view(place).fill(Number.NaN);
    else if (place.name !== DESCRIPTOR) view(place).set(given[place.name] as Float64Array);
    guardBehind(place).fill(GUARD);
  }
  firstGuard().fill(GUARD);

  const { [DESCRIPTOR]: descriptor, ...values } = bound;
  backend.run([backend.bind(kernel, values as unknown as KernelArguments<Placement, Placement>[K], descriptor as Placement)]);

  if (firstGuard().some((word) => word !== GUARD)) throw new Error(`${kernel} wrote before its first buffer`);
  const after: Buffers = { ...given };
  for (const place of places) {
    if (guardBehind(place).some((word) => word !== GUARD))
      throw new Error(`${kernel} wrote behind ${place.name}, or before what follows it`);
    if (place.name in given) after[place.name] = place.kind === 'floats' ? Float64Array.from(view(place)) : Int32Array.from(view(place));
  }
  backend.free(block);
  return after as unknown as TestArguments<K>;
}

/** Name of the place of the descriptor, which is no argument. */
const DESCRIPTOR = 'the descriptor';

/** One place after the other for everything that is there. */
function placesOf(backend: Backend, kernel: KernelName, given: Buffers, workspaceLength: number): Place[] {
  const places: Place[] = [];
  let byteOffset = GUARD_BYTES;
  const reserve = (name: string, kind: FieldKind, length: number) => {
    const guardEnd = align(byteOffset + length * elementBytes(backend, kind) + GUARD_BYTES);
    places.push({ name, kind, byteOffset, length, guardEnd });
    byteOffset = guardEnd;
  };
  for (const [name, kind] of KERNEL_LAYOUTS[kernel].fields) {
    const value = given[name];
    if (name === 'workspace') reserve(name, kind, workspaceLength);
    else if (typeof value === 'object' && value !== null) reserve(name, kind, value.length);
  }
  reserve(DESCRIPTOR, 'ints', backend.descriptorBytes(kernel) / 4);
  return places;
}

function elementBytes(backend: Backend, kind: FieldKind): number {
  return kind === 'floats' ? backend.floatBytes : 4;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
