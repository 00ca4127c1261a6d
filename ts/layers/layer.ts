import { describe } from '../core/describe.ts';
import { ArgumentError, InternalError, ShapeError, StateError } from '../core/errors.ts';
import { booleanOption, checkOptions, oneOf } from '../core/options.ts';
import { checkSampleShape, formatShape, type Shape } from '../core/shape.ts';
import type { Tensor, TensorLike } from '../core/tensor.ts';
import { axisHint } from './axisHint.ts';
import type { Initializer } from './initializers.ts';
import type { LayerOwner } from './layerOwner.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';
import { checkWeightValues } from './weightValues.ts';

/** Options that every layer takes. */
export interface LayerOptions {
  /** The layer's name in summaries, errors and files, without '/'; default: its class in snake_case, numbered within the model. */
  name?: string;
  /** Whether the optimizer moves its weights; default true. */
  trainable?: boolean;
  /** One sample's shape, without the batch axis, for the first layer of a model that is to be built at once; null where the length is free. */
  inputShape?: readonly (number | null)[];
}

/** What a layer takes: ids (integers below a limit) or floats. */
export type InputKind = 'ids' | 'floats';

/** What a layer's constructor was given, as plain data: `fromConfig(getConfig())` makes an equal layer. */
export type LayerConfig = Record<string, string | number | boolean | null>;

/**
 * The base of all layers. A layer states its weights and its output shape, and emits its forward and backward kernel calls.
 * It owns no memory: the same layer object serves every program compiled from its model. The model that it is added to holds the
 * values of its weights, so a layer belongs to one model; `clone` makes another for a second one.
 */
export abstract class Layer {
  /** `LSTM`; saved models find the class by it. */
  abstract readonly className: string;
  /** What `call` takes. */
  readonly inputKind: InputKind = 'floats';
  /** For layers that take ids: every id must be below it. */
  readonly idLimit: number | null = null;
  /** Whether the optimizer moves its weights. A change counts from the model's next `compile`, as in Keras. */
  get trainable(): boolean {
    return this.#trainable;
  }
  /** @throws {ArgumentError} when it is neither true nor false */
  set trainable(value: boolean) {
    this.#trainable = oneOf(value, [true, false], `${this.className}: trainable`);
  }
  /** What the constructor was told of the model's inputs. */
  readonly inputShape: readonly (number | null)[] | null;
  readonly weights: Weight[] = [];
  #trainable: boolean;
  #name: string | null;
  #owner: LayerOwner | null = null;
  /** Values for the weights that the next owner gets: a clone has them before it has an owner. */
  #values: (Float32Array | Float64Array)[] | null = null;
  #inputShape: Shape | null = null;

  protected constructor(options: LayerOptions | undefined, known: readonly string[], className: string) {
    checkOptions(options, ['name', 'trainable', 'inputShape', ...known], className);
    this.#name = options?.name === undefined ? null : checkName(options.name, className);
    this.#trainable = booleanOption(options?.trainable, true, `${className}: trainable`);
    this.inputShape = options?.inputShape === undefined ? null : checkSampleShape(options.inputShape, `${className}: inputShape`);
  }

