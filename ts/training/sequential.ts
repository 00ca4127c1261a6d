import { ArgumentError, FormatError, ShapeError, StateError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { describe } from '../core/shape.ts';
import { Layer } from '../layers/layer.ts';
import { layerFromConfig } from '../layers/registry.ts';
import { Model } from './model.ts';
import { checkModelState, type ModelState } from './modelState.ts';

export interface SequentialOptions {
  /** Default 'sequential'. */
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
 * A layer belongs to one model. (In Keras several may share it, and train the same weights.) To go on with the layers of a trained
 * model, clone them, with their weights:
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

  /** Puts a layer at the end. @throws {ArgumentError | ShapeError} when it cannot stand there; the model is as before then */
  add(layer: Layer): void {
    this.graph.checkAddition(layer);
    this.changeLayers(() => this.graph.add(layer));
  }

  /** Takes the last layer away and returns it, with its weights: `add` puts both back. @throws {StateError} when there is none */
  pop(): Layer {
    return this.changeLayers(() => this.graph.pop());
  }

  /** The model that a state describes. @throws {FormatError} when it is no state, or does not fit together */
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
      // Whatever a wrong description runs into: an ArgumentError of a layer, the TypeError of a missing field.
      const isWrong = error instanceof ArgumentError || error instanceof ShapeError || error instanceof StateError;
      if (isWrong || error instanceof TypeError)
        throw new FormatError(`the saved model describes one that cannot be made: ${error.message}`, { cause: error });
      throw error;
    }
  }
}
