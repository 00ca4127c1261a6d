import type { Backend, FloatArray, MemoryBlock, Placement } from '../backend/backend.ts';
import type { SeedWords } from '../core/seed.ts';
import type { Shape } from '../core/shape.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { Node, SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { Value } from '../layers/value.ts';
import { type CarriedStateShape, CarriedStates } from '../program/carriedStates.ts';
import type { Parameters } from '../program/parameters.ts';
import type { Program } from '../program/program.ts';
import { ProgramBuilder } from '../program/programBuilder.ts';
import { StreamWeights } from '../program/streamWeights.ts';
import { Emission } from './emission.ts';
import { emitGraph } from './emitGraph.ts';
import { type Graph, layerOf } from './graph.ts';
import type { TimeAxis } from './timeAxis.ts';

/** The values of the context that the steps use: those of `TimeAxis.bounds`. */
export type ContextValues = ReadonlyMap<SymbolicTensor, FloatArray>;

/** The parts of a stream. */
export interface StreamPlan {
  readonly backend: Backend;
  readonly graph: Graph;
  readonly parameters: Parameters;
  readonly seed: SeedWords;
  readonly batch: number;
  /** The graph's sequences. */
  readonly steps: TimeAxis;
}

/**
 * Computes, once, the values of the context that the steps of a stream use.
 * @param values the values of each input of the context, in the order of the program's rows
 * @throws {OutOfMemoryError} when there is not enough memory
 */
export function computeContext(plan: StreamPlan, values: ReadonlyMap<number, ArrayLike<number>>): ContextValues {
  const { backend, graph, steps } = plan;
  const builder = new ProgramBuilder(backend, plan);
  const emission = new Emission(builder, { keeps: false, drops: false });
  const tensors = [...steps.bounds.keys()];
  const part = { nodes: [...steps.contextNodes], known: new Map(), outputs: tensors };
  const { inputs, outputs } = emitGraph(graph, emission, steps.samples(1), { part, states: () => null });
  const kept = outputs.map((output) => builder.keep(emission.floatsOf(output)));
  const program = builder.build('the context of a stream');
  try {
    for (const [feed, { input }] of graph.feeds.entries()) {
      const [given, buffer] = [values.get(input), inputs[feed] as PlannedBuffer];
      if (given) (buffer.kind === 'int' ? program.ints(buffer) : program.floats(buffer)).set(given);
    }
    program.step();
    return new Map(tensors.map((tensor, index) => [tensor, program.floats(kept[index] as PlannedBuffer).slice()]));
  } finally {
    program.dispose();
  }
}

interface Half {
  readonly program: Program;
  /** One for each feed of the graph. */
  readonly inputs: readonly PlannedBuffer[];
  readonly outputs: readonly PlannedBuffer[];
}

/**
 * A graph built for one step of one or more sequences. The states stay in memory from step to
 * step. It is two programs that alternate: each reads the states that the other has written.
 */
export class StreamProgram {
  readonly #states: CarriedStates;
  readonly #context: { readonly backend: Backend; readonly block: MemoryBlock }[] = [];
  /** The states that the context gives before the first step. */
  readonly #initial: readonly { readonly node: Node; readonly states: readonly FloatArray[] }[];
  readonly #halves: readonly [Half, Half];
  readonly #packed: StreamWeights;
  /** The program of the next step, which is also the side of the present states. */
  #turn: 0 | 1 = 0;

