import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, type Shape, sizeOf } from '../core/shape.ts';
import { axisHint } from '../layers/axisHint.ts';
import { inferGraph } from '../layers/innerGraph.ts';
import { InputLayer, type InputType } from '../layers/input.ts';
import { type InputUse, type Layer, snakeCase } from '../layers/layer.ts';
import type { InputKind, SampleShape } from '../layers/spec.ts';
import { type Node, SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { QuantisedType, Weight } from '../layers/weight.ts';
import { orderedLayers } from './layerOrder.ts';

/**
 * An input of the graph's programs: an input of the model as ids or as floats. An input that is
 * used as both has two feeds.
 */
export interface Feed {
  /** The index of the input. */
  readonly input: number;
  readonly kind: InputKind;
  /** The layers that take it; none for a mask. */
  readonly layers: readonly Layer[];
  /** The option `dtype` of the input; null without one. */
  readonly dtype: InputType | null;
}

/**
 * The names that the user gave to the inputs and to the outputs, in their order; null where they
 * have those of their layers.
 */
export interface GraphNames {
  readonly inputs: readonly string[] | null;
  readonly outputs: readonly string[] | null;
}

const NAMES_OF_LAYERS: GraphNames = { inputs: null, outputs: null };

/**
 * The graph that the user described: uses of layers, joined by symbolic tensors. It is immutable.
 * Each node comes after its inputs, and graphs with the same description have the same order of
 * nodes.
 */
export class Graph {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** The nodes without those of the inputs. */
  readonly nodes: readonly Node[];
  /** Each layer once, in the order of Keras. See {@link orderedLayers}. */
  readonly layers: readonly Layer[];
  /** All layers, including the layers inside of other layers. */
  readonly allLayers: readonly Layer[];
  /** The inputs of programs. */
  readonly feeds: readonly Feed[];
  readonly names: GraphNames;
  readonly #paths = new Map<Weight, string>();
  /** The last answer of `outputShapesFor`: many calls have samples of one shape. */
  #inferred: readonly [samples: string, outputs: readonly SampleShape[]] | null = null;

  /**
   * Makes the graph between inputs and outputs. Layers without a name get one.
   * @throws {ArgumentError} when the outputs do not depend on these inputs alone, or two layers
   *   have the same name
   */
  static of(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[], names: GraphNames = NAMES_OF_LAYERS): Graph {
    return new Graph(inputs, outputs, names);
  }

  private constructor(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[], names: GraphNames) {
    this.names = names;
    this.outputs = checkTensors(outputs, 'outputs');
    this.inputs = preparedInputs(checkTensors(inputs, 'inputs'), this.outputs);
    const seen = new Set<SymbolicTensor>();
    for (const [index, input] of this.inputs.entries()) {
      if (!(input.node.layer instanceof InputLayer))
        throw new ArgumentError(`inputs[${index}] is an output of ${layerOf(input.node).title}: a model’s inputs are made by Input`);
      if (seen.has(input)) throw new ArgumentError(`inputs has ${layerOf(input.node).title} twice`);
      seen.add(input);
    }
    this.nodes = sorted(this.inputs, this.outputs);
    this.layers = orderedLayers(this.nodes, this.outputs);
    this.allLayers = [...new Set(this.layers.flatMap(withInside))];
    const used = new Set([...this.nodes.flatMap((node) => node.inputs), ...this.outputs]);
    const unused = this.inputs.find((input) => !used.has(input));
    if (unused) throw new ArgumentError(`Model: ${layerOf(unused.node).title} reaches no output: leave it out, or use it`);
    // Last, because a refused graph must leave its layers without names.
    nameLayers([...this.inputs.map(({ node }) => layerOf(node)), ...this.layers]);
    this.feeds = this.#makeFeeds();
  }

  /** The names of the inputs: the user's, or those of their layers. */
  get inputNames(): readonly string[] {
    return this.names.inputs ?? this.inputs.map(nameOf);
  }

  /**
   * The names of the outputs: the user's, or those of their layers, numbered if a layer has several
   * outputs.
   */
  get outputNames(): readonly string[] {
    if (this.names.outputs) return this.names.outputs;
    const names = new Set<string>();
    // A number must not make the name of another output.
    const others = new Set(this.outputs.map(nameOf));
    const next = new Map<string, number>();
    for (const output of this.outputs) {
      const name = nameOf(output);
      let found = name;
      let number = next.get(name) ?? 1;
      while (names.has(found) || (found !== name && others.has(found))) found = `${name}_${number++}`;
      next.set(name, number);
      names.add(found);
    }
    return [...names];
  }

  get weights(): Weight[] {
    return [...new Set(this.layers.flatMap((layer) => layer.weights))];
  }

  /** The type of the integers of a quantised model; null without any. */
  get quantised(): QuantisedType | null {
    return this.weights.find(({ quantised }) => quantised)?.quantised?.values.type ?? null;
  }

  /** The layers that keep their states from batch to batch. */
  get statefulLayers(): Layer[] {
    return this.layers.filter(({ stateful }) => stateful);
  }

  /** All layers by their names in files: `lstm`, `bidirectional/forward_lstm`. */
  get layersByPath(): ReadonlyMap<string, Layer> {
    const paths = new Map<string, Layer>();
    const walk = (layer: Layer, prefix: string): void => {
      paths.set(prefix + layer.name, layer);
      for (const inner of layer.sublayers) walk(inner, `${prefix}${layer.name}/`);
    };
    for (const layer of this.layers) walk(layer, '');
    return paths;
  }

  /**
   * A weight's name in files: `lstm/recurrentKernel`. The name of an inner layer comes after that
   * of the outer layer.
   */
  pathOf(weight: Weight): string {
    if (this.#paths.size === 0) {
      const walk = (layer: Layer, prefix: string): void => {
        const path = `${prefix}${layer.name}/`;
        for (const own of layer.ownWeights) if (!this.#paths.has(own)) this.#paths.set(own, path + own.name);
        for (const inner of layer.sublayers) walk(inner, path);
      };
      for (const layer of this.layers) walk(layer, '');
    }
    return this.#paths.get(weight) ?? weight.path;
  }

  /**
   * The weights that training of these layers updates. An inner layer is trained only if the outer
   * layer is trained too.
   */
  weightsOf(trained: ReadonlySet<Layer>): Weight[] {
    const walk = (layer: Layer): Weight[] =>
      trained.has(layer) ? [...layer.ownWeights.filter(({ trainable }) => trainable), ...layer.sublayers.flatMap(walk)] : [];
    return [...new Set(this.layers.flatMap(walk))];
  }

  /** The weights that training updates, by the present `trainable` of the layers. */
  get trainableWeights(): Weight[] {
    return this.weightsOf(new Set(this.allLayers.filter(({ trainable }) => trainable)));
  }

  /** Number of the weights' values; with `trainable` only of the weights that training updates. */
  countParameters(only?: 'trainable'): number {
    const weights = only ? this.trainableWeights : this.weights;
    return weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0);
  }

  /** Declares every layer's weights. */
  declare(): void {
    for (const { layer, inputs, call } of this.nodes) (layer as Layer).declare(call.mask ? inputs.slice(0, -1) : inputs);
  }

  /**
   * The output shapes for one sample of each input. They have no free lengths if the inputs have
   * none.
   */
  outputShapesFor(samples: readonly Shape[]): readonly Shape[];
  outputShapesFor(samples: readonly SampleShape[]): readonly SampleShape[];
  outputShapesFor(samples: readonly SampleShape[]): readonly SampleShape[] {
    const key = JSON.stringify(samples);
    if (this.#inferred?.[0] === key) return this.#inferred[1];
    const specs = this.inputs.map(({ kind }, index) => ({ shape: samples[index] as SampleShape, kind }));
    const outputs = inferGraph(this, specs).map(({ shape }) => shape);
    this.#inferred = [key, outputs];
    return outputs;
  }

  /**
   * Checks that samples of this shape fit an input.
   * @param argument the input's name, for error messages
   * @throws {ShapeError} naming the layer that takes it
   */
  checkSample(sample: Shape, index: number, argument: string): void {
    const { shape: expected } = this.inputs[index] as SymbolicTensor;
    const fits = sample.length === expected.length && sample.every((size, axis) => expected[axis] === null || expected[axis] === size);
    if (fits && !sample.some((size) => size === 0)) return;
    throw new ShapeError(
      `${argument} has samples of shape ${formatShape(sample)}, but ${this.#takerOf(index)} takes samples of shape ${formatShape(expected)}${axisHint(sample, expected)}`,
    );
  }

  /** The layer that takes an input, for error messages; of a model also its own input. */
  #takerOf(index: number): string {
    const input = this.inputs[index] as SymbolicTensor;
    const taker = this.nodes.find(({ inputs }) => inputs.includes(input));
    return taker ? layerOf(taker).inputTitle(taker.inputs.indexOf(input)) : layerOf(input.node).title;
  }

  #makeFeeds(): Feed[] {
    // One pass over the nodes for all inputs: a pass for each would take quadratic time.
    const usesOf = new Map<SymbolicTensor, InputUse[]>(this.inputs.map((input) => [input, []]));
    for (const node of this.nodes) {
      for (const [place, taken] of node.inputs.entries()) {
        const uses = usesOf.get(taken);
        if (!uses) continue;
        const isMask = node.call.mask && place === node.inputs.length - 1;
        uses.push(...(isMask ? [{ kind: 'ids' as const, layer: null }] : layerOf(node).usesOf(place)));
      }
    }
    const outputs = new Set(this.outputs);
    return [...usesOf].flatMap(([input, uses], index) => {
      if (outputs.has(input) || uses.length === 0) uses.push({ kind: input.kind === 'ids' ? 'ids' : 'floats', layer: null });
      return (['ids', 'floats'] as const)
        .filter((kind) => uses.some((use) => use.kind === kind))
        .map((kind) => ({
          input: index,
          kind,
          layers: uses.flatMap((use) => (use.kind === kind && use.layer ? [use.layer] : [])),
          dtype: (input.node.layer as InputLayer).dtype,
        }));
    });
  }
}

