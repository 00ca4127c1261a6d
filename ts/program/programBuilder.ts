import type { Backend, KernelCall, MemoryBlock, Placement } from '../backend/backend.ts';
import { COUNTER_LENGTH } from '../backend/counter.ts';
import { KERNEL_LAYOUTS } from '../backend/kernelLayouts.generated.ts';
import type { KernelArguments, KernelName } from '../backend/kernels.generated.ts';
import { invariant } from '../core/invariant.ts';
import type { SeedWords } from '../core/seed.ts';
import type { EmittedArguments, Emitter, PackedBuffers } from '../layers/emitter.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { ScopeMemory } from '../layers/scope.ts';
import type { Weight } from '../layers/weight.ts';
import { requireBuffer } from './bufferLimit.ts';
import { aligned, planMemory } from './memoryPlan.ts';
import type { PackedKernel } from './packedWeights.ts';
import { type CallsToSum, Program, type ProgramMemory, type ReplicaSum } from './program.ts';
import type { StepMemory } from './stepMemory.ts';

/** The places of weights and gradients. */
export interface WeightMemory {
  value(weight: Weight): Placement;
  packed(weight: Weight, gates: number): PackedKernel;
  gradient(weight: Weight): Placement;
  isTrainable(weight: Weight): boolean;
}

/** Options of a program. */
export interface ProgramOptions {
  /** B */
  readonly batch: number;
  readonly seed: SeedWords;
  /** Whether several replicas run the program, each on a part of every batch. Default false. */
  readonly isReplica?: boolean;
  /** Whether the program runs on windows of batches. */
  readonly isWindow?: boolean;
  /** The places of the weights; absent for programs without weights. */
  readonly parameters?: WeightMemory;
  /**
   * The memory that programs share within their steps. Absent for a program that waits within its
   * steps, because another program may run meanwhile.
   */
  readonly stepMemory?: StepMemory | null;
}

/** A call before it is bound. */
type PlannedCall = PlannedKernel | NativeCall;

interface PlannedKernel {
  readonly kernel: KernelName;
  readonly args: Record<string, PlannedBuffer | number | null | undefined>;
}

/** A function in TypeScript that computes on buffers, as a kernel does. */
interface NativeCall {
  readonly kernel: 'native';
  readonly buffers: readonly (PlannedBuffer | null)[];
  readonly run: (views: readonly NativeView[]) => void;
}

/**
 * A view of a buffer of a native call: floats, integers, or null for no buffer. It is not kept
 * after the call.
 */
// biome-ignore lint/suspicious/noExplicitAny: the function knows which of its buffers hold integers
export type NativeView = any;

/**
 * Collects buffers and kernel calls, then plans the memory and binds every call: `build` returns
 * the program. Calls after `startUpdate` are the optimizer's.
 */
export class ProgramBuilder implements Emitter {
  readonly batch: number;
  readonly seed: SeedWords;
  readonly counter: PlannedBuffer;
  readonly stepCounter: PlannedBuffer;
  readonly #backend: Backend;
  readonly #parameters: WeightMemory | null;
  readonly #stepMemory: StepMemory | null;
  readonly #buffers: PlannedBuffer[] = [];
  readonly #calls: PlannedCall[] = [];
  readonly #kept: PlannedBuffer[] = [];
  readonly #constants = new Map<PlannedBuffer, Int32Array>();
  readonly #numbers = new Map<PlannedBuffer, readonly number[]>();
  readonly #weights = new Map<Weight, PlannedBuffer>();
  readonly #gradients = new Map<Weight, PlannedBuffer>();
  /** The numbers that replicas sum, and the number of calls before. */
  readonly #sums: { readonly at: number; readonly sum: ReplicaSum }[] = [];
  readonly #isReplica: boolean;
  #lossesStart = 0;
  #updateStart: number | null = null;
  #accumulationStart: number | null = null;
  #constraintsStart: number | null = null;

