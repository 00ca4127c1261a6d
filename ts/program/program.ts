import type { Backend, FloatArray, KernelCall, MemoryBlock, Placement } from '../backend/backend.ts';
import { COUNTER } from '../backend/counter.ts';
import { invariant } from '../core/invariant.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';

/** Numbers that replicas sum between two calls. */
export interface ReplicaSum {
  readonly buffer: PlannedBuffer;
  /** Whether they are gradients, which are weighted by the replica's part of the batch. */
  readonly ofGradients: boolean;
}

/** Some calls, and the numbers that replicas sum after them; null after the last. */
export interface CallsToSum {
  readonly calls: readonly KernelCall[];
  readonly sum: ReplicaSum | null;
}

/** Sums numbers over replicas. @param values makes a view of them */
export type SumOverReplicas = (values: () => FloatArray, ofGradients: boolean) => void | Promise<void>;

/** The calls of a step, in the order in which they run. */
export interface SectionCalls {
  /** The outputs; empty if nothing is exchanged between them and the losses. */
  readonly forward: readonly KernelCall[];
  /** The losses, the metrics and the gradients, after all that is not in `forward`. */
  readonly gradients: readonly KernelCall[];
  /** The optimizer. */
  readonly update: readonly KernelCall[];
  /** The calls that replace `update` for a batch whose gradients are kept for a later one. */
  readonly accumulation: readonly KernelCall[];
  /** The constraints of weights, after an update. */
  readonly constraints: readonly KernelCall[];
  /** `forward` and `gradients`, cut where replicas sum numbers; null where they sum none. */
  readonly summed: { readonly forward: readonly CallsToSum[]; readonly gradients: readonly CallsToSum[] } | null;
}

/** The memory of a program. */
export interface ProgramMemory {
  /** The buffers that keep their contents between steps, and the descriptors of the calls. */
  readonly block: MemoryBlock;
  /**
   * The buffers that are used only within a step, shared with other programs; null if they are in
   * `block`.
   */
  readonly stepBlock: MemoryBlock | null;
  /** How much of `stepBlock` the program uses. */
  readonly stepBytes: number;
  free(): void;
}

/**
 * A graph built for one batch shape on one backend: a block of planned memory and a flat list of
 * kernel calls whose arguments are bound. A step replays the list; it allocates nothing and checks
 * nothing.
 */
export class Program {
  readonly #backend: Backend;
  readonly memory: ProgramMemory;
  readonly #counters: readonly [rows: PlannedBuffer, steps: PlannedBuffer];
  readonly #calls: SectionCalls;

  constructor(backend: Backend, memory: ProgramMemory, counters: readonly [PlannedBuffer, PlannedBuffer], calls: SectionCalls) {
    this.#backend = backend;
    this.memory = memory;
    this.#counters = counters;
    this.#calls = calls;
  }

  /** Bytes of the memory that the program uses, without the weights. */
  get bytes(): number {
    return this.ownBytes + this.memory.stepBytes;
  }

  /** {@link bytes} without what it shares with other programs. */
  get ownBytes(): number {
    return this.memory.block.bytes;
  }

  /** Names of the kernels in the order a step calls them. */
  get kernels(): readonly string[] {
    const { forward, gradients, update, accumulation, constraints } = this.#calls;
    return [...forward, ...gradients, ...update, ...accumulation, ...constraints].map((call) => call.kernel);
  }

  /**
   * Sets the number of the step and its rows of the whole batch. Random masks depend only on these
   * and the seed.
   * @param firstStep the first step of a window
   */
  setCounter(iteration: number, firstRow: number, totalRows: number, firstStep = 0): void {
    for (let index = 0; index < 2; index++) {
      const counter = this.ints(this.#counters[index as 0 | 1]);
      counter[COUNTER.iteration] = iteration;
      counter[COUNTER.firstRow] = firstRow + index * firstStep * totalRows;
      counter[COUNTER.totalRows] = totalRows;
    }
  }

  /**
   * Forward, loss, metrics and gradients, then the optimizer.
   * @param updates whether the weights change now, or the gradients are kept for a later batch
   * @throws {KernelPanicError}
   */
  step(updates = true): void {
    this.computeForward();
    this.computeGradients();
    this.applyUpdate(updates);
    this.applyConstraints();
  }

  /** The calls before the losses, if the program has them apart. @throws {KernelPanicError} */
  computeForward(): void {
    if (this.#calls.forward.length > 0) this.#backend.run(this.#calls.forward);
  }

  /** Everything else before the optimizer. @throws {KernelPanicError} */
  computeGradients(): void {
    this.#backend.run(this.#calls.gradients);
  }

  /** Whether replicas sum numbers within `computeForward` and `computeGradients`. */
  get sums(): boolean {
    return this.#calls.summed !== null;
  }

  /**
   * `computeForward` or `computeGradients` of a program with `sums`.
   * @throws {KernelPanicError}
   */
  async computeSummed(section: 'forward' | 'gradients', sum: SumOverReplicas): Promise<void> {
    for (const part of this.#calls.summed?.[section] ?? []) {
      if (part.calls.length > 0) this.#backend.run(part.calls);
      if (!part.sum) continue;
      const { buffer, ofGradients } = part.sum;
      const summed = sum(() => this.floats(buffer), ofGradients);
      if (summed) await summed;
    }
  }

  /**
   * The optimizer.
   * @param updates whether the weights change now, or the gradients are kept for a later batch
   * @throws {KernelPanicError}
   */
  applyUpdate(updates = true): void {
    this.#backend.run(updates ? this.#calls.update : this.#calls.accumulation);
  }

  /**
   * Applies the constraints of weights. A constraint needs the whole weight, so replicas call this
   * after they have the updates of the others.
   * @throws {KernelPanicError}
   */
  applyConstraints(): void {
    if (this.#calls.constraints.length > 0) this.#backend.run(this.#calls.constraints);
  }

  /** A view of a persistent buffer. Do not keep it. */
  floats(buffer: PlannedBuffer): FloatArray {
    return this.#backend.floats(placementOf(buffer));
  }

  /** A view of a persistent buffer. Do not keep it. */
  ints(buffer: PlannedBuffer): Int32Array {
    return this.#backend.ints(placementOf(buffer));
  }

  dispose(): void {
    this.memory.free();
  }
}

function placementOf(buffer: PlannedBuffer): Placement {
  invariant(buffer.placement, `buffer ${buffer.name} has no place in this program`);
  return buffer.placement;
}
