import { ArgumentError, FormatError, ShapeError, StateError } from '../core/errors.ts';
import { isError } from '../core/tags.ts';
import type { Structure } from '../graph/structure.ts';
import { layerFromConfig } from '../layers/registry.ts';
import { joinLayers } from './joinLayers.ts';
import { ModelLayer } from './modelLayer.ts';
import type { ModelState } from './modelState.ts';

/** The classes of models inside of models. */
const MODELS = { Model: ModelLayer, Sequential: ModelLayer };

/**
 * Makes the layers of a state and joins them. The weights are declared and have no values yet.
 * @throws {FormatError} when the description is inconsistent
 * @throws the errors of layers that cannot be made or joined
 */
export function structureOf({
  layers,
  graph,
  inputShape,
  batchSize,
}: Pick<ModelState, 'layers' | 'graph' | 'inputShape' | 'batchSize'>): Structure {
  const made = layers.map(({ className, config }) => layerFromConfig(className, config, MODELS));
  return joinLayers(made, graph, inputShape, batchSize);
}

/**
 * Makes a model from a state, and turns every error of a wrong description into a `FormatError`.
 * @throws {FormatError} when the description is wrong
 */
export function restored<M>(make: () => M): M {
  try {
    return make();
  } catch (error) {
    // An ArgumentError of a layer, the TypeError of a missing field.
    const isWrong = error instanceof ArgumentError || error instanceof ShapeError || error instanceof StateError;
    if (isWrong || (isError(error) && error.name === 'TypeError'))
      throw new FormatError(`the saved model cannot be made from its description: ${error.message}`, { cause: error });
    throw error;
  }
}