  constructor(backend: Backend, { batch, seed, isReplica = false, isWindow = false, parameters, stepMemory }: ProgramOptions) {
    this.#isReplica = isReplica;
    this.#backend = backend;
    this.#parameters = parameters ?? null;
    this.#stepMemory = stepMemory ?? null;
    this.batch = batch;
    this.seed = seed;
    this.counter = this.persistent('counter', 'int', COUNTER_LENGTH);
    this.stepCounter = isWindow ? this.persistent('stepCounter', 'int', COUNTER_LENGTH) : this.counter;
  }

  floats(name: string, length: number): PlannedBuffer {
    return this.#add(name, 'float', length, false);
  }

  ints(name: string, length: number): PlannedBuffer {
    return this.#add(name, 'int', length, false);
  }

  /** A buffer that the caller reads or writes between steps. */
  persistent(name: string, kind: 'float' | 'int', length: number): PlannedBuffer {
    return this.#add(name, kind, length, true);
  }

  constants(name: string, values: Int32Array): PlannedBuffer {
    const buffer = this.persistent(name, 'int', values.length);
    this.#constants.set(buffer, values);
    return buffer;
  }

  /** Floats that never change. */
  numbers(name: string, values: readonly number[]): PlannedBuffer {
    const buffer = this.persistent(name, 'float', values.length);
    this.#numbers.set(buffer, values);
    return buffer;
  }

  zeros(length: number): PlannedBuffer {
    // Blocks are zeroed, and no kernel writes here.
    return this.persistent('zeros', 'float', length);
  }

  slice(buffer: PlannedBuffer, start: number, length: number): PlannedBuffer {
    return {
      name: `${buffer.name}[${start}..]`,
      kind: buffer.kind,
      length,
      parent: buffer,
      start,
      persistent: false,
      firstCall: -1,
      lastCall: -1,
      placement: null,
    };
  }

  /** Keeps a buffer's contents until the next step, so that it can be read between steps. */
  keep(buffer: PlannedBuffer): PlannedBuffer {
    let whole = buffer;
    while (whole.parent) whole = whole.parent;
    whole.persistent = true;
    this.#kept.push(buffer);
    return buffer;
  }

  /** A buffer outside the program's own memory. */
  external(name: string, placement: Placement, kind: 'float' | 'int' = 'float'): PlannedBuffer {
    return {
      name,
      kind,
      length: placement.length,
      parent: null,
      start: 0,
      persistent: true,
      firstCall: -1,
      lastCall: -1,
      placement,
    };
  }

  weight(weight: Weight): PlannedBuffer {
    return this.#ofWeight(this.#weights, weight, weight.path, () => this.#requireParameters().value(weight));
  }

  packed(weight: Weight, gates: number): PackedBuffers | null {
    if (!weight.quantised) return null;
    const { packing, words, scales } = this.#requireParameters().packed(weight, gates);
    return { packing, words: this.external(weight.path, words, 'int'), scales: this.external(`scales of ${weight.path}`, scales) };
  }

  isTrainable(weight: Weight): boolean {
    return this.#requireParameters().isTrainable(weight);
  }

  gradient(weight: Weight): PlannedBuffer {
    return this.#ofWeight(this.#gradients, weight, `d ${weight.path}`, () => this.#requireParameters().gradient(weight));
  }

  /** @param memory where the call's workspace is; null: a buffer of its own */
  call<K extends KernelName>(kernel: K, args: EmittedArguments<K>, memory?: Pick<ScopeMemory, 'workspace'> | null): void {
    const complete: PlannedKernel['args'] = { ...(args as PlannedKernel['args']) };
    if (KERNEL_LAYOUTS[kernel].fields.some(([field]) => field === 'workspace')) {
      const length = this.#backend.workspaceLength(kernel, complete as unknown as KernelArguments<unknown, unknown>[K]);
      const [name, size] = [`${kernel}.workspace`, Math.max(length, 1)] as const;
      complete.workspace = memory ? memory.workspace(name, size) : this.floats(name, size);
    }
    const index = this.#calls.push({ kernel, args: complete }) - 1;
    for (const buffer of Object.values(complete)) {
      if (typeof buffer === 'object' && buffer !== null) touch(buffer, index);
    }
  }

