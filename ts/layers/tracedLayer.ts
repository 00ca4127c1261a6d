import { describe } from '../core/describe.ts';
import { ArgumentError, StateError } from '../core/errors.ts';
import { registeredNameOf } from '../core/registerClass.ts';
import { positiveInteger } from '../core/shape.ts';
import { type InitializerName, initializer as initializerOf } from './initializers.ts';
import { emitInside, type InnerGraph, inferGraph } from './innerGraph.ts';
import { type InputUse, Layer, type LayerOptions, snakeCase } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { type CallConfig, type Node, PLAIN_CALL, SymbolicTensor } from './symbolicTensor.ts';
import { traced } from './tracing.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type ConstraintLike, type RegularizerLike, resolveConstraint, resolveRegularizer } from './weightRules.ts';

/** A weight of a layer of one's own. */
export interface CustomWeightOptions {
  /** Its name within the layer. */
  name: string;
  /** One or two sizes. */
  shape: readonly number[];
  /** Start values. Default 'glorotUniform', for one axis 'zeros'. */
  initializer?: InitializerName;
  /** Whether training updates it. Default true. */
  trainable?: boolean;
  /** The penalty that is added to the loss. Default: none. */
  regularizer?: RegularizerLike | null;
  /** What holds after each update. Default: nothing. */
  constraint?: ConstraintLike | null;
}

/** In the place of the inputs of a graph inside a layer. */
const GIVEN: object = {};

/**
 * The base of layers and cells of one's own: their method `call` computes with symbolic tensors,
 * and the graph that it makes is emitted in the layer's place.
 */
export abstract class TracedLayer extends Layer {
  readonly className: string;
  /** The layer's own options that it was given. */
  readonly #given: readonly string[];
  /** The inputs for which the weights were made; null before. */
  #built: readonly TensorSpec[] | null = null;
  #isBuilding = false;

  /**
   * @param options `name`, `trainable` and `inputShape`, and those of the layer's own
   * @param known the names of the options of the layer's own
   * @throws {ArgumentError} for an option with another name
   */
  constructor(options?: LayerOptions, known: readonly string[] = []) {
    const { className, name } = new.target as unknown as { className?: unknown; name: string };
    const called = typeof className === 'string' ? className : name;
    super(options, known, called);
    this.className = called;
    const values = (options ?? {}) as Readonly<Record<string, unknown>>;
    this.#given = known.filter((option) => values[option] !== undefined && values[option] !== null);
  }

  /**
   * Makes the weights by `addWeight`. By default the layer has none.
   * @param inputShape one sample's shape, null where free; of several inputs the first one's
   */
  build(_inputShape: SampleShape): void {}

  /** The outputs that `call` makes of the inputs. `training`: whether dropout is active. */
  protected abstract callWith(inputs: readonly SymbolicTensor[], training: boolean): unknown;

  /**
   * Makes a weight, in `build`.
   * @throws {ArgumentError} for another form of the options or a value outside its range
   * @throws {StateError} outside `build`
   */
  protected override addWeight(made: string | CustomWeightOptions): Weight {
    const where = `${this.title}: addWeight`;
    if (typeof made === 'string') throw new ArgumentError(`${where} takes one object, addWeight({ name, shape }), got ${describe(made)}`);
    // Weights of another time would not be those of the inputs, and would have no memory.
    if (!this.#isBuilding) throw new StateError(`${where} was called outside build: make weights in build`);
    const { name, shape: sizes } = made ?? {};
    if (typeof name !== 'string' || name === '' || name.includes('/'))
      throw new ArgumentError(`${where}: name must be a string that is not empty and has no '/', got ${describe(name)}`);
    if (!Array.isArray(sizes) || (sizes.length !== 1 && sizes.length !== 2))
      throw new ArgumentError(`${where}: shape must be one or two sizes, got ${describe(sizes)}`);
    for (const [axis, size] of sizes.entries()) positiveInteger(size, `${where}: shape[${axis}]`);
    const axes = sizes.length as 1 | 2;
    const start = initializerOf(made.initializer ?? (axes === 1 ? 'zeros' : 'glorotUniform'), axes, `${where}: initializer`);
    return super.addWeight(name, sizes, start, {
      trainable: made.trainable ?? true,
      regularizer: resolveRegularizer(made.regularizer, `${where}: regularizer`),
      constraint: resolveConstraint(made.constraint, `${where}: constraint`),
    });
  }

  /**
   * @throws {ArgumentError} when the class is not registered, or `getConfig` lacks an option that
   *   the layer was given, with the remedy
   */
  override get savedAs(): string {
    this.#checkConfig();
    return registeredNameOf(this, this.title);
  }

  /** @throws {ArgumentError} when `getConfig` lacks an option that the layer was given */
  override copyWithoutWeights(name?: string): this {
    this.#checkConfig();
    return super.copyWithoutWeights(name);
  }

  /** Checks that the layer of `getConfig` has the options of this one. */
  #checkConfig(): void {
    // A class with `fromConfig` may describe itself in other words.
    if ('fromConfig' in this.constructor) return;
    const config = this.getConfig();
    const lost = this.#given.find((option) => !(option in config));
    if (lost !== undefined)
      throw new ArgumentError(
        `${this.title}: getConfig must return the option ${lost}, which files, workers and clones need: return { ...super.getConfig(), ${lost} }`,
      );
  }

  override get built(): boolean {
    return this.#built !== null;
  }

  /** The layers that are properties of this one, or in an array that is. */
  override get sublayers(): readonly Layer[] {
    const found = Object.values(this)
      .flat()
      .filter((value): value is Layer => value instanceof Layer);
    const layers = [...new Set(found)];
    nameLayers(layers);
    return layers;
  }

