import { FormatError } from '../core/errors.ts';
import { Chain } from '../graph/chain.ts';
import { Graph, layerOf } from '../graph/graph.ts';
import { FixedStructure, type Structure } from '../graph/structure.ts';
import { InputLayer } from '../layers/input.ts';
import type { Layer } from '../layers/layer.ts';
import type { SampleShape } from '../layers/spec.ts';
import type { Node, SymbolicTensor } from '../layers/symbolicTensor.ts';
import { checkGraph, type GraphState, type NodeState } from './modelState.ts';

/** The nodes of a graph, with the layers as indices, as a file stores them. */
export function graphState(graph: Graph, layers: readonly Layer[]): GraphState {
  const all: readonly Node[] = [...graph.inputs.map(({ node }) => node), ...graph.nodes];
  const places = new Map(all.map((node, place) => [node, place]));
  const layerPlaces = new Map(layers.map((layer, place) => [layer, place]));
  const placeOf = ({ node, port }: SymbolicTensor) => [places.get(node) as number, port] as const;
  const nodes = all.map(({ layer, inputs, call: { states, mask, training } }) => ({
    layer: layerPlaces.get(layer as Layer) as number,
    inputs: inputs.map(placeOf),
    states,
    mask,
    training,
  }));
  const { inputs, outputs } = graph.names;
  return {
    nodes,
    outputs: graph.outputs.map(placeOf),
    ...(inputs ? { inputNames: inputs } : {}),
    ...(outputs ? { outputNames: outputs } : {}),
  };
}

/**
 * Joins layers. The weights are declared and have no values yet.
 * @param graph how they are joined; absent for one after the other
 * @param inputShape of layers one after the other: one sample's; null before they are built
 * @param batchSize of layers one after the other: that of their `Input`
 * @throws {FormatError} when the description is inconsistent
 * @throws the errors of layers that cannot be joined
 */
export function joinLayers(
  layers: readonly Layer[],
  graph: GraphState | undefined,
  inputShape: SampleShape | null,
  batchSize?: number,
): Structure {
  if (!graph) {
    const chain = new Chain();
    const first = layers.find((layer) => !layer.preprocesses);
    for (const layer of layers) {
      // The shape says which axes are free, whatever the layer's own option says.
      if (layer === first && inputShape)
        chain.begin(new InputLayer({ shape: inputShape, ...(batchSize === undefined ? {} : { batchSize }) }));
      chain.add(layer);
    }
    if (inputShape !== null) chain.build(inputShape);
    return chain;
  }
  checkGraph(graph);
  const made: Node[] = [];
  for (const [place, node] of graph.nodes.entries()) made.push(useOf(node, place, layers, made));
  const outputs = graph.outputs.map((output, index) => tensorOf(output, made, `outputs[${index}]`));
  const inputs = made.flatMap((node) => (layerOf(node) instanceof InputLayer ? [node.outputs[0] as SymbolicTensor] : []));
  const names = { inputs: namesFor(inputs, graph.inputNames, 'inputNames'), outputs: namesFor(outputs, graph.outputNames, 'outputNames') };
  return new FixedStructure(Graph.of(inputs, outputs, names));
}

function namesFor(tensors: readonly SymbolicTensor[], names: readonly string[] | undefined, what: string): readonly string[] | null {
  if (names && names.length !== tensors.length)
    throw new FormatError(`the saved model's ${what} has ${names.length} names for ${tensors.length} tensors`);
  return names ?? null;
}

function useOf(
  { layer: index, inputs, states, mask, training }: NodeState,
  place: number,
  layers: readonly Layer[],
  made: readonly Node[],
): Node {
  const layer = layers[index];
  if (!layer) throw new FormatError(`the saved model's node ${place} uses layer ${index}; there are ${layers.length} layers`);
  const taken = inputs.map((input, port) => tensorOf(input, made, `nodes[${place}].inputs[${port}]`));
  const node = layer.use(taken, { states, mask, training });
  layer.declare(mask ? taken.slice(0, -1) : taken);
  return node;
}

function tensorOf([place, port]: readonly [number, number], made: readonly Node[], what: string): SymbolicTensor {
  const tensor = made[place]?.outputs[port];
  if (!tensor) throw new FormatError(`the saved model's ${what} is output ${port} of node ${place}, which does not come before it`);
  return tensor;
}
