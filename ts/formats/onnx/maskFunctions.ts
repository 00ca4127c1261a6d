import { Floats, GraphWriter } from './graphWriter.ts';
import type { AttributeMessage, FunctionMessage } from './messages.ts';

// N samples, T steps, D features, H units, R directions.

/** The domain of the functions. */
export const DOMAIN = 'backtime';

/** The names of the functions, and their inputs, outputs and attributes. */
const FUNCTIONS = {
  /**
   * `x` `[N, T, D]`, `mask` `[N, T]`: the steps that count first `[T, N, D]`, and their numbers
   * `[N]`.
   */
  Pack: { inputs: ['x', 'mask'], outputs: ['packed', 'lengths'], attributes: [] },
  /**
   * `y` `[T, R, N, H]` of packed steps: `[N, T, R*H]` at their places, with zeros at masked steps.
   */
  Unpack: { inputs: ['y', 'mask'], outputs: ['placed'], attributes: [] },
  /**
   * As Unpack, but a masked step has the output of the one before; the first ones have `start`
   * `[N, H]`.
   */
  UnpackRepeating: { inputs: ['y', 'mask', 'start'], outputs: ['placed'], attributes: [] },
  /** As UnpackRepeating, but for steps from last to first. */
  UnpackRepeatingBackwards: { inputs: ['y', 'mask', 'start'], outputs: ['placed'], attributes: [] },
  /** `x` `[N, T, D]`: zeros where all features have the value, and the mask `[N, T]`. */
  Masking: { inputs: ['x'], outputs: ['y', 'mask'], attributes: ['mask_value'] },
} as const;

export type MaskFunction = keyof typeof FUNCTIONS;

/** Whether there is such a function. */
export function isMaskFunction(name: string): name is MaskFunction {
  return Object.hasOwn(FUNCTIONS, name);
}

/** Adds a call of a function. @returns the names of its outputs */
export function callFunction(
  graph: GraphWriter,
  name: MaskFunction,
  inputs: readonly string[],
  as: string,
  attributes: Readonly<Record<string, Floats>> = {},
): readonly string[] {
  if (!graph.functions.has(name)) graph.functions.set(name, functionOf(name));
  return graph.nodeOf(name, inputs, attributes, { as: `${as}/${name}`, domain: DOMAIN, outputs: FUNCTIONS[name].outputs.length });
}

/** A function as the file holds it. */
function functionOf(name: MaskFunction): FunctionMessage {
  const { inputs, outputs, attributes } = FUNCTIONS[name];
  const body = new FunctionBody([...inputs, ...outputs]);
  const results = BODIES[name](body, inputs as never);
  for (const [index, result] of results.entries()) body.rename(result, outputs[index] as string);
  return { name, domain: DOMAIN, inputs, outputs, attributes, nodes: body.nodes };
}

/** Collects the nodes of a function, whose constants are nodes. */
class FunctionBody extends GraphWriter {
  constructor(taken: readonly string[]) {
    super();
    for (const name of taken) this.freeName(name);
  }

  override ints(values: number | readonly number[]): string {
    return this.node('Constant', [], typeof values === 'number' ? { value_int: values } : { value_ints: values });
  }

  override float(value: number): string {
    return this.node('Constant', [], { value_float: new Floats(value) });
  }

  /** The value of an attribute of the call, a float. */
  attribute(name: string): string {
    const output = this.freeName('Constant');
    const value: AttributeMessage = { name: 'value_float', reference: { name, type: 1 } };
    this.nodes.push({ name: output, opType: 'Constant', domain: '', inputs: [], outputs: [output], attributes: [value] });
    return output;
  }

  /** Gives a value the name of an output. */
  rename(from: string, to: string): void {
    const renamed = (names: readonly string[]) => names.map((name) => (name === from ? to : name));
    for (const [index, node] of this.nodes.entries())
      this.nodes[index] = { ...node, inputs: renamed(node.inputs), outputs: renamed(node.outputs) };
  }
}

