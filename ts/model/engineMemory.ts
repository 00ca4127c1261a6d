import type { Backend } from '../backend/backend.ts';
import { type EvictableContents, EvictableMemory, withRoom } from '../backend/evictableMemory.ts';
import type { SeedWords } from '../core/seed.ts';
import type { Shape } from '../core/shape.ts';
import type { Graph } from '../graph/graph.ts';
import type { Layer } from '../layers/layer.ts';
import type { BatchStates } from '../program/batchStates.ts';
import type { Parameters, TrainingPart } from '../program/parameters.ts';
import { Engine, type EngineMemory } from '../run/engine.ts';
import type { Replica } from '../run/replica.ts';
import { type NamedArray, namedArray } from './modelState.ts';
import { slotPath } from './savedArrays.ts';

/** Slots outside an engine. */
export interface HeapSlots {
  slots: readonly NamedArray[];
}

/** The parts of an engine. */
export interface EngineParts {
  readonly graph: Graph;
  readonly seed: SeedWords;
  readonly trainable: ReadonlySet<Layer>;
  readonly replica: Replica | null;
  readonly states: BatchStates;
}

/**
 * Makes an engine, with the values that the optimizer's slots had.
 * @param slots the slots; empty for zeros
 * @throws {OutOfMemoryError} when the weights do not fit in memory
 * @throws {StateError} when another backend uses a weight
 */
export function openEngine(
  backend: Backend,
  { graph, seed, trainable, replica, states }: EngineParts,
  slotNames: readonly string[],
  slots: readonly NamedArray[],
): Engine {
  return withRoom(backend, () => {
    const engine = new Engine(backend, graph, seed, trainable, replica, states);
    try {
      fillSlots(engine.parameters, graph, slotNames, slots);
      return engine;
    } catch (error) {
      engine.memory.dispose();
      engine.parameters.dispose(() => true);
      throw error;
    }
  });
}

/** Sets the values of the optimizer's slots. @param slots empty for those that they have */
export function fillSlots(parameters: Parameters, graph: Graph, slotNames: readonly string[], slots: readonly NamedArray[]): void {
  if (slots.length === 0) return;
  parameters.prepareTraining(slotNames.length);
  const stored = new Map(slots.map((slot) => [slot.name, slot.data]));
  for (const weight of parameters.trainableWeights) {
    for (const [index, name] of slotNames.entries()) {
      const values = stored.get(slotPath(graph, weight, name));
      if (values) parameters.backend.floats(parameters.slotOf(index, weight)).set(values);
    }
  }
}

/**
 * The memory of an engine's programs and slots, which may be evicted.
 * @param owner when it is collected, the memory goes back to the backend
 * @param heap takes the slots when they are evicted
 * @param before the memory of the owner's engine before
 */
export function engineMemory(
  owner: object,
  engine: Engine,
  slotNames: readonly string[],
  heap: HeapSlots,
  before: EvictableMemory | null,
): EvictableMemory {
  return new EvictableMemory(owner, engine.backend, new ModelContents(engine, slotNames, heap), before);
}

/**
 * The memory of a model in its backend besides the weights. An eviction copies the optimizer's
 * slots.
 */
class ModelContents implements EvictableContents {
  readonly #memory: EngineMemory;
  readonly #slots: readonly { readonly name: string; readonly shape: Shape; readonly part: TrainingPart }[];
  readonly #heap: HeapSlots;

  constructor({ memory, graph, parameters }: Engine, slotNames: readonly string[], heap: HeapSlots) {
    this.#memory = memory;
    this.#slots = parameters.trainableWeights.flatMap((weight) =>
      slotNames.map((slot, index) => ({
        name: slotPath(graph, weight, slot),
        shape: weight.shape,
        part: parameters.slotPart(index, weight),
      })),
    );
    this.#heap = heap;
  }

  get bytes(): number {
    return this.#memory.bytes;
  }

  save(): void {
    const { training } = this.#memory;
    if (training.current) this.#heap.slots = this.#slots.map(({ name, shape, part }) => namedArray(name, shape, training.read(part)));
  }

  dispose(): void {
    this.#memory.dispose();
  }
}