  /**
   * @param context the values of the context that the steps use
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  constructor(plan: StreamPlan, context: ContextValues) {
    const { backend, graph, batch, steps } = plan;
    const states = new CarriedStates(backend, batch);
    const packed = new StreamWeights(backend, plan);
    const places = this.#placeContext(backend, context);
    const half = (side: 0 | 1): Half => {
      const builder = new ProgramBuilder(backend, plan);
      const emission = new Emission(builder, { keeps: false, drops: false });
      const stateOf = (node: Node, name: string, length: number) => {
        // Other layers start again at each step, with values that are given or computed as a whole.
        if (!steps.nodes.has(node)) return null;
        const layer = layerOf(node);
        const sides = states.placesOf(node, layer.name, name, length);
        const external = (place: Placement, when: string) => builder.external(`${layer.name}.${name} ${when}`, place);
        return { from: 'step' as const, before: external(sides[side], 'before'), after: external(sides[1 - side] as Placement, 'after') };
      };
      const known = new Map(
        places.map(([tensor, place]): [SymbolicTensor, Value] => {
          const form = { kind: 'floats' as const, buffer: builder.external('context', place) };
          return [tensor, { shape: steps.bounds.get(tensor) as Shape, rows: batch, form, mask: null, needsGradient: false }];
        }),
      );
      const part = { nodes: graph.nodes.filter((node) => !steps.contextNodes.has(node)), known, outputs: graph.outputs };
      const { inputs, outputs } = emitGraph(graph, emission, steps.samples(1), {
        states: stateOf,
        streamWeights: (weights) => builder.external('packed weights', packed.placeOf(weights)),
        part,
      });
      const kept = outputs.map((output) => builder.keep(emission.floatsOf(output)));
      return { program: builder.build(`a stream of ${batch} sequences`), inputs, outputs: kept };
    };
    let first: Half | null = null;
    try {
      first = half(0);
      this.#halves = [first, half(1)];
      packed.finish();
    } catch (error) {
      first?.program.dispose();
      packed.dispose();
      states.dispose();
      this.#freeContext();
      throw error;
    }
    this.#states = states;
    this.#packed = packed;
    this.#initial = graph.nodes
      .filter(({ inputs, call }) => call.states > 0 && context.has(inputs[1] as SymbolicTensor))
      .map((node) => ({ node, states: node.inputs.slice(1, 1 + node.call.states).map((tensor) => context.get(tensor) as FloatArray) }));
    this.clearStates();
  }

  /** Copies the values of the context to separate memory, and returns the address of each. */
  #placeContext(backend: Backend, context: ContextValues): readonly (readonly [SymbolicTensor, Placement])[] {
    return [...context].map(([tensor, values]) => {
      const block = backend.allocate(values.length * backend.floatBytes, 'the context of a stream');
      this.#context.push({ backend, block });
      const place = { block, byteOffset: 0, length: values.length };
      backend.floats(place).set(values);
      return [tensor, place] as const;
    });
  }

  #freeContext(): void {
    for (const { backend, block } of this.#context) backend.free(block);
  }

  /** Bytes of its memory, without the weights. */
  get bytes(): number {
    return (
      this.#halves.reduce((sum, { program }) => sum + program.bytes, this.#states.bytes + this.#packed.bytes) +
      this.#context.reduce((sum, { block }) => sum + block.bytes, 0)
    );
  }

  get states(): readonly CarriedStateShape[] {
    return this.#states.shapes;
  }

  /**
   * Writes the next step's values for a feed of the graph: `[B, D]`, or `[B]` ids.
   * @param places the position of each value in the program's buffer; null for the same order
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
    this.#packed.refresh();
    this.#halves[this.#turn].program.step();
    this.#turn = this.#turn === 0 ? 1 : 0;
  }

  /**
   * Copies an output of the last step, `[B, C]`.
   * @param out the array for it; null for a new array
   * @param places the position of each value in the program's buffer; null for the same order
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

  /** Sets all states to those before a sequence: those of the context, and zeros. */
  clearStates(): void {
    this.#states.clear(this.#turn);
    for (const { node, states } of this.#initial) this.#states.begin(this.#turn, node, states);
  }

  dispose(): void {
    for (const { program } of this.#halves) program.dispose();
    this.#states.dispose();
    this.#packed.dispose();
    this.#freeContext();
  }
}
