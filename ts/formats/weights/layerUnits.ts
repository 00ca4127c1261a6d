import type { Layer } from '../../layers/layer.ts';
import type { Weight } from '../../layers/weight.ts';
import type { Model } from '../../model/model.ts';

/** A layer with weights of its own, by itself or inside of others. */
export interface LayerUnit {
  readonly layer: Layer;
  /** The names of the layers around it and its own: `time_distributed/dense`. */
  readonly path: string;
  readonly weights: readonly Weight[];
  /** The name of a weight in files: `lstm/recurrentKernel`. */
  pathOf(weight: Weight): string;
}

/**
 * The layers with weights, in the order of the model, those inside of others too. A layer that is
 * used in several places is there once.
 */
export function unitsOf({ layers }: Pick<Model, 'layers'>): readonly LayerUnit[] {
  const seen = new Set<Layer>();
  const walk = (layer: Layer, prefix: string): LayerUnit[] => {
    if (seen.has(layer)) return [];
    seen.add(layer);
    const path = `${prefix}${layer.name}`;
    const weights = layer.ownWeights;
    const own = weights.length > 0 ? [{ layer, path, weights, pathOf: ({ name }: Weight) => `${path}/${name}` }] : [];
    return [...own, ...layer.sublayers.flatMap((inside) => walk(inside, `${path}/`))];
  };
  return layers.flatMap((layer) => walk(layer, ''));
}