type Body = (graph: FunctionBody, inputs: readonly [string, string, string]) => readonly string[];

/** The rows of `[N, T, …]` at places `[N, T]` of each sample. */
const rowsAt = (graph: GraphWriter, rows: string, places: string) =>
  graph.node('GatherND', [rows, graph.unsqueeze(places, [2])], { batch_dims: 1 });

const BODIES: Readonly<Record<MaskFunction, Body>> = {
  Pack(graph, [x, mask]) {
    const counts = graph.cast(mask, 'int64');
    const steps = graph.node('Shape', [counts], { start: 1, end: 2 });
    const ones = graph.node('Expand', [graph.ints([1]), graph.node('Shape', [counts])]);
    const numbers = graph.node('CumSum', [ones, graph.ints(1)]);
    // Larger for steps that count than for others, and among these for earlier steps. No two are
    // equal.
    const rank = graph.node('Sub', [graph.node('Mul', [counts, graph.node('Mul', [steps, graph.ints([2])])]), numbers]);
    const [, order] = graph.nodeOf('TopK', [rank, steps], { axis: 1, largest: 1, sorted: 1 }, { outputs: 2 });
    const lengths = graph.node('ReduceSum', [counts, graph.ints([1])], { keepdims: 0 });
    return [graph.transpose(rowsAt(graph, x, order as string), [1, 0, 2]), graph.cast(lengths, 'int32')];
  },
  Unpack(graph, [y, mask]) {
    const found = rowsAt(graph, samplesFirst(graph, y), placesOf(graph, mask).own);
    return [graph.node('Where', [graph.unsqueeze(mask, [2]), found, graph.float(0)])];
  },
  UnpackRepeating(graph, [y, mask, start]) {
    const { own, counted } = placesOf(graph, mask);
    const begun = graph.node('Greater', [counted, graph.ints([0])]);
    return [repeated(graph, y, own, begun, start)];
  },
  UnpackRepeatingBackwards(graph, [y, mask, start]) {
    const counts = graph.cast(mask, 'int64');
    const before = graph.node('CumSum', [counts, graph.ints(1)], { exclusive: 1 });
    const total = graph.node('ReduceSum', [counts, graph.ints([1])], { keepdims: 1 });
    const begun = graph.node('Less', [before, total]);
    const last = graph.node('Max', [graph.node('Sub', [total, graph.ints([1])]), graph.ints([0])]);
    return [repeated(graph, y, graph.node('Min', [before, last]), begun, start)];
  },
  Masking(graph, [x]) {
    const same = graph.cast(graph.node('Equal', [x, graph.attribute('mask_value')]), 'float');
    // The smallest is 1 where all features have the value.
    const mask = graph.node('Less', [graph.node('ReduceMin', [same], { axes: [-1], keepdims: 0 }), graph.float(1)]);
    return [graph.node('Where', [graph.unsqueeze(mask, [-1]), x, graph.float(0)]), mask];
  },
};

/** `[T, R, N, H]` as `[N, T, R*H]`. */
function samplesFirst(graph: GraphWriter, y: string): string {
  return graph.node('Reshape', [graph.transpose(y, [2, 0, 1, 3]), graph.ints([0, 0, -1])]);
}

/** For each step how many count up to it, and the place of the last of these among the packed. */
function placesOf(graph: GraphWriter, mask: string): { counted: string; own: string } {
  const counted = graph.node('CumSum', [graph.cast(mask, 'int64'), graph.ints(1)]);
  return { counted, own: graph.node('Max', [graph.node('Sub', [counted, graph.ints([1])]), graph.ints([0])]) };
}

function repeated(graph: GraphWriter, y: string, places: string, begun: string, start: string): string {
  return graph.node('Where', [graph.unsqueeze(begun, [2]), rowsAt(graph, samplesFirst(graph, y), places), graph.unsqueeze(start, [1])]);
}
