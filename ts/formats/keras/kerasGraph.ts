import { Graph } from '../../graph/graph.ts';
import type { Layer } from '../../layers/layer.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';

/**
 * A graph with its outputs as Keras goes through them: those of an object by their names. The order
 * of its layers, and so the numbers of their groups in files, follow from it.
 */
export function kerasGraph(graph: Graph): Graph {
  const { inputs, outputs, names } = graph;
  if (!names.outputs) return graph;
  const order = names.outputs.map((name, index) => [name, index] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  const sorted = order.map(([, index]) => outputs[index] as SymbolicTensor);
  return Graph.of(inputs, sorted, { inputs: names.inputs, outputs: order.map(([name]) => name) });
}

/**
 * The layers of a model in the order in which Keras has them.
 * @param graph null before the model is built: then they keep their order
 */
export function kerasLayers(layers: readonly Layer[], graph: Graph | null): readonly Layer[] {
  if (!graph) return layers;
  const places = new Map(kerasGraph(graph).layers.map((layer, place) => [layer, place]));
  // Inputs, and layers that prepare data, are not in the graph: they come first.
  const placeOf = (layer: Layer) => places.get(layer) ?? -1;
  return [...layers].sort((a, b) => placeOf(a) - placeOf(b));
}
