import type { Backend, FloatArray, KernelCall, MemoryBlock, Placement } from '../backend/backend.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';

/**
 * A graph compiled for one batch shape on one backend: a block of planned memory and a flat list of kernel calls whose
 * arguments are bound. A step replays the list; it allocates nothing and checks nothing.
 */
export class Program {
  readonly #backend: Backend;
  readonly #block: MemoryBlock;
  readonly #counter: PlannedBuffer;
  readonly #gradientCalls: readonly KernelCall[];
  readonly #updateCalls: readonly KernelCall[];

  constructor(
    backend: Backend,
    block: MemoryBlock,
    counter: PlannedBuffer,
    gradientCalls: readonly KernelCall[],
    updateCalls: readonly KernelCall[],
  ) {
    this.#backend = backend;
    this.#block = block;
    this.#counter = counter;
    this.#gradientCalls = gradientCalls;
    this.#updateCalls = updateCalls;
  }

  /** Bytes of the program's memory, without the weights. */
  get bytes(): number {
    return this.#block.bytes;
  }

  /** Names of the kernels in the order a step calls them. */
  get kernels(): readonly string[] {
    return [...this.#gradientCalls, ...this.#updateCalls].map((call) => call.kernel);
  }

  /** Sets the number of the step and its rows of the whole batch. Random masks depend only on these and the seed. */
  setCounter(iteration: number, firstRow: number, totalRows: number): void {
    const counter = this.ints(this.#counter);
    counter[0] = iteration;
    counter[1] = firstRow;
    counter[2] = totalRows;
  }

  /** Forward, loss, metrics and gradients, then the optimizer. @throws {KernelPanicError} */
  step(): void {
    this.computeGradients();
    this.applyUpdate();
  }

  /** Everything before the optimizer. @throws {KernelPanicError} */
  computeGradients(): void {
    this.#backend.run(this.#gradientCalls);
  }

  /** The optimizer. @throws {KernelPanicError} */
  applyUpdate(): void {
    this.#backend.run(this.#updateCalls);
  }

  /** A view of a persistent buffer: use it and drop it. */
  floats(buffer: PlannedBuffer): FloatArray {
    return this.#backend.floats(placementOf(buffer));
  }

  /** A view of a persistent buffer: use it and drop it. */
  ints(buffer: PlannedBuffer): Int32Array {
    return this.#backend.ints(placementOf(buffer));
  }

  dispose(): void {
    this.#backend.free(this.#block);
  }
}

function placementOf(buffer: PlannedBuffer): Placement {
  if (!buffer.placement) throw new Error(`buffer ${buffer.name} has no place in this program`);
  return buffer.placement;
}
