import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError, StateError } from '../core/errors.ts';
import { checkSampleShape, formatShape, type Shape, sizeOf } from '../core/shape.ts';
import { axisHint } from '../layers/axisHint.ts';
import type { CarriedState } from '../layers/emitter.ts';
import type { InputKind } from '../layers/layer.ts';
import { Layer } from '../layers/layer.ts';
import type { LayerOwner } from '../layers/layerOwner.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { Value } from '../layers/value.ts';
import type { Weight } from '../layers/weight.ts';
import type { Emission } from './emission.ts';
import { NodeScope } from './nodeScope.ts';

/** One sample's shape; null where the length is free. */
export type SampleShape = readonly (number | null)[];

/** A graph's forward calls, emitted into a program. */
export interface EmittedGraph {
  readonly input: PlannedBuffer;
  readonly output: Value;
}

/** Where a use's state comes from and goes to; null in programs of whole sequences. */
export type StateProvider = (layer: Layer, name: string, length: number) => CarriedState | null;

/** What the user described: layers, one after the other. */
export class Graph {
  readonly layers: Layer[] = [];
  readonly #owner: LayerOwner | null;
  #inputShape: SampleShape | null = null;
  /** One sample's output shape, once it has been asked for. */
  #outputShape: SampleShape | null = null;
  readonly #named = new Map<string, Layer>();
  /** For each class the number below which all of its names are taken. */
  readonly #numbers = new Map<string, number>();

  /** @param owner the model that its layers will belong to */
  constructor(owner: LayerOwner | null = null) {
    this.#owner = owner;
  }

