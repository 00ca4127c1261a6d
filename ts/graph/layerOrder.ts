import { InputLayer } from '../layers/input.ts';
import type { Layer } from '../layers/layer.ts';
import type { Node, SymbolicTensor } from '../layers/symbolicTensor.ts';

/**
 * The layers in the order of Keras's `Functional`, which `getWeights` follows: the layer with the
 * longest way to an output comes first. Layers at the same distance are in the order in which a
 * walk from the outputs, in their order, back to the inputs finds them first. (`map_graph` in
 * keras/src/ops/function.py)
 * @param nodes each after its inputs, as a depth-first walk from the outputs finishes them
 */
export function orderedLayers(nodes: readonly Node[], outputs: readonly SymbolicTensor[]): Layer[] {
  const seen = firstSeen(outputs);
  const ofNodes = new Map<Node, number>();
  const ofLayers = new Map<Layer, number>();
  for (const node of [...nodes].reverse()) {
    const layer = node.layer as Layer;
    // A shared layer has the distance of the farthest of its uses that the walk has found.
    const distance = Math.max(ofNodes.get(node) ?? 0, ofLayers.get(layer) ?? 0);
    ofLayers.set(layer, distance);
    for (const { node: below } of node.inputs) ofNodes.set(below, Math.max(distance + 1, ofNodes.get(below) ?? 0));
  }
  const place = (layer: Layer) => seen.get(layer) as number;
  return [...ofLayers].sort(([a, near], [b, far]) => far - near || place(a) - place(b)).map(([layer]) => layer);
}

/** The layers, numbered as a depth-first walk from the outputs finds them. */
function firstSeen(outputs: readonly SymbolicTensor[]): Map<Layer, number> {
  const seen = new Map<Layer, number>();
  const visited = new Set<Node>();
  const stack = outputs.map(({ node }) => node).reverse();
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (visited.has(node)) continue;
    visited.add(node);
    const layer = node.layer as Layer;
    if (layer instanceof InputLayer) continue;
    if (!seen.has(layer)) seen.set(layer, seen.size);
    for (const { node: below } of [...node.inputs].reverse()) stack.push(below);
  }
  return seen;
}