  get name(): string {
    if (this.#name === null) throw new StateError(`this ${this.className} has no name yet: add it to a model first`);
    return this.#name;
  }

  get hasName(): boolean {
    return this.#name !== null;
  }

  /** Called by the model that the layer is added to; null takes a name back. */
  setName(name: string | null): void {
    this.#name = name;
  }

  /** The model that the layer belongs to; null before it is added to one. */
  get owner(): LayerOwner | null {
    return this.#owner;
  }

  /** Called by the model that the layer is added to; null lets it go. */
  setOwner(owner: LayerOwner | null): void {
    this.#owner = owner;
    if (!owner || !this.#values) return;
    for (const [index, values] of this.#values.entries()) owner.writeWeight(this.weights[index] as Weight, values);
    this.#values = null;
  }

  /** Copies of the layer's weights: kernels before biases, as in Keras. @throws {StateError} before the model is built */
  getWeights(): Tensor<Float32Array | Float64Array>[] {
    const owner = this.#requireOwner('getWeights');
    return this.weights.map((weight) => ({ shape: weight.shape, data: owner.readWeight(weight) }));
  }

  /**
   * Sets the layer's weights, in the order of `getWeights`.
   * @throws {ShapeError} when their number or a shape differs; {DataError} for a value that is not finite; {StateError} before the
   *   model is built. No weight has changed then
   */
  setWeights(weights: readonly TensorLike[]): void {
    const owner = this.#requireOwner('setWeights');
    const values = checkWeightValues(this.weights, weights, `layer ${this.name} (${this.className})`);
    for (const [index, { data }] of values.entries()) owner.writeWeight(this.weights[index] as Weight, data);
  }

  /**
   * An equal layer for another model, which begins with copies of this one's weights, if it has any yet; what either learns from
   * then on is its own.
   * @param name of the new layer; default: this one's
   * @throws {StateError} before the layer has been added to a model, or when that was disposed
   */
  clone(name?: string): this {
    const layerClass = this.constructor as unknown as { fromConfig(config: object): Layer };
    const inputShape = this.inputShape === null ? {} : { inputShape: this.inputShape };
    const copy = layerClass.fromConfig({ ...this.getConfig(), ...inputShape, ...(name === undefined ? {} : { name }) });
    if (this.#inputShape) {
      copy.#inputShape = this.#inputShape;
      copy.declareWeights(this.#inputShape[0] as number);
      const owner = this.#owner;
      copy.#values = owner
        ? this.weights.map((weight) => owner.readWeight(weight))
        : (this.#values?.map((values) => values.slice()) ?? null);
    }
    return copy as this;
  }

  #requireOwner(method: string): LayerOwner {
    if (!this.built || !this.#owner)
      throw new StateError(`${method}: layer ${this.#name ?? this.className} has no weights yet: add it to a model and build that`);
    return this.#owner;
  }

  /** Whether `build` has run. */
  get built(): boolean {
    return this.#inputShape !== null;
  }

  /**
   * Checks that the layer can take samples of this shape, and changes nothing.
   * @throws {ShapeError}
   */
  checkInput(inputShape: readonly (number | null)[]): void {
    const features = this.checkInputShape(inputShape);
    if (this.#inputShape !== null && this.#inputShape[0] !== features) {
      throw new ShapeError(`layer ${this.name} was built for inputs with ${this.#inputShape[0]} features, got ${formatShape(inputShape)}`);
    }
  }

  /**
   * Declares the weights for inputs of this shape (one sample's, without the batch axis; null where the length is free).
   * A second call with the same last axis changes nothing.
   * @throws {ShapeError} when the shape does not fit the layer or differs from the one it was built for
   */
  build(inputShape: readonly (number | null)[]): void {
    this.checkInput(inputShape);
    if (this.built) return;
    const features = this.checkInputShape(inputShape);
    this.#inputShape = [features];
    this.declareWeights(features);
  }

  /** Takes `build` back. Nothing may have used the weights yet. */
  unbuild(): void {
    this.#inputShape = null;
    this.weights.length = 0;
  }

  /**
   * Checks a sample's shape.
   * @returns the size of the last axis (for ids: the id limit)
   */
  protected abstract checkInputShape(inputShape: readonly (number | null)[]): number;

  protected declareWeights(_features: number): void {}

  protected addWeight(name: string, shape: Shape, initializer: Initializer): Weight {
    const weight = { path: `${this.name}/${name}`, name, shape, initializer };
    this.weights.push(weight);
    return weight;
  }

  /** One sample's output shape for one sample's input shape; null where the length is free. */
  abstract outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[];

  /**
   * Appends the layer's forward calls to a program, and says to the scope how gradients pass back.
   * @param inputs of the shapes that it was built for, but for free lengths
   */
  abstract emit(scope: Scope, inputs: readonly Value[]): readonly Value[];

  /** The constructor's arguments as plain data. */
  getConfig(): LayerConfig {
    return { name: this.name, trainable: this.trainable };
  }
}

/** Weights are called `layer/weight`, also in files, so a layer's name has no slash. @throws {ArgumentError} */
function checkName(name: unknown, className: string): string {
  if (typeof name !== 'string' || name === '' || name.includes('/')) {
    throw new ArgumentError(`${className}: name must be a string that is not empty and has no '/', got ${describe(name)}`);
  }
  return name;
}

/**
 * The number of features of an input.
 * @param axes how many axes samples may have
 * @param expected the same in words
 * @throws {ShapeError} naming the layer, what it expects and what came
 */
export function requireFeatures(layer: Layer, inputShape: readonly (number | null)[], axes: readonly number[], expected: string): number {
  const features = inputShape[inputShape.length - 1];
  if (!axes.includes(inputShape.length) || typeof features !== 'number') {
    const hint = axisHint(inputShape, new Array<null>(Math.min(...axes)).fill(null));
    throw new ShapeError(
      `layer ${layer.name} (${layer.className}) takes ${expected}, got samples of shape ${formatShape(inputShape)}${hint}`,
    );
  }
  return features;
}

/** @throws {ShapeError} when samples are not one axis of ids */
export function requireIds(layer: Layer, inputShape: readonly (number | null)[]): void {
  if (inputShape.length !== 1) {
    throw new ShapeError(
      `layer ${layer.name} (${layer.className}) takes samples of ids [steps], got samples of shape ${formatShape(inputShape)}${axisHint(inputShape, [null])}`,
    );
  }
}

/** The ids that a value is. @throws {InternalError} when it is none, which building the graph has ruled out */
export function idsOf({ name, className }: Layer, { form }: Value): PlannedBuffer {
  if (form.kind !== 'ids') throw new InternalError(`layer ${name} (${className}) takes ids, got ${form.kind}`);
  return form.ids;
}