  /**
   * Checks that a layer can stand at the end, and changes nothing.
   * @throws {ArgumentError} when it is not a layer, belongs to another model, or its name is taken; {ShapeError} when it cannot take what comes to it
   */
  checkAddition(layer: Layer): void {
    if (!(layer instanceof Layer)) throw new ArgumentError(`add takes a layer, got ${describe(layer)}`);
    const sameName = layer.hasName ? this.#named.get(layer.name) : undefined;
    if (sameName === layer) throw new ArgumentError(`layer ${layer.name} is already in this model`);
    if (layer.owner && layer.owner !== this.#owner) {
      throw new ArgumentError(
        `layer ${layer.name} (${layer.className}) belongs to model ${layer.owner.name}, which holds its weights, and models do not share layers: ` +
          'add its clone(), which begins with the same weights',
      );
    }
    if (layer.inputKind === 'ids' && this.layers.length > 0)
      throw new ArgumentError(`a layer ${layer.className} takes ids, which only the first layer of a model can be given`);
    const named = layer.hasName;
    if (sameName) throw new ArgumentError(`this model already has a layer called '${layer.name}'`);
    const inputShape = this.built ? this.outputShape : this.layers.length === 0 ? layer.inputShape : null;
    if (!inputShape) return;
    // Errors name the layer, so it has its name for the check.
    if (!named) layer.setName(this.#freeName(layer.className));
    try {
      layer.checkInput(inputShape);
    } finally {
      if (!named) layer.setName(null);
    }
  }

  /** Puts a layer at the end. @throws as `checkAddition`; nothing has changed then */
  add(layer: Layer): void {
    this.checkAddition(layer);
    if (!layer.hasName) layer.setName(this.#freeName(layer.className));
    layer.setOwner(this.#owner);
    if (this.built) {
      layer.build(this.outputShape);
      this.#outputShape = layer.outputShape(this.outputShape);
    }
    this.layers.push(layer);
    this.#named.set(layer.name, layer);
    if (!this.built && this.layers.length === 1 && layer.inputShape) this.build(layer.inputShape);
  }

  /**
   * Takes the last layer away. When its weights have values, it goes on belonging to the model that holds them.
   * @throws {StateError} when there is none
   */
  pop(): Layer {
    const layer = this.layers.pop();
    if (!layer) throw new StateError('pop: the model has no layers');
    this.#release(layer);
    this.#outputShape = null;
    if (this.layers.length === 0) this.#inputShape = null;
    return layer;
  }

  /** Takes all layers away: the model could not be made. */
  clear(): void {
    for (const layer of this.layers.splice(0)) this.#release(layer);
    this.#inputShape = null;
    this.#outputShape = null;
  }

  get built(): boolean {
    return this.#inputShape !== null;
  }

  /** One sample's shape, as the model was built for. @throws {StateError} before `build` */
  get inputShape(): SampleShape {
    if (this.#inputShape === null)
      throw new StateError(
        'the model is not built: fit or predict it with data, or call build with the shape of a batch, such as [null, null, 3] or, for ids, [null, null]',
      );
    return this.#inputShape;
  }

  /** One sample's output shape. @throws {StateError} before `build` */
  get outputShape(): SampleShape {
    this.#outputShape ??= this.outputShapeFor(this.inputShape);
    return this.#outputShape;
  }

  /** One sample's output shape for samples of this shape; without free lengths when there are none in it. */
  outputShapeFor(inputShape: Shape): Shape;
  outputShapeFor(inputShape: SampleShape): SampleShape;
  outputShapeFor(inputShape: SampleShape): SampleShape {
    return this.layers.reduce((shape, layer) => layer.outputShape(shape), inputShape);
  }

  /** What the first layer takes. */
  get inputKind(): InputKind {
    return this.layers[0]?.inputKind ?? 'floats';
  }

  get weights(): Weight[] {
    return this.layers.flatMap((layer) => layer.weights);
  }

  /** The weights of some of its layers. */
  weightsOf(layers: ReadonlySet<Layer>): Weight[] {
    return this.layers.filter((layer) => layers.has(layer)).flatMap((layer) => layer.weights);
  }

  /** Number of weights' values; `trainable` counts only those that the optimizer moves. */
  countParameters(only?: 'trainable'): number {
    const layers = only ? this.layers.filter((layer) => layer.trainable) : this.layers;
    return layers.flatMap((layer) => layer.weights).reduce((sum, weight) => sum + sizeOf(weight.shape), 0);
  }

  /**
   * Declares every layer's weights.
   * @throws {ShapeError} when a layer cannot take what the one before gives; {ArgumentError} when it is no shape; {StateError}
   *   when there are no layers
   */
  build(inputShape: SampleShape): void {
    if (this.layers.length === 0) throw new StateError('the model has no layers: add some first');
    checkSampleShape(inputShape, 'build: inputShape');
    // All are checked before any is built, so that a failed build leaves nothing behind.
    this.#walk(inputShape, (layer, shape) => layer.checkInput(shape));
    this.#walk(inputShape, (layer, shape) => layer.build(shape));
    // Later batches may have other lengths: only the features are fixed.
    this.#inputShape ??= this.inputKind === 'ids' || inputShape.length > 1 ? [null, ...inputShape.slice(1)] : inputShape;
  }

  /**
   * Looks at the graph as it is when built, and leaves it as it was: what may yet be refused decides nothing.
   * @param sample one sample's shape that a graph which is not built is built for meanwhile
   * @throws as `build`
   */
  asIfBuilt<T>(sample: SampleShape, look: () => T): T {
    if (this.built) return look();
    const unbuilt = this.layers.filter((layer) => !layer.built);
    try {
      this.build(sample);
      return look();
    } finally {
      this.#inputShape = null;
      this.#outputShape = null;
      for (const layer of unbuilt) layer.unbuild();
    }
  }

  /**
   * Checks that samples of this shape fit the built model.
   * @throws {ShapeError} naming the first layer
   */
  checkSample(sample: Shape, argument: string): void {
    const expected = this.inputShape;
    const fits = sample.length === expected.length && sample.every((size, axis) => expected[axis] === null || expected[axis] === size);
    if (!fits || sample.some((size) => size === 0)) {
      const first = this.layers[0] as Layer;
      throw new ShapeError(
        `${argument} has samples of shape ${formatShape(sample)}, but layer ${first.name} (${first.className}) takes samples of shape ${formatShape(expected)}${axisHint(sample, expected)}`,
      );
    }
  }

  /**
   * Emits the forward calls for samples of this shape.
   * @param scoresWanted the activation whose scores the loss takes, when the last layer ends in it
   */
  emit(emission: Emission, sample: Shape, scoresWanted: string | null = null, states: StateProvider = () => null): EmittedGraph {
    const { builder } = emission;
    const ids = this.inputKind === 'ids';
    const input = builder.persistent('input', ids ? 'int' : 'float', builder.batch * sizeOf(sample));
    let value: Value = {
      shape: sample,
      rows: builder.batch,
      form: ids ? { kind: 'ids', ids: input } : { kind: 'floats', buffer: input },
      mask: null,
      needsGradient: false,
    };
    for (const [index, layer] of this.layers.entries()) {
      const scope = new NodeScope(emission, {
        name: layer.name,
        stream: index,
        scoresWanted: index === this.layers.length - 1 ? scoresWanted : null,
        state: (name, length) => states(layer, name, length),
      });
      value = layer.emit(scope, [value])[0] as Value;
    }
    return { input, output: value };
  }

  #release(layer: Layer): void {
    this.#named.delete(layer.name);
    this.#numbers.clear();
    if (!layer.weights.some((weight) => this.#owner?.holds(weight))) layer.setOwner(null);
  }

  #walk(inputShape: SampleShape, visit: (layer: Layer, shape: SampleShape) => void): void {
    let shape = inputShape;
    for (const layer of this.layers) {
      visit(layer, shape);
      shape = layer.outputShape(shape);
    }
  }

  #freeName(className: string): string {
    const base = className
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
      .toLowerCase();
    for (let number = this.#numbers.get(base) ?? 0; ; number++) {
      const name = number === 0 ? base : `${base}_${number}`;
      if (this.#named.has(name)) continue;
      this.#numbers.set(base, number);
      return name;
    }
  }
}
