import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { Chain } from '../graph/chain.ts';
import { InputLayer } from '../layers/input.ts';
import { Layer } from '../layers/layer.ts';
import { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { LayerLike } from '../layers/wrapper.ts';
import { readState } from './allClasses.ts';
import { Model, modelName } from './model.ts';
import { usesModel } from './modelLayer.ts';
import type { ModelStateLike } from './modelState.ts';
import { restored, structureOf } from './restoreStructure.ts';

export interface SequentialOptions {
  /** The model's name, for summaries, errors and files. Default 'sequential'. */
  name?: string;
}

/**
 * Layers one after the other. https://keras.io/api/models/sequential/
 *
 * ```ts
 * import { Dense, LSTM, Sequential, Embedding } from 'backtime';
 *
 * const model = new Sequential([
 *   new Embedding(1000, 32, { maskZero: true }),
 *   new LSTM(64),
 *   new Dense(1, { activation: 'sigmoid' }),
 * ]);
 * model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] });
 * ```
 *
 * Models with a common layer share its weights, as in Keras. To use copies of the layers of a
 * trained model, clone them:
 *
 * ```ts
 * const kept = model.layers.slice(0, 2).map((layer) => layer.clone());
 * const next = new Sequential([...kept, new Dense(3, { activation: 'softmax' })]);
 * ```
 */
export class Sequential extends Model<SymbolicTensor> {
  readonly #chain: Chain;

  /**
   * @param layers the layers, and models as layers; the first may be an `Input`
   * @throws {ArgumentError} for an unknown option or something that is not a layer
   */
  constructor(layers: readonly (LayerLike | SymbolicTensor)[] | Chain = [], options?: SequentialOptions) {
    if (!Array.isArray(layers) && !(layers instanceof Chain)) {
      const hint = (layers as unknown) instanceof Layer ? ': put the layers into one array, new Sequential([first, second])' : '';
      throw new ArgumentError(`Sequential takes an array of layers, got ${describe(layers)}${hint}`);
    }
    checkOptions(options, ['name'], 'Sequential');
    const chain = layers instanceof Chain ? layers : new Chain();
    if (!(layers instanceof Chain))
      for (const [index, layer] of layers.entries()) chain.add(layerOf(layer), `Sequential: layers[${index}] must be a layer`);
    super(chain, modelName(options?.name ?? 'sequential', 'Sequential'));
    this.#chain = chain;
  }

  /**
   * Adds a layer at the end.
   * @throws {ArgumentError} for what is no layer, and for this model itself; the model does not change
   * @throws {ShapeError} when it does not take what the last layer gives; the model does not change
   */
  add(layer: LayerLike | SymbolicTensor): void {
    const added = layerOf(layer);
    if (added instanceof Layer && usesModel(added, this.#chain))
      throw new ArgumentError(
        `model ${this.name} cannot be a layer of itself: add was given ${added.title}, which is this model or has it inside`,
      );
    this.#chain.checkAddition(added);
    this.changeLayers(() => this.#chain.add(added));
  }

  /**
   * Removes the last layer and returns it with its weights; `add` puts both back.
   * @throws {StateError} when there is no layer
   */
  pop(): Layer {
    return this.changeLayers(() => this.#chain.pop());
  }

  /**
   * Makes a model from a state.
   * @param state what `getState` returned, or what `JSON.parse` made of it
   * @throws {FormatError} when the state is invalid; in a page also when the code of saved models
   *   has not loaded: `import 'backtime/formats'` has it
   */
  static override fromState(state: ModelStateLike): Sequential {
    return restored(() => {
      const read = readState(state);
      const model = new Sequential(structureOf({ ...read, graph: undefined }) as Chain, { name: read.name });
      model.setState(read);
      return model;
    });
  }
}

/** The layer of an argument: a layer, a model, or the tensor of an `Input`. */
function layerOf(given: LayerLike | SymbolicTensor): Layer {
  if (given instanceof SymbolicTensor && given.node.layer instanceof InputLayer) return given.node.layer;
  return given instanceof Model ? given.asLayer() : (given as Layer);
}
