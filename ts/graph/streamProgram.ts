import type { Backend, FloatArray, Placement } from '../backend/backend.ts';
import type { SeedWords } from '../core/seed.ts';
import type { Shape } from '../core/shape.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { Node } from '../layers/symbolicTensor.ts';
import type { Value } from '../layers/value.ts';
import { type CarriedStateShape, CarriedStates } from '../program/carriedStates.ts';
import type { Parameters } from '../program/parameters.ts';
import type { Program } from '../program/program.ts';
import { ProgramBuilder } from '../program/programBuilder.ts';
import { Emission } from './emission.ts';
import { type Graph, layerOf } from './graph.ts';

interface Half {
  readonly program: Program;
  readonly input: PlannedBuffer;
  readonly output: PlannedBuffer;
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
   * @param samples for each input the shape of one step of one sample
   * @throws {ArgumentError} naming a layer that needs whole sequences
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  constructor(backend: Backend, graph: Graph, parameters: Parameters, seed: SeedWords, batch: number, samples: readonly Shape[]) {
    const states = new CarriedStates(backend, batch);
    const half = (side: 0 | 1): Half => {
      const builder = new ProgramBuilder(backend, { batch, seed, parameters });
      const emission = new Emission(builder, { keeps: false, drops: false });
      const stateOf = (node: Node, name: string, length: number) => {
        const layer = layerOf(node);
        const places = states.placesOf(node, layer.name, name, length);
        const external = (place: Placement, when: string) => builder.external(`${layer.name}.${name} ${when}`, place);
        return { from: 'step' as const, before: external(places[side], 'before'), after: external(places[1 - side] as Placement, 'after') };
      };
      const { inputs, outputs } = graph.emit(emission, samples, { states: stateOf });
      const [input] = inputs as readonly [PlannedBuffer];
      const kept = builder.keep(emission.floatsOf(outputs[0] as Value));
      return { program: builder.finish(`a stream of ${batch} sequences`), input, output: kept };
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

  /** Writes the next step's input, `[B, D]` or `[B]` ids. */
  writeInput(values: ArrayLike<number>): void {
    const { program, input } = this.#halves[this.#turn];
    (input.kind === 'int' ? program.ints(input) : program.floats(input)).set(values);
  }

  /**
   * Runs a step and copies its output, `[B, C]`. After an error the states have not changed.
   * @param out the array for the output; null for a new array
   * @throws {KernelPanicError}
   */
  step<A extends FloatArray>(out: A | null): A | FloatArray {
    const { program, output } = this.#halves[this.#turn];
    program.step();
    this.#turn = this.#turn === 0 ? 1 : 0;
    const values = program.floats(output);
    if (out === null) return values.slice();
    out.set(values);
    return out;
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