/** The layer that a node uses. */
export function layerOf(node: Node): Layer {
  return node.layer as Layer;
}

/** A layer and those inside it. */
function withInside(layer: Layer): Layer[] {
  return [layer, ...layer.sublayers.flatMap(withInside)];
}

function nameOf({ node }: SymbolicTensor): string {
  return layerOf(node).name;
}

function checkTensors(tensors: readonly SymbolicTensor[], what: string): readonly SymbolicTensor[] {
  if (tensors.length === 0) throw new ArgumentError(`Model: ${what} is empty: at least one tensor is needed`);
  for (const [index, tensor] of tensors.entries()) {
    if (!(tensor instanceof SymbolicTensor))
      throw new ArgumentError(`Model: ${what}[${index}] must be a symbolic tensor, which Input and apply give, got ${describe(tensor)}`);
  }
  return Object.freeze([...tensors]);
}

/**
 * The inputs of programs: an input with preprocessing layers is replaced by the input of their
 * outputs.
 * @throws {ArgumentError} when data is prepared in two ways, or used as texts
 */
function preparedInputs(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): readonly SymbolicTensor[] {
  const found = new Map<object, SymbolicTensor>();
  const visited = new Set<Node>();
  const stack = outputs.map(({ node }) => node);
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (visited.has(node)) continue;
    visited.add(node);
    stack.push(...node.inputs.map((input) => input.node));
    const { layer } = node;
    if (!(layer instanceof InputLayer)) continue;
    if (layer.dtype === 'string')
      throw new ArgumentError(`Model: ${layer.title} has dtype 'string', so a preprocessing layer such as TextVectorization must follow`);
    if (!layer.origin) continue;
    if (found.has(layer.origin))
      throw new ArgumentError(`Model: the data of ${layer.title} is prepared in two ways: make an Input for each of them`);
    found.set(layer.origin, node.outputs[0] as SymbolicTensor);
  }
  if (found.size === 0) return inputs;
  return Object.freeze(inputs.map((input) => found.get(input.node.layer) ?? input));
}

