import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, type Shape } from '../core/shape.ts';
import { gradientStepsOf } from '../layers/gradientSteps.ts';
import type { SampleShape, TensorSpec } from '../layers/spec.ts';
import type { Node, SymbolicTensor } from '../layers/symbolicTensor.ts';
import { type Graph, layerOf } from './graph.ts';

/**
 * The steps of a graph that is run in pieces, step by step or a window of steps at a time: which
 * inputs are sequences, and which uses of layers work on them.
 */
export class TimeAxis {
  /** For each input whether it is a sequence; other inputs are passed whole with every piece. */
  readonly inputs: readonly boolean[];
  /** For each output whether it is a sequence. */
  readonly outputs: readonly boolean[];
  /** The uses of layers whose first input is a sequence. */
  readonly nodes: ReadonlySet<Node>;
  /** The uses of layers that depend on the context only, so they are computed once. */
  readonly contextNodes: ReadonlySet<Node>;
  /** The values of the context that the other uses take, and their shapes. */
  readonly bounds: ReadonlyMap<SymbolicTensor, Shape>;
  readonly #graph: Graph;
  readonly #context: ReadonlyMap<number, Shape>;

  /**
   * Finds the sequences of a graph.
   * @param what the caller, for error messages: `stream`
   * @param context the inputs that are given once for all steps, and the shapes of their samples
   * @throws {ArgumentError} naming a layer that needs whole sequences
   * @throws {ShapeError} when no input is a sequence, or another input has a free length
   */
  constructor(graph: Graph, what: string, context: ReadonlyMap<number, Shape> = new Map()) {
    this.#graph = graph;
    this.#context = context;
    const single = graph.inputs.length - context.size === 1;
    this.inputs = graph.inputs.map(({ shape }, index) => !context.has(index) && isSequence(graph, index) && (single || !isOneId(shape)));
    if (!this.inputs.includes(true))
      throw new ShapeError(
        `${what}: no input is a sequence; the samples have shape ${graph.inputs.map(({ shape }) => formatShape(shape)).join(' and ')}, without steps`,
      );
    const sequences = new Set(graph.inputs.filter((_, index) => this.inputs[index]));
    const nodes = new Set<Node>();
    const specs = new Map<SymbolicTensor, TensorSpec>(
      graph.inputs.map(({ shape, kind }, index) => {
        const input = graph.inputs[index] as SymbolicTensor;
        if (this.inputs[index]) return [input, { shape: [null, ...shape.slice(1)], kind }];
        return [input, { shape: context.get(index) ?? known(shape, graph.inputNames[index], what), kind }];
      }),
    );
    const fixed = new Set(graph.inputs.filter((_, index) => context.has(index)));
    const contextNodes = new Set<Node>();
    const hint = graph.inputs.length - context.size > 1 ? ': give inputs that stay the same in the option context' : '';
    const bounds = new Set<SymbolicTensor>();
    for (const node of graph.nodes) {
      const taken = node.inputs.map((input) => sequences.has(input));
      if (node.inputs.every((input) => fixed.has(input))) {
        contextNodes.add(node);
        for (const output of node.outputs) fixed.add(output);
      } else for (const input of node.inputs) if (fixed.has(input)) bounds.add(input);
      if (taken.includes(true)) requireSteps(node, taken, fixed, hint);
      if (taken[0]) nodes.add(node);
      for (const [port, spec] of inferred(node, specs).entries()) {
        const output = node.outputs[port] as SymbolicTensor;
        specs.set(output, spec);
        // Lengths that are free are those of sequences, because all others are known.
        if (taken.includes(true) && spec.shape[0] === null) sequences.add(output);
      }
    }
    for (const output of graph.outputs) if (fixed.has(output)) bounds.add(output);
    this.nodes = nodes;
    this.contextNodes = contextNodes;
    this.bounds = new Map([...bounds].map((tensor) => [tensor, (specs.get(tensor) as TensorSpec).shape as Shape]));
    this.outputs = graph.outputs.map((output) => sequences.has(output));
  }

  /**
   * The steps after which gradients end in all layers, counted from the end of a sequence; null
   * when they flow through the whole sequence in a layer, or none is cut.
   */
  get gradientPeriod(): number | null {
    return gradientStepsOf([...this.nodes].map(layerOf)) || null;
  }

  /** For each input the shape of a sample of so many steps. */
  samples(steps: number): readonly Shape[] {
    return this.#graph.inputs.map(
      ({ shape }, index) => (this.inputs[index] ? [steps, ...shape.slice(1)] : (this.#context.get(index) ?? shape)) as Shape,
    );
  }
}

/** Whether an input's first axis may be the steps: ids `[T]`, floats `[T, D]` and more axes. */
function isSequence({ feeds, inputs }: Graph, index: number): boolean {
  const isIds = feeds.some(({ input, kind }) => input === index && kind === 'ids');
  const axes = (inputs[index] as SymbolicTensor).shape.length;
  return axes >= (isIds ? 1 : 2);
}

function isOneId(shape: SampleShape): boolean {
  return shape.length === 1 && shape[0] === 1;
}

function known(shape: SampleShape, name: string | undefined, what: string): SampleShape {
  if (!shape.includes(null)) return shape;
  throw new ShapeError(`${what}: input ${name} has samples of shape ${formatShape(shape)}, but an input without steps needs a known shape`);
}

/** @throws {ArgumentError} when a layer cannot take its inputs step by step */
function requireSteps({ layer, inputs, call }: Node, taken: readonly boolean[], fixed: ReadonlySet<SymbolicTensor>, hint: string): void {
  const { title, needsSequences } = layerOf({ layer } as Node);
  if (needsSequences !== null) throw new ArgumentError(`${title} ${needsSequences} and cannot run step by step${hint}`);
  const ends = inputs.length - (call.mask ? 1 : 0);
  const isState = (place: number) => place < ends && place >= ends - call.states;
  if (inputs.some((input, place) => isState(place) && !fixed.has(input)))
    throw new ArgumentError(
      `${title} begins with the states of another layer, so it needs whole sequences and cannot run step by step${hint}`,
    );
  const axes = (inputs[0] as SymbolicTensor).shape.length;
  // Values without steps are repeated over them. A fixed sequence has steps of its own.
  const fits = (input: SymbolicTensor, place: number) =>
    taken[place] || isState(place) || (place < ends && fixed.has(input) && input.shape.length < axes);
  if (!taken[0] || !inputs.every(fits))
    throw new ArgumentError(`${title} joins sequences with values that have no steps, so it cannot run step by step${hint}`);
}

/**
 * The outputs of a use. @throws {ArgumentError} when the layer needs to know the number of steps
 */
function inferred(node: Node, specs: ReadonlyMap<SymbolicTensor, TensorSpec>): readonly TensorSpec[] {
  try {
    return layerOf(node).inferUse(
      node.inputs.map((input) => specs.get(input) as TensorSpec),
      node.call,
    );
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ArgumentError(`${layerOf(node).title} needs whole sequences and cannot run step by step`, { cause: error });
  }
}
