import { type Graph, layerOf } from '../graph/graph.ts';
import type { Layer } from '../layers/layer.ts';
import type { Node } from '../layers/symbolicTensor.ts';
import { ModelLayer } from './modelLayer.ts';

/** The uses of layers in a graph and in the models inside. */
export function usesInside(graph: Graph): readonly Node[] {
  const inside = graph.allLayers.flatMap((layer) => (layer instanceof ModelLayer ? (layer.graph?.nodes ?? []) : []));
  return [...graph.nodes, ...inside];
}

/** The results for graphs, which never change. A server needs them in every call. */
const found = new WeakMap<Graph, Layer | null>();

/**
 * The first layer that is used with `training: true`; null where there is none. In predictions too
 * it draws random numbers for the rows of a batch, or normalizes by the moments of the batch.
 */
export function alwaysTraining(graph: Graph): Layer | null {
  const known = found.get(graph);
  if (known !== undefined) return known;
  const use = usesInside(graph).find(({ call }) => call.training === true);
  const layer = use ? layerOf(use) : null;
  found.set(graph, layer);
  return layer;
}