/** The nodes from the inputs to the outputs, each after its inputs. */
function sorted(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): Node[] {
  const nodes = new Set<Node>();
  const visited = new Set<Node>(inputs.map(({ node }) => node));
  // An explicit stack, because a chain of 100,000 layers is deeper than the stack of the JavaScript
  // engine.
  const stack = outputs.map(({ node }) => node).reverse();
  while (stack.length > 0) {
    const node = stack[stack.length - 1] as Node;
    if (node.layer instanceof InputLayer && !visited.has(node))
      throw new ArgumentError(`Model: an output depends on ${layerOf(node).title}, which is not among the inputs`);
    const waiting = nodes.has(node) ? [] : node.inputs.map((input) => input.node).filter((below) => !visited.has(below));
    if (waiting.length > 0) {
      stack.push(...waiting.reverse());
      continue;
    }
    stack.pop();
    if (visited.has(node)) continue;
    visited.add(node);
    nodes.add(node);
  }
  return [...nodes];
}

/**
 * Gives layers without a name the name of their class, numbered in the order in which the layers
 * were made, as in Keras.
 * @throws {ArgumentError} when two layers have the same name
 */
export function nameLayers(layers: readonly Layer[]): void {
  const taken = new Map<string, Layer>();
  for (const layer of layers) {
    if (!layer.hasName) continue;
    const other = taken.get(layer.name);
    if (other && other !== layer)
      throw new ArgumentError(
        `Model: two layers are called '${layer.name}' (${other.className} and ${layer.className}): give one of them another name when it is made, by the option name. ` +
          'Names that layers get by themselves are unique only within one model',
      );
    taken.set(layer.name, layer);
  }
  const next = new Map<string, number>();
  const unnamed = layers.filter(({ hasName }) => !hasName).sort((a, b) => a.creationIndex - b.creationIndex);
  for (const layer of unnamed) {
    const base = snakeCase(layer.className);
    let number = next.get(base) ?? 0;
    const name = () => (number === 0 ? base : `${base}_${number}`);
    while (taken.has(name())) number++;
    layer.setName(name());
    taken.set(layer.name, layer);
    next.set(base, number + 1);
  }
}
