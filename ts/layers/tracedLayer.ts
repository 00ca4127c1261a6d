import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError, StateError } from '../core/errors.ts';
import { registeredNameOf } from '../core/registerClass.ts';
import { positiveInteger, type Shape } from '../core/shape.ts';
import { warn } from '../core/warnings.ts';
import { maskAsFloats } from './emitMore.ts';
import { type InitializerLike, resolveInitializer } from './initializers.ts';
import { emitInside, type InnerGraph, inferGraph } from './innerGraph.ts';
import { type InputUse, Layer, type LayerOptions, snakeCase } from './layer.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { type CallConfig, type Node, PLAIN_CALL, SymbolicTensor } from './symbolicTensor.ts';
import { traced } from './tracing.ts';
import { lengthOf, type Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type ConstraintLike, type RegularizerLike, resolveConstraint, resolveRegularizer } from './weightRules.ts';

/** A weight of a custom layer. */
export interface CustomWeightOptions {
  /** Its name within the layer. */
  name: string;
  /** One or two sizes. */
  shape: readonly number[];
  /** The initializer. Default 'glorotUniform', for one axis 'zeros'. */
  initializer?: InitializerLike;
  /** Whether training updates it. Default true. */
  trainable?: boolean;
  /** The penalty that is added to the loss. Default: none. */
  regularizer?: RegularizerLike | null;
  /** A constraint, applied after each update. Default none. */
  constraint?: ConstraintLike | null;
}

/** The masks of a layer's inputs, as `call` takes them: null for an input without one. */
export type Masks = readonly (SymbolicTensor | null)[];

/** The result of `call`. */
interface Traced {
  readonly graph: InnerGraph;
  /** The masks among the inputs of the graph, by the place of the input that they are of. */
  readonly masksOf: readonly number[];
  /** The number of outputs. Computed masks follow them in the graph. */
  readonly count: number;
  /** The masks of the outputs, one for each or one for all; null: as the layers in `call` give. */
  readonly outputMasks: readonly OutputMask[] | null;
}

/** A mask: one of those of the inputs, the output of the graph at a place, or none. */
type OutputMask = { readonly ofInput: number } | { readonly computed: number } | null;

/** In the place of the inputs of a graph inside a layer. */
const GIVEN: object = {};