  /**
   * Marks the start of the calls that need to know what the calls before have computed: the losses.
   */
  startLosses(): void {
    this.#lossesStart = this.#calls.length;
  }

  /**
   * Appends a function in TypeScript that reads and writes buffers.
   * @param run gets the buffers' views in order, and null for null
   */
  native(buffers: NativeCall['buffers'], run: NativeCall['run']): void {
    const index = this.#calls.push({ kernel: 'native', buffers, run }) - 1;
    for (const buffer of buffers) if (buffer) touch(buffer, index);
  }

  /** Lets replicas sum numbers before the next call. */
  sumOverReplicas(sum: ReplicaSum): void {
    if (!this.#isReplica) return;
    this.keep(sum.buffer);
    this.#sums.push({ at: this.#calls.length, sum });
  }

  /** Whether replicas sum numbers before the losses. */
  get sumsOverReplicas(): boolean {
    return this.#sums.length > 0;
  }

  /** Marks the start of the calls that update the weights. The calls before compute gradients. */
  startUpdate(): void {
    this.#updateStart = this.#calls.length;
  }

  /** Marks the start of the calls for a batch whose gradients are kept for a later one. */
  startAccumulation(): void {
    this.#accumulationStart = this.#calls.length;
  }

  /** Marks the start of the calls that change weights after the update. */
  startConstraints(): void {
    this.#constraintsStart = this.#calls.length;
  }

  /**
   * Plans and allocates the memory, and binds the calls.
   * @param purpose the program's purpose, for the error message
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  build(purpose: string): Program {
    const backend = this.#backend;
    const buffers = this.#buffers.filter((buffer) => buffer.persistent || buffer.firstCall >= 0);
    for (const { name, kind, length } of buffers) requireBuffer(backend, length, kind, name, purpose);
    // Buffers that keep their contents between steps share no memory, so planning them separately
    // takes no more memory.
    const isShared = (buffer: PlannedBuffer) => this.#stepMemory !== null && !buffer.persistent;
    const plan = planMemory(
      buffers.filter((buffer) => !isShared(buffer)),
      backend.floatBytes,
    );
    const stepPlan = planMemory(buffers.filter(isShared), backend.floatBytes);
    const descriptorsStart = plan.bytes;
    const descriptorBytes = this.#calls.reduce(
      (sum, { kernel }) => sum + (kernel === 'native' ? 0 : aligned(backend.descriptorBytes(kernel))),
      0,
    );
    const memory = this.#allocate(Math.max(descriptorsStart + descriptorBytes, 1), stepPlan.bytes, purpose);
    try {
      const { block } = memory;
      for (const [buffer, byteOffset] of plan.offsets) buffer.placement = { block, byteOffset, length: buffer.length };
      for (const [buffer, byteOffset] of stepPlan.offsets)
        buffer.placement = { block: memory.stepBlock as MemoryBlock, byteOffset, length: buffer.length };
      for (const buffer of this.#kept) buffer.placement = this.#place(buffer);
      for (const [buffer, values] of this.#constants) backend.ints(this.#place(buffer)).set(values);
      for (const [buffer, values] of this.#numbers) backend.floats(this.#place(buffer)).set(values);
      const calls = this.#bind(block, descriptorsStart);
      const updateStart = this.#updateStart ?? calls.length;
      const lossesStart = this.#lossesStart;
      const constraintsStart = this.#constraintsStart ?? calls.length;
      const accumulationStart = this.#accumulationStart ?? constraintsStart;
      return new Program(backend, memory, [this.counter, this.stepCounter], {
        forward: calls.slice(0, lossesStart),
        gradients: calls.slice(lossesStart, updateStart),
        update: calls.slice(updateStart, accumulationStart),
        accumulation: calls.slice(accumulationStart, constraintsStart),
        constraints: calls.slice(constraintsStart),
        summed:
          this.#sums.length === 0
            ? null
            : { forward: this.#cut(calls, 0, lossesStart), gradients: this.#cut(calls, lossesStart, updateStart) },
      });
    } catch (error) {
      memory.free();
      throw error;
    }
  }

  /** @throws {OutOfMemoryError} when there is not enough memory: nothing is allocated then */
  #allocate(bytes: number, stepBytes: number, purpose: string): ProgramMemory {
    const [backend, stepMemory] = [this.#backend, this.#stepMemory];
    const stepBlock = stepMemory && stepBytes > 0 ? stepMemory.take(stepBytes, purpose) : null;
    try {
      const block = backend.allocate(bytes, purpose);
      return {
        block,
        stepBlock,
        stepBytes: stepBlock ? stepBytes : 0,
        free: () => {
          backend.free(block);
          if (stepBlock) stepMemory?.release(stepBlock);
        },
      };
    } catch (error) {
      if (stepBlock) stepMemory?.release(stepBlock);
      throw error;
    }
  }

  /**
   * Calls cut where replicas sum numbers. Sums at the border of two sections belong to the first.
   */
  #cut(calls: readonly KernelCall[], start: number, end: number): CallsToSum[] {
    const parts: CallsToSum[] = [];
    let from = start;
    for (const { at, sum } of this.#sums) {
      if (at > end || at < start || (at === start && start > 0)) continue;
      parts.push({ calls: calls.slice(from, at), sum });
      from = at;
    }
    return [...parts, { calls: calls.slice(from, end), sum: null }];
  }