  /** By default as the layers and operations in `call` can; before the layer is used, null. */
  override get needsSequences(): string | null {
    if (this.#emits) return super.needsSequences;
    if (!this.#built) return null;
    const used = this.#trace(this.#built, false).nodes.map(({ layer }) => layer as Layer);
    return used.find(({ needsSequences }) => needsSequences !== null)?.needsSequences ?? null;
  }

  override usesOf(): readonly InputUse[] {
    return [{ kind: 'floats', layer: this }];
  }

  override infer(inputs: readonly TensorSpec[], _call: CallConfig): readonly TensorSpec[] {
    if (this.#emits) return this.outputsWithoutCall(inputs);
    if (this.#built) return inferGraph(this.#trace(inputs, false), inputs);
    // Building makes weights, which are for this check only.
    this.#makeWeights(inputs);
    try {
      return inferGraph(this.#trace(inputs, false), inputs);
    } finally {
      this.clearWeights();
    }
  }

  /** The outputs of a class that overrides `emit`. */
  protected outputsWithoutCall([first]: readonly TensorSpec[]): readonly TensorSpec[] {
    return [{ shape: this.outputShape((first as TensorSpec).shape), kind: 'floats' }];
  }

  override declare(inputs: readonly TensorSpec[]): void {
    if (this.#built) return;
    super.declare(inputs);
    this.#makeWeights(inputs);
    this.#built = inputs.map(({ shape, kind }) => ({ shape, kind }));
    if (this.#emits) return;
    for (const training of [false, true])
      for (const { layer, inputs: taken, call } of this.#trace(inputs, training).nodes)
        if (layer instanceof Layer) layer.declare(call.mask ? taken.slice(0, -1) : taken);
  }

  protected override checkInputShape(): number {
    return 0;
  }

  protected override featuresOf(): number {
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return (this.infer([{ shape: inputShape, kind: 'floats' }], PLAIN_CALL)[0] as TensorSpec).shape;
  }

  override emit(scope: Scope, inputs: readonly Value[], _call: CallConfig): readonly Value[] {
    const graph = this.#trace(specsOf(inputs), scope.drops);
    return emitInside(scope, graph, inputs);
  }

  protected override copyBuild(copy: Layer): void {
    if (this.#built) copy.declare(this.#built);
    super.copyBuild(copy);
  }

  /** Whether the class emits its kernels itself. */
  get #emits(): boolean {
    return this.emit !== TracedLayer.prototype.emit;
  }

  #makeWeights([first]: readonly TensorSpec[]): void {
    this.#isBuilding = true;
    try {
      this.build((first as TensorSpec).shape);
    } finally {
      this.#isBuilding = false;
    }
  }

  /**
   * The graph that `call` makes of inputs of these shapes; null when the class emits its kernels.
   */
  protected graphFor(inputs: readonly Value[], training: boolean): InnerGraph | null {
    return this.#emits ? null : this.#trace(specsOf(inputs), training);
  }

  #trace(specs: readonly TensorSpec[], training: boolean): InnerGraph {
    const inputs = specs.map((spec) => {
      const outputs: SymbolicTensor[] = [];
      const tensor = new SymbolicTensor(spec, { layer: GIVEN, inputs: [], call: PLAIN_CALL, outputs }, 0);
      outputs.push(tensor);
      return tensor;
    });
    const result: unknown = traced(() => this.callWith(inputs, training));
    const outputs = [result].flat();
    for (const output of outputs)
      if (!(output instanceof SymbolicTensor))
        throw new ArgumentError(
          `${this.title}: call must return a tensor, which ops and apply make of its inputs, got ${describe(output)}`,
        );
    const nodes = nodesOf(outputs as readonly SymbolicTensor[]);
    const own = new Set<unknown>(this.sublayers);
    for (const { layer, inputs: taken, call } of nodes) {
      if (!(layer instanceof Layer)) continue;
      if (layer.className === 'InputLayer') throw new ArgumentError(`${this.title}: call uses ${layer.title}, which is not an input of it`);
      // Only its weights tell whether a layer that `call` has just made may be lost.
      if (!own.has(layer)) layer.declare(call.mask ? taken.slice(0, -1) : taken);
      const stays = layer.weights.length > 0 || layer.hasName;
      if (stays && !own.has(layer))
        throw new ArgumentError(
          `${this.title}: call uses ${layer.title}, which is not a property of it: make it in the constructor, this.dense = new Dense(…)`,
        );
    }
    nameLayers(nodes.map(({ layer }) => layer).filter((layer): layer is Layer => layer instanceof Layer));
    return { inputs, outputs: outputs as readonly SymbolicTensor[], nodes };
  }
}

function specsOf(inputs: readonly Value[]): readonly TensorSpec[] {
  return inputs.map(({ shape }) => ({ shape, kind: 'floats' }));
}

/** The nodes that outputs are made by, each after its inputs. */
function nodesOf(outputs: readonly SymbolicTensor[]): readonly Node[] {
  const nodes = new Set<Node>();
  const visit = (node: Node): void => {
    if (nodes.has(node) || node.layer === GIVEN) return;
    for (const input of node.inputs) visit(input.node);
    nodes.add(node);
  };
  for (const { node } of outputs) visit(node);
  return [...nodes];
}

/** Gives layers without a name the name of their class, numbered. */
function nameLayers(layers: readonly Layer[]): void {
  const taken = new Set(layers.flatMap((layer) => (layer.hasName ? [layer.name] : [])));
  for (const layer of layers) {
    if (layer.hasName) continue;
    const base = snakeCase(layer.className);
    let name = base;
    for (let number = 1; taken.has(name); number++) name = `${base}_${number}`;
    layer.setName(name);
    taken.add(name);
  }
}
