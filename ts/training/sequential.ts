import { describe } from '../core/describe.ts';
import { ArgumentError, FormatError, ShapeError, StateError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { isError } from '../core/tags.ts';
import { Layer } from '../layers/layer.ts';
import { layerFromConfig } from '../layers/registry.ts';
import { Model } from './model.ts';
import { checkModelState, type ModelState } from './modelState.ts';

export interface SequentialOptions {
  /** The model's name, for summaries, errors and files. Default 'sequential'. */
  name?: string;
}

function modelName(name: unknown = 'sequential'): string {
  if (typeof name !== 'string' || name === '') throw new ArgumentError(`Sequential: name must be a string, got ${describe(name)}`);
  return name;
}

/**
 * Layers one after the other. https://keras.io/api/models/sequential/
 *
 * ```ts
 * import { Dense, LSTM, Sequential, Embedding } from 'backtime';
 *
 * const model = new Sequential([new Embedding(1000, 32, { maskZero: true }), new LSTM(64), new Dense(1, { activation: 'sigmoid' })]);
 * model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] });
 * ```
 *
 * A layer belongs to one model. (In Keras several models can share it and train the same weights.) To use the layers of a trained
 * model in another one, clone them with their weights:
 *
 * ```ts
 * const next = new Sequential([...model.layers.slice(0, 2).map((layer) => layer.clone()), new Dense(3, { activation: 'softmax' })]);
 * ```
 */
export class Sequential extends Model {
  /** @throws {ArgumentError} for an unknown option or something that is not a layer */
  constructor(layers: readonly Layer[] = [], options?: SequentialOptions) {
    if (!Array.isArray(layers)) {
      const hint = (layers as unknown) instanceof Layer ? ': put the layers into one array, new Sequential([first, second])' : '';
      throw new ArgumentError(`Sequential takes an array of layers, got ${describe(layers)}${hint}`);
    }
    checkOptions(options, ['name'], 'Sequential');
    super(modelName(options?.name));
    try {
      for (const layer of layers) this.graph.add(layer);
    } catch (error) {
      this.graph.clear();
      throw error;
    }
  }

  /** Adds a layer at the end. @throws {ArgumentError | ShapeError} when it cannot be added; the model does not change then */
  add(layer: Layer): void {
    this.graph.checkAddition(layer);
    this.changeLayers(() => this.graph.add(layer));
  }

  /** Removes the last layer and returns it with its weights; `add` puts both back. @throws {StateError} when there is no layer */
  pop(): Layer {
    return this.changeLayers(() => this.graph.pop());
  }

  /** Makes a model from a state. @throws {FormatError} when the state is invalid */
  static fromState(state: ModelState): Sequential {
    checkModelState(state);
    try {
      const model = new Sequential(
        state.layers.map(({ className, config }) => layerFromConfig(className, config)),
        { name: state.name },
      );
      model.graph.build(state.inputShape);
      model.setState(state);
      return model;
    } catch (error) {
      // A wrong description can cause any error: an ArgumentError of a layer, a TypeError of a missing field.
      const isWrong = error instanceof ArgumentError || error instanceof ShapeError || error instanceof StateError;
      if (isWrong || (isError(error) && error.name === 'TypeError'))
        throw new FormatError(`the saved model cannot be made from its description: ${error.message}`, { cause: error });
      throw error;
    }
  }
}
