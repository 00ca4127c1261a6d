import type { Backend, FloatArray, MemoryBlock, Placement } from '../backend/backend.ts';
import type { Layer } from '../layers/layer.ts';
import { aligned } from './memoryPlan.ts';
import type { CarriedPlaces } from './programBuilder.ts';

/** One state of one layer: `[B, length]`. */
export interface CarriedStateShape {
  readonly layer: string;
  readonly name: string;
  readonly shape: readonly [batch: number, length: number];
}

interface Entry extends CarriedStateShape {
  readonly places: readonly [Placement, Placement];
}

/**
 * The memory of states that live from step to step. Each has two places, because a kernel cannot write where it reads: a step
 * reads one side and writes the other, so nothing is ever copied.
 */
export class CarriedStates {
  readonly #backend: Backend;
  readonly #block: MemoryBlock;
  readonly #entries: readonly Entry[];

  /** Takes zeroed memory. @throws {OutOfMemoryError} */
  constructor(backend: Backend, layers: readonly Layer[], batch: number) {
    this.#backend = backend;
    const shapes = layers.flatMap((layer) =>
      layer.states.map(({ name, length }) => ({ layer: layer.name, name, shape: [batch, length] as const })),
    );
    const bytesOf = ({ shape: [rows, length] }: CarriedStateShape) => aligned(rows * length * backend.floatBytes);
    const bytes = shapes.reduce((sum, shape) => sum + 2 * bytesOf(shape), 0);
    const block = backend.allocate(Math.max(bytes, 1), `the states of a stream of ${batch} sequences`);
    let next = 0;
    const place = (shape: CarriedStateShape): Placement => {
      const byteOffset = next;
      next += bytesOf(shape);
      return { block, byteOffset, length: shape.shape[0] * shape.shape[1] };
    };
    this.#block = block;
    this.#entries = shapes.map((shape) => ({ ...shape, places: [place(shape), place(shape)] }));
  }

  get shapes(): readonly CarriedStateShape[] {
    return this.#entries;
  }

  /** For a program that reads this side and writes the other. */
  readingFrom(side: 0 | 1): CarriedPlaces {
    return (layer, state) => {
      const { places } = this.#entry(layer, state);
      return { before: places[side], after: places[1 - side] as Placement };
    };
  }

  /** A copy of a state on one side. */
  read(side: 0 | 1, layer: string, state: string): FloatArray {
    return this.#backend.floats(this.#entry(layer, state).places[side]).slice();
  }

  /** Sets a state on one side; as many values as it has. */
  write(side: 0 | 1, layer: string, state: string, values: ArrayLike<number>): void {
    this.#backend.floats(this.#entry(layer, state).places[side]).set(values);
  }

  /** Makes all states of one side zeros. */
  clear(side: 0 | 1): void {
    for (const { places } of this.#entries) this.#backend.floats(places[side]).fill(0);
  }

  dispose(): void {
    this.#backend.free(this.#block);
  }

  #entry(layer: string, state: string): Entry {
    const entry = this.#entries.find((one) => one.layer === layer && one.name === state);
    if (!entry) throw new Error(`layer ${layer} declares no state '${state}'`);
    return entry;
  }
}
