import type { Backend, FloatArray, Placement } from '../backend/backend.ts';
import type { SeedWords } from '../core/seed.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { Node } from '../layers/symbolicTensor.ts';
import { type CarriedStateShape, CarriedStates } from '../program/carriedStates.ts';
import type { Parameters } from '../program/parameters.ts';
import type { Program } from '../program/program.ts';
import { ProgramBuilder } from '../program/programBuilder.ts';
import { Emission } from './emission.ts';
import { emitGraph } from './emitGraph.ts';
import { type Graph, layerOf } from './graph.ts';
import type { TimeAxis } from './timeAxis.ts';

interface Half {
  readonly program: Program;
  /** One for each feed of the graph. */
  readonly inputs: readonly PlannedBuffer[];
  readonly outputs: readonly PlannedBuffer[];
}

/**
 * A graph compiled for one step of one or more sequences. The states stay in memory from step to
 * step. It is two programs that alternate: each reads the states that the other has written.
 */
export class StreamProgram {
  readonly #states: CarriedStates;
  readonly #halves: readonly [Half, Half];
  /** The program of the next step, which is also the side of the present states. */
  #turn: 0 | 1 = 0;

  /**
   * @param steps the graph's sequences
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  constructor(backend: Backend, graph: Graph, parameters: Parameters, seed: SeedWords, batch: number, steps: TimeAxis) {
    const states = new CarriedStates(backend, batch);
    const half = (side: 0 | 1): Half => {
      const builder = new ProgramBuilder(backend, { batch, seed, parameters });
      const emission = new Emission(builder, { keeps: false, drops: false });
      const stateOf = (node: Node, name: string, length: number) => {
        // Other layers begin anew at each step, with values that are given or computed whole.
        if (!steps.nodes.has(node)) return null;
        const layer = layerOf(node);
        const places = states.placesOf(node, layer.name, name, length);
        const external = (place: Placement, when: string) => builder.external(`${layer.name}.${name} ${when}`, place);
        return { from: 'step' as const, before: external(places[side], 'before'), after: external(places[1 - side] as Placement, 'after') };
      };
      const { inputs, outputs } = emitGraph(graph, emission, steps.samples(1), { states: stateOf });
      const kept = outputs.map((output) => builder.keep(emission.floatsOf(output)));
      return { program: builder.finish(`a stream of ${batch} sequences`), inputs, outputs: kept };
    };
    let first: Half | null = null;
    try {
      first = half(0);
      this.#halves = [first, half(1)];
    } catch (error) {
      first?.program.dispose();
      states.dispose();
      throw error;
    }
    this.#states = states;
  }

  /** Bytes of its memory, without the weights. */
  get bytes(): number {
    return this.#halves.reduce((sum, { program }) => sum + program.bytes, this.#states.bytes);
  }

  get states(): readonly CarriedStateShape[] {
    return this.#states.shapes;
  }

  /**
   * Writes the next step's values for a feed of the graph: `[B, D]`, or `[B]` ids.
   * @param places for each value its place in the program; null for the same order
   */
  writeInput(feed: number, values: ArrayLike<number>, places: Int32Array | null): void {
    const { program, inputs } = this.#halves[this.#turn];
    const input = inputs[feed] as PlannedBuffer;
    const target = input.kind === 'int' ? program.ints(input) : program.floats(input);
    if (!places) target.set(values);
    else for (let index = 0; index < places.length; index++) target[places[index] as number] = values[index] as number;
  }

  /**
   * Runs a step. After an error the states have not changed.
   * @throws {KernelPanicError}
   */
  step(): void {
    this.#halves[this.#turn].program.step();
    this.#turn = this.#turn === 0 ? 1 : 0;
  }

  /**
   * Copies an output of the last step, `[B, C]`.
   * @param out the array for it; null for a new array
   * @param places for each value its place in the program; null for the same order
   */
  read<A extends FloatArray>(output: number, out: A | null, places: Int32Array | null): A | FloatArray {
    const { program, outputs } = this.#halves[this.#turn === 0 ? 1 : 0];
    const values = program.floats(outputs[output] as PlannedBuffer);
    if (out === null && !places) return values.slice();
    const read = out ?? values.slice();
    if (!places) read.set(values);
    else for (let index = 0; index < places.length; index++) read[index] = values[places[index] as number] as number;
    return read;
  }

  /** Copies a state. */
  readState(layer: string, state: string): FloatArray {
    return this.#states.read(this.#turn, layer, state);
  }

  writeState(layer: string, state: string, values: ArrayLike<number>): void {
    this.#states.write(this.#turn, layer, state, values);
  }

  /** Sets all states to zeros, as before a sequence. */
  clearStates(): void {
    this.#states.clear(this.#turn);
  }

  dispose(): void {
    for (const { program } of this.#halves) program.dispose();
    this.#states.dispose();
  }
}
