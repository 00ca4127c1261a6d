import type { Backend, FloatArray, MemoryBlock, Placement } from '../backend/backend.ts';
import { invariant } from '../core/invariant.ts';
import { aligned } from './memoryPlan.ts';

/** One state of one use of a layer: `[B, length]`. */
export interface CarriedStateShape {
  /** The layer's name; of its second use `gru/2`. */
  readonly layer: string;
  readonly name: string;
  readonly shape: readonly [batch: number, length: number];
}

interface Entry extends CarriedStateShape {
  readonly owner: object;
  /** The layer that the use uses. */
  readonly used: string;
  readonly block: MemoryBlock;
  readonly places: readonly [Placement, Placement];
}

/**
 * The memory of states that are kept from step to step. Each state has two places, because a kernel
 * cannot write where it reads: a step reads one side and writes the other, so no state is copied.
 */
export class CarriedStates {
  readonly #backend: Backend;
  readonly #batch: number;
  readonly #entries: Entry[] = [];

  constructor(backend: Backend, batch: number) {
    this.#backend = backend;
    this.#batch = batch;
  }

  get bytes(): number {
    return this.#entries.reduce((sum, { block }) => sum + block.bytes, 0);
  }

  get shapes(): readonly CarriedStateShape[] {
    return this.#entries;
  }

  /**
   * The two places of a state of a layer's use. The first request allocates zeroed memory.
   * @param owner the use
   * @param length number of elements for all sequences of the batch
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  placesOf(owner: object, layer: string, name: string, length: number): readonly [Placement, Placement] {
    const known = this.#entries.find((entry) => entry.owner === owner && entry.name === name);
    if (known) return known.places;
    const bytes = aligned(length * this.#backend.floatBytes);
    const block = this.#backend.allocate(2 * bytes, `the states of a stream of ${this.#batch} sequences`);
    const places = [0, bytes].map((byteOffset) => ({ block, byteOffset, length })) as [Placement, Placement];
    // A slash is in no layer's name: the uses of one layer are `gru`, `gru/2`, `gru/3`.
    const others = new Set(this.#entries.flatMap((entry) => (entry.used === layer && entry.owner !== owner ? [entry.owner] : []))).size;
    this.#entries.push({
      owner,
      used: layer,
      layer: others === 0 ? layer : `${layer}/${others + 1}`,
      name,
      shape: [this.#batch, length / this.#batch],
      block,
      places,
    });
    return places;
  }

  /** Copies a state of one side. */
  read(side: 0 | 1, layer: string, state: string): FloatArray {
    return this.#backend.floats(this.#entry(layer, state).places[side]).slice();
  }

  /** Sets a state of one side. The number of values must fit. */
  write(side: 0 | 1, layer: string, state: string, values: ArrayLike<number>): void {
    this.#backend.floats(this.#entry(layer, state).places[side]).set(values);
  }

  /** Sets the states of a use, in the order in which it asked for them. */
  begin(side: 0 | 1, owner: object, states: readonly ArrayLike<number>[]): void {
    const own = this.#entries.filter((entry) => entry.owner === owner);
    for (const [index, values] of states.entries()) this.#backend.floats((own[index] as Entry).places[side]).set(values);
  }

  /** Sets all states of one side to zeros. */
  clear(side: 0 | 1): void {
    for (const { places } of this.#entries) this.#backend.floats(places[side]).fill(0);
  }

  dispose(): void {
    for (const { block } of this.#entries) this.#backend.free(block);
  }

  #entry(layer: string, state: string): Entry {
    const entry = this.#entries.find((one) => one.layer === layer && one.name === state);
    invariant(entry, `layer ${layer} declares no state '${state}'`);
    return entry;
  }
}