  #bind(block: MemoryBlock, descriptorsStart: number): KernelCall[] {
    let byteOffset = descriptorsStart;
    return this.#calls.map((call) => {
      if (call.kernel === 'native') return this.#bindNative(call);
      const { kernel, args } = call;
      const bytes = this.#backend.descriptorBytes(kernel);
      const descriptor = { block, byteOffset, length: bytes / 4 };
      byteOffset += aligned(bytes);
      const bound: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(args))
        bound[name] = typeof value === 'object' && value !== null ? this.#place(value) : value;
      return this.#backend.bind(kernel, bound as never, descriptor);
    });
  }

  #bindNative({ buffers, run }: NativeCall): KernelCall {
    const backend = this.#backend;
    const places = buffers.map((buffer) => buffer && { kind: buffer.kind, placement: this.#place(buffer) });
    const makeViews = (): NativeView[] =>
      places.map((place) => place && (place.kind === 'int' ? backend.ints(place.placement) : backend.floats(place.placement)));
    let views = makeViews();
    // Memory that has grown since then has detached them.
    const isCurrent = () => views.every((view, index) => view === null || view.length === (places[index]?.placement.length ?? 0));
    return {
      kernel: 'native',
      run: () => {
        if (!isCurrent()) views = makeViews();
        run(views);
      },
    };
  }

  #place(buffer: PlannedBuffer): Placement {
    if (buffer.parent) {
      const parent = this.#place(buffer.parent);
      const bytes = buffer.kind === 'float' ? this.#backend.floatBytes : 4;
      return { block: parent.block, byteOffset: parent.byteOffset + buffer.start * bytes, length: buffer.length };
    }
    invariant(buffer.placement, `buffer ${buffer.name} has no place`);
    return buffer.placement;
  }

  #add(name: string, kind: 'float' | 'int', length: number, persistent: boolean): PlannedBuffer {
    const buffer: PlannedBuffer = { name, kind, length, parent: null, start: 0, persistent, firstCall: -1, lastCall: -1, placement: null };
    this.#buffers.push(buffer);
    return buffer;
  }

  /**
   * The one buffer of a kind for a weight. The name is used only in messages: two weights may have
   * the same name.
   */
  #ofWeight(known: Map<Weight, PlannedBuffer>, weight: Weight, name: string, placement: () => Placement): PlannedBuffer {
    let buffer = known.get(weight);
    if (!buffer) {
      buffer = this.external(name, placement());
      known.set(weight, buffer);
    }
    return buffer;
  }

  #requireParameters(): WeightMemory {
    invariant(this.#parameters, 'this program was built without parameters');
    return this.#parameters;
  }
}

function touch(buffer: PlannedBuffer, call: number): void {
  if (buffer.firstCall < 0) buffer.firstCall = call;
  buffer.lastCall = call;
  if (buffer.parent) touch(buffer.parent, call);
}
