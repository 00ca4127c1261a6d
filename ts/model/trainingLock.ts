import { StateError } from '../core/errors.ts';
import type { Layer } from '../layers/layer.ts';

/** The model whose `fit` trains each layer now. */
const trainers = new WeakMap<Layer, object>();

/**
 * Checks that no other model's `fit` trains one of these layers.
 * @param model the model that is to train them
 * @param where the method, for the error message
 * @throws {StateError} naming the layer
 */
export function requireUntrained(layers: readonly Layer[], model: { readonly name: string }, where: string): void {
  for (const layer of layers) {
    const trainer = trainers.get(layer) as { readonly name: string } | undefined;
    if (trainer && trainer !== model && layer.ownWeights.length > 0)
      throw new StateError(`${where}: ${layer.title} is being trained by the fit of model ${trainer.name}: await it first`);
  }
}

/**
 * Marks layers as trained by a model's `fit`, so that no other model that shares one of them trains
 * it meanwhile.
 * @returns takes the mark back
 * @throws {StateError} naming a layer that another model trains
 */
export function lockLayers(layers: readonly Layer[], model: { readonly name: string }): () => void {
  requireUntrained(layers, model, 'fit');
  for (const layer of layers) trainers.set(layer, model);
  return () => {
    for (const layer of layers) if (trainers.get(layer) === model) trainers.delete(layer);
  };
}
