import { ArgumentError, ShapeError, StateError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import { checkSampleShape, formatShape } from '../core/shape.ts';
import { InputLayer, type Preprocessing } from '../layers/input.ts';
import { Layer, noLayer, snakeCase } from '../layers/layer.ts';
import type { SampleShape } from '../layers/spec.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import { Graph } from './graph.ts';
import type { Structure } from './structure.ts';

/** The first and the last tensor of joined layers. */
interface Ends {
  readonly start: SymbolicTensor;
  readonly end: SymbolicTensor;
}

/** Layers one after the other. They become a graph as soon as the shape of their input is known. */
export class Chain implements Structure {
  readonly #computing: Layer[] = [];
  readonly #preprocessing: Preprocessing[] = [];
  #input: InputLayer | null = null;
  /** The ends of the joined layers; null before the chain is built. */
  #ends: Ends | null = null;
  /** Made at the first request, so that adding many layers does not make many graphs. */
  #graph: Graph | null = null;
  /** For each class the number below which all names are taken. */
  readonly #numbers = new Map<string, number>();
  readonly #names = new Set<string>();
  readonly #members = new Set<Layer>();

  get layers(): Layer[] {
    return [...this.#preprocessing, ...this.#computing];
  }

  get preprocessing(): readonly (readonly Preprocessing[])[] {
    return [this.#preprocessing];
  }

  /** The graph; null before the chain is built. */
  get graph(): Graph | null {
    if (this.#ends) this.#graph ??= Graph.of([this.#ends.start], [this.#ends.end]);
    return this.#graph;
  }

  /**
   * Checks that a layer can be added at the end, and changes nothing.
   * @param expected the beginning of the error for a value that is not a layer
   * @throws {ArgumentError} when it is not a layer, or its name is taken
   * @throws {ShapeError} when it cannot take the output of the layer before
   */
  checkAddition(layer: Layer, expected = 'add takes a layer'): void {
    if (!(layer instanceof Layer)) throw noLayer(expected, layer);
    if (layer instanceof InputLayer && (this.#input || this.layers.length > 0))
      throw new ArgumentError(`an Input must come before the first layer of a model`);
    if (this.#members.has(layer)) throw new ArgumentError(`layer ${layer.name} is already in this model`);
    if (layer.inputKind === 'ids' && this.#computing.length > 0)
      throw new ArgumentError(`a layer ${layer.className} takes ids, so it must be the first layer of a Sequential model`);
    const named = layer.hasName;
    if (named && this.#names.has(layer.name)) throw new ArgumentError(`this model already has a layer called '${layer.name}'`);
    if (layer instanceof InputLayer) return;
    if (isPreprocessing(layer)) {
      this.#checkPreprocessing(layer);
      return;
    }
    // Errors name the layer, so it gets its name before the check.
    if (!named) layer.setName(this.#freeName(layer.className));
    try {
      if (this.#ends) layer.use([this.#ends.end]);
      else if (this.#computing.length === 0 && this.#startShape(layer)) this.graphFor([this.#startShape(layer) as SampleShape], [layer]);
    } finally {
      if (!named) layer.setName(null);
    }
  }

  /** Adds a layer at the end. @throws the errors of `checkAddition`; nothing has changed then */
  add(layer: Layer, expected?: string): void {
    this.checkAddition(layer, expected);
    if (layer instanceof InputLayer) {
      this.#input = layer;
      return;
    }
    if (!layer.hasName) layer.setName(this.#freeName(layer.className));
    this.#names.add(layer.name);
    this.#members.add(layer);
    if (isPreprocessing(layer)) {
      this.#preprocessing.push(layer);
      // The graph begins with the output of the layer.
      if (this.#input) this.#input = layer.use(this.#input.use([]).outputs).outputs[0]?.node.layer as InputLayer;
      return;
    }
    this.#computing.push(layer);
    if (this.#ends) {
      const { inputs, outputs } = layer.use([this.#ends.end]);
      layer.declare(inputs);
      this.#join(this.#ends.start, outputs[0] as SymbolicTensor);
    } else if (this.#computing.length === 1) {
      const shape = this.#startShape(layer);
      if (shape) this.build(shape);
    }
  }

  /** Sets the input of the first computing layer: the output of the preprocessing layers. */
  begin(prepared: InputLayer): void {
    this.#input = prepared;
  }

  /** Removes the last layer. @throws {StateError} when there is no layer */
  pop(): Layer {
    const layer = this.#computing.pop() ?? this.#preprocessing.pop();
    if (!layer) throw new StateError('pop: the model has no layers');
    this.#names.delete(layer.name);
    this.#members.delete(layer);
    this.#numbers.clear();
    const { graph } = this;
    const [last] = graph?.outputs[0]?.node.inputs ?? [];
    this.#ends = null;
    this.#graph = null;
    if (graph && last && this.#computing.length > 0) this.#join(graph.inputs[0] as SymbolicTensor, last);
    return layer;
  }

  /** @throws {ArgumentError} when a layer that prepares data cannot stand here */
  #checkPreprocessing(layer: Preprocessing): void {
    const before = this.layers.at(-1);
    if (this.#computing.length > 0 || (layer.takesTexts && before))
      throw new ArgumentError(
        `a layer ${layer.className} prepares data, so it must come before ${this.#computing[0]?.title ?? before?.title}`,
      );
  }

  graphFor([sample]: readonly SampleShape[], layers: readonly Layer[] = this.#computing): Graph {
    if (this.graph) return this.graph;
    invariant(sample, 'a chain has one input');
    if (layers.length === 0) throw new StateError('the model has no layers: add some first');
    // Later batches may have other lengths: data fixes the features only, unless a layer also needs
    // the length. An Input and the option `inputShape` say which axes are free.
    const ids = layers[0]?.inputKind === 'ids';
    const isGiven = this.#input !== null || (layers[0]?.inputShape ?? null) !== null;
    const free = !isGiven && (sample.length > 1 || (ids && sample.length > 0)) ? [null, ...sample.slice(1)] : sample;
    const made = this.#chain(free, layers);
    if (!(made instanceof ShapeError)) return made;
    const exact = formatShape(free) === formatShape(sample) ? made : this.#chain(sample, layers);
    if (exact instanceof ShapeError) throw exact;
    return exact;
  }

  /** Takes a graph of `graphFor` as the chain's graph, and declares the weights. */
  adopt(graph: Graph): void {
    if (this.graph === graph) return;
    graph.declare();
    this.#join(graph.inputs[0] as SymbolicTensor, graph.outputs[0] as SymbolicTensor);
    this.#graph = graph;
  }

  /**
   * Builds the chain for samples of this shape.
   * @throws {ShapeError} when a layer cannot take its input
   * @throws {ArgumentError} when `sample` is not a shape, or the chain is built for another shape
   */
  build(sample: SampleShape): void {
    checkSampleShape(sample, 'build: inputShape');
    if (this.graph) this.graph.outputShapesFor([sample]);
    else this.adopt(this.graphFor([sample]));
  }

  #join(start: SymbolicTensor, end: SymbolicTensor): void {
    this.#ends = { start, end };
    this.#graph = null;
  }

  /**
   * Joins the layers on an input of this shape, or returns the error of the layer that does not
   * fit.
   */
  #chain(shape: SampleShape, layers: readonly Layer[]): Graph | ShapeError {
    try {
      const start = (this.#input ?? new InputLayer({ shape })).use([]).outputs as readonly [SymbolicTensor];
      const end = layers.reduce((outputs, layer) => layer.use([outputs[0] as SymbolicTensor]).outputs, start as readonly SymbolicTensor[]);
      return Graph.of(start, [end[0] as SymbolicTensor]);
    } catch (error) {
      if (error instanceof ShapeError) return error;
      throw error;
    }
  }

  /** The shape of the input, if the first layer determines it; null if only the data does. */
  #startShape(first: Layer): SampleShape | null {
    return this.#input?.shape ?? first.inputShape;
  }

  #freeName(className: string): string {
    const base = snakeCase(className);
    for (let number = this.#numbers.get(base) ?? 0; ; number++) {
      const name = number === 0 ? base : `${base}_${number}`;
      if (this.#names.has(name)) continue;
      this.#numbers.set(base, number);
      return name;
    }
  }
}

function isPreprocessing(layer: Layer): layer is Preprocessing {
  return layer.preprocesses;
}
