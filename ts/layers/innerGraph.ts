import type { Scope } from './scope.ts';
import type { TensorSpec } from './spec.ts';
import type { CallConfig, Node, SymbolicTensor } from './symbolicTensor.ts';
import type { Value } from './value.ts';

/** Uses of layers between inputs and outputs: a model, or what a layer does inside itself. */
export interface InnerGraph {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** Each after its inputs, without those of the inputs. */
  readonly nodes: readonly Node[];
}

/** The part of a layer that the functions below need. (That file imports this one.) */
interface UsedLayer {
  readonly name: string;
  inferUse(inputs: readonly TensorSpec[], call: CallConfig): readonly TensorSpec[];
  emitUse(scope: Scope, inputs: readonly Value[], call: CallConfig): readonly Value[];
}

/**
 * The specifications of the outputs for inputs of these shapes. They have no free lengths if the
 * inputs have none.
 * @throws {ShapeError} naming the layer that cannot take its input
 */
export function inferGraph({ inputs, outputs, nodes }: InnerGraph, given: readonly TensorSpec[]): readonly TensorSpec[] {
  const specs = new Map(inputs.map((input, index) => [input, given[index] as TensorSpec]));
  for (const node of nodes) {
    const inferred = (node.layer as UsedLayer).inferUse(
      node.inputs.map((input) => specs.get(input) as TensorSpec),
      node.call,
    );
    for (const [port, output] of node.outputs.entries()) specs.set(output, inferred[port] as TensorSpec);
  }
  return outputs.map((output) => specs.get(output) as TensorSpec);
}

/**
 * Emits the forward calls of a graph.
 * @param given the values of the inputs
 * @param scopeOf the scope of each use, by its place among the nodes
 * @param known values that were emitted before, such as those of weights
 * @returns the values of the outputs
 */
export function emitUses(
  { inputs, outputs, nodes }: InnerGraph,
  given: readonly Value[],
  scopeOf: (node: Node, index: number) => Scope,
  known: ReadonlyMap<SymbolicTensor, Value> = new Map(),
): readonly Value[] {
  const values = new Map([...inputs.map((input, index) => [input, given[index] as Value] as const), ...known]);
  for (const [index, node] of nodes.entries()) {
    if (known.has(node.outputs[0] as SymbolicTensor)) continue;
    const scope = scopeOf(node, index);
    const taken = node.inputs.map((input) => values.get(input) as Value);
    const emitted = (node.layer as UsedLayer).emitUse(scope, withMaskArgument(scope, taken, node.call), node.call);
    for (const [port, output] of node.outputs.entries()) values.set(output, emitted[port] as Value);
  }
  return outputs.map((output) => values.get(output) as Value);
}

/**
 * Emits the forward calls of a graph inside of one use of a layer. Returns the outputs' values.
 * @param known values that were emitted before, such as those of weights
 */
export function emitInside(
  scope: Scope,
  graph: InnerGraph,
  given: readonly Value[],
  known?: ReadonlyMap<SymbolicTensor, Value>,
): readonly Value[] {
  const { outputs } = graph;
  const uses = new Map<UsedLayer, number>();
  const scopeOf = (node: Node): Scope => {
    const layer = node.layer as UsedLayer;
    const use = (uses.get(layer) ?? 0) + 1;
    uses.set(layer, use);
    const isOutput = outputs.length === 1 && outputs[0]?.node === node;
    // A second use has states of its own, which a slash tells from those of another layer.
    return scope.inner(use === 1 ? layer.name : `${layer.name}/${use}`, {
      training: node.call.training,
      scoresWanted: isOutput ? scope.scoresWanted : null,
    });
  };
  return emitUses(graph, given, scopeOf, known);
}

/** Emits what depends on no input of a graph: its weights. */
export function emitWeights(scope: Scope, { nodes }: InnerGraph): ReadonlyMap<SymbolicTensor, Value> {
  const weights = nodes.filter(({ inputs }) => inputs.length === 0);
  return new Map(
    weights.map(({ layer, outputs, call }) => [outputs[0] as SymbolicTensor, (layer as UsedLayer).emitUse(scope, [], call)[0] as Value]),
  );
}

/** The inputs of a use, with the mask that is the last of them moved to the first. */
function withMaskArgument(scope: Scope, inputs: readonly Value[], { mask }: CallConfig): readonly Value[] {
  if (!mask) return inputs;
  const [first, ...others] = inputs as readonly [Value, ...Value[]];
  const { form } = others.pop() as Value;
  return [scope.view(first, { ...first, mask: form.kind === 'input' ? form.ids : null }), ...others];
}
