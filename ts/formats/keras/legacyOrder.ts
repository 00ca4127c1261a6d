import type { Layer } from '../../layers/layer.ts';
import type { Weight } from '../../layers/weight.ts';
import { ModelLayer } from '../../model/modelLayer.ts';
import { kerasLayers } from './kerasGraph.ts';

/**
 * The weights of a layer in the order of `.h5` files: those that training updates first. Layers
 * inside may be frozen, which so moves their weights behind those of the others.
 */
export function legacyOrder(layer: Layer): readonly Weight[] {
  const updates = updatesIn(layer, true);
  const weights = [...updates.keys()];
  return [...weights.filter((weight) => updates.get(weight)), ...weights.filter((weight) => !updates.get(weight))];
}

/** The weights in Keras's order, and whether training updates them. */
function updatesIn(layer: Layer, isOuterTrained: boolean): Map<Weight, boolean> {
  const isTrained = isOuterTrained && layer.trainable;
  const inside = layer instanceof ModelLayer ? kerasLayers(layer.sublayers, layer.graph) : layer.sublayers;
  return new Map([
    ...layer.ownWeights.map((weight) => [weight, isTrained && weight.trainable] as const),
    ...inside.flatMap((each) => [...updatesIn(each, isTrained)]),
  ]);
}