/**
 * The base of layers and custom cells: their method `call` computes with symbolic tensors,
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

  /**
   * The outputs that `call` makes of the inputs.
   * @param training whether dropout is active
   * @param masks the masks of the inputs, null for those without
   */
  protected abstract callWith(inputs: readonly SymbolicTensor[], training: boolean, masks: Masks): unknown;

  /**
   * The mask of the outputs; undefined, the default: of each the mask that the last layer in `call`
   * gives it.
   */
  protected maskWith(_inputs: readonly SymbolicTensor[], _masks: Masks): unknown {
    return undefined;
  }

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
    if (this.ownWeights.some((weight) => weight.name === name))
      throw new ArgumentError(`${where}: the layer already has a weight called '${name}': give each weight a name of its own`);
    if (!Array.isArray(sizes) || (sizes.length !== 1 && sizes.length !== 2))
      throw new ArgumentError(`${where}: shape must be one or two sizes, got ${describe(sizes)}`);
    for (const [axis, size] of sizes.entries()) positiveInteger(size, `${where}: shape[${axis}]`);
    const axes = sizes.length as 1 | 2;
    const start = resolveInitializer(made.initializer ?? (axes === 1 ? 'zeros' : 'glorotUniform'), axes, `${where}: initializer`);
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
    const { graph } = this.#trace(this.#built, false, allMasked(this.#built));
    const used = graph.nodes.map(({ layer }) => layer as Layer);
    return used.find(({ needsSequences }) => needsSequences !== null)?.needsSequences ?? null;
  }

  override usesOf(): readonly InputUse[] {
    return [{ kind: 'floats', layer: this }];
  }

  override infer(inputs: readonly TensorSpec[], _call: CallConfig): readonly TensorSpec[] {
    if (this.#emits) return this.outputsWithoutCall(inputs);
    if (this.#built) return this.#inferOutputs(inputs);
    // Building makes weights, which are for this check only.
    this.#makeWeights(inputs);
    try {
      return this.#inferOutputs(inputs);
    } finally {
      this.clearWeights();
    }
  }

  #inferOutputs(inputs: readonly TensorSpec[]): readonly TensorSpec[] {
    const { graph, count } = this.#trace(inputs, false, null);
    return inferGraph(graph, inputs).slice(0, count);
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
      for (const masked of [null, allMasked(inputs)])
        for (const { layer, inputs: taken, call } of this.#trace(inputs, training, masked).graph.nodes)
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
    const masked = inputs.map(({ mask }) => mask !== null);
    const { graph, masksOf, count, outputMasks } = this.#trace(specsOf(inputs), scope.drops, masked);
    const masks = masksOf.map((place) => emitMaskFloats(scope, inputs[place] as Value));
    const emitted = emitInside(scope, graph, [...inputs, ...masks]);
    if (!outputMasks) {
      if (masked.includes(true) && masksOf.length === 0 && emitted.every(({ shape, mask: given }) => shape.length > 1 && !given))
        warn(
          'MASK_ENDS',
          `${this.title}: the mask of its input ends in call, so layers after it, the loss and metrics count padding too: keep it by computeMask(input, mask) { return mask; }`,
          this,
        );
      return emitted;
    }
    const given = outputMasks.map((mask) => {
      if (!mask) return null;
      return 'ofInput' in mask ? (inputs[mask.ofInput] as Value).mask : emitMaskOf(scope, emitted[mask.computed] as Value);
    });
    const isOfEach = given.length === count;
    return emitted.slice(0, count).map((output, index) => {
      const { shape, rows } = output;
      return scope.view(output, { shape, rows, mask: this.#fitting(output, given[isOfEach ? index : 0] ?? null, isOfEach) });
    });
  }

  /**
   * The mask of an output; null where a mask for all comes to one without steps, such as a state.
   * @throws {ShapeError} when a mask has other steps than the output
   */
  #fitting(output: Value, mask: PlannedBuffer | null, isOwn: boolean): PlannedBuffer | null {
    if (!isOwn && output.shape.length === 1) return null;
    const steps = output.shape.length > 1 ? (output.shape[0] as number) : 1;
    if (mask && mask.length !== steps * output.rows)
      throw new ShapeError(
        `${this.title}: its output has ${steps} steps and its mask ${mask.length / output.rows}: let computeMask return a mask of the output's steps, or null`,
      );
    return mask;
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
    return this.#emits ? null : this.#trace(specsOf(inputs), training, null).graph;
  }

  /** @param masked which of the inputs have a mask; null for none */
  #trace(specs: readonly TensorSpec[], training: boolean, masked: readonly boolean[] | null): Traced {
    const inputs = specs.map(givenTensor);
    const masks = specs.map((spec, place) => (masked?.[place] ? givenTensor(maskSpec(spec)) : null));
    const [result, maskResult] = traced(() => [this.callWith(inputs, training, masks), this.maskWith(inputs, masks)]);
    const outputs = [result].flat();
    const count = outputs.length;
    const outputMasks = this.#masksOf(maskResult, masks, outputs);
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
    const used = new Set([...outputs, ...nodes.flatMap((node) => node.inputs)]);
    const masksOf = masks.flatMap((mask, place) => (mask && used.has(mask) ? [place] : []));
    return {
      graph: {
        inputs: [...inputs, ...masksOf.map((place) => masks[place] as SymbolicTensor)],
        outputs: outputs as readonly SymbolicTensor[],
        nodes,
      },
      masksOf,
      count,
      outputMasks,
    };
  }

  /**
   * The result of `computeMask`; null if it leaves the masks to the layers in `call`.
   * @param outputs the outputs, to which it adds the masks that are computed
   * @throws {ArgumentError} for something else than masks, or another number of them than outputs
   */
  #masksOf(result: unknown, masks: Masks, outputs: unknown[]): readonly OutputMask[] | null {
    if (result === undefined) return null;
    const given = [result].flat() as unknown[];
    if (Array.isArray(result) && given.length !== outputs.length)
      throw new ArgumentError(
        `${this.title}: computeMask must return one mask, or one for each of the ${outputs.length} outputs, null for none, got ${given.length} masks`,
      );
    return given.map((mask) => {
      if (mask === null || mask === undefined) return null;
      const ofInput = masks.indexOf(mask as SymbolicTensor);
      if (ofInput >= 0) return { ofInput };
      if (mask instanceof SymbolicTensor) return { computed: outputs.push(mask) - 1 };
      throw new ArgumentError(`${this.title}: computeMask must return a tensor or null, or an array of them, got ${describe(mask)}`);
    });
  }
}

const allMasked = (inputs: readonly TensorSpec[]) => inputs.map(() => true);

/** A tensor that is given to `call`. */
function givenTensor(spec: TensorSpec): SymbolicTensor {
  const outputs: SymbolicTensor[] = [];
  const tensor = new SymbolicTensor(spec, { layer: GIVEN, inputs: [], call: PLAIN_CALL, outputs }, 0);
  outputs.push(tensor);
  return tensor;
}

/** A mask as `call` takes it: `[steps, 1]`, with as many axes as the input. */
function maskSpec({ shape }: TensorSpec): TensorSpec {
  return { shape: shape.map((size, axis) => (axis === 0 && shape.length > 1 ? size : 1)), kind: 'floats' };
}

/** The mask of an input as `call` takes it. */
function emitMaskFloats(scope: Scope, input: Value): Value {
  const { shape } = maskSpec({ shape: input.shape, kind: 'floats' });
  return maskAsFloats(scope, input.mask as PlannedBuffer, { ...input, shape: shape as Shape });
}

/** The mask that `computeMask` computed: a step counts where its float is not 0. */
function emitMaskOf(scope: Scope, computed: Value): PlannedBuffer {
  const rows = lengthOf(computed);
  const mask = scope.ints('mask', rows);
  scope.call('maskFromFloats', { rows, features: 1, maskValue: 0, x: scope.floatsOf(computed), mask });
  return mask;
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
