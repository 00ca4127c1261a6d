import type { Backend } from '../backend/backend.ts';
import type { Graph } from '../graph/graph.ts';
import type { Weight } from '../layers/weight.ts';
import type { Compilation } from '../objective/compilationTypes.ts';
import type { Engine } from '../run/engine.ts';
import type { Replica } from '../run/replica.ts';
import { type Compiled, compilationOf, compiledFromState } from './compilation.ts';
import { ModelMemory } from './modelMemory.ts';
import type { ModelState, NamedArray } from './modelState.ts';
import { structureOf } from './restoreStructure.ts';

/** A model made from a state, without the public API: workers train it and run it. */
export class RestoredModel {
  readonly engine: Engine;
  /** Null when the model was not compiled. */
  readonly compilation: Compilation | null;
  readonly #compiled: Compiled | null;
  readonly #memory: ModelMemory;

  /**
   * @param state the state; weights that are missing are drawn from its seed
   * @throws {FormatError} for a layer or an optimizer without a registered class
   * @throws {OutOfMemoryError} when the model does not fit in memory
   */
  constructor(state: ModelState, backend: Backend, replica: Replica | null = null) {
    const structure = structureOf(state);
    const graph = structure.graph as Graph;
    this.#compiled = state.compile && compiledFromState(state.compile, graph);
    this.compilation = this.#compiled && compilationOf(this.#compiled, graph);
    this.#memory = new ModelMemory(structure);
    const byPath = new Map(graph.weights.map((weight) => [graph.pathOf(weight), weight]));
    for (const { name, data } of state.weights) this.#memory.write(byPath.get(name) as Weight, data);
    if (state.compile) this.#memory.setSlots(state.compile.slots);
    this.engine = this.#memory.open(backend, state.seed, this.#compiled, replica);
    this.#memory.pin();
  }

  /** Copies of all weights, in the model's order. */
  readWeights(): NamedArray[] {
    return this.#memory.readKnown();
  }

  /** Copies of the optimizer's slots; none before its first step. */
  readSlots(): readonly NamedArray[] {
    return this.#compiled ? this.#memory.readSlots(this.#compiled) : [];
  }

  /** Sets all weights. */
  writeWeights(weights: readonly NamedArray[]): void {
    for (const [index, weight] of this.engine.graph.weights.entries()) this.#memory.write(weight, (weights[index] as NamedArray).data);
  }

  /** Frees the memory. */
  dispose(): void {
    this.#memory.dispose();
  }
}
