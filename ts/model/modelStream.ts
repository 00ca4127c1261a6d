import type { FloatArray } from '../backend/backend.ts';
import { type EvictableContents, EvictableMemory, withRoom } from '../backend/evictableMemory.ts';
import { describe } from '../core/describe.ts';
import { disposeSymbol } from '../core/disposeSymbol.ts';
import { ArgumentError, ShapeError, StateError } from '../core/errors.ts';
import { checkFinite } from '../core/finite.ts';
import { isFloatArray } from '../core/numericArray.ts';
import { checkOptions } from '../core/options.ts';
import { formatShape, positiveInteger, type Shape, sameShape, sizeOf } from '../core/shape.ts';
import { suggest } from '../core/suggestion.ts';
import { type Tensor, type TensorLike, tensorOf, toTensor } from '../core/tensor.ts';
import { type CheckValues, inputCheck } from '../feed/checkValues.ts';
import { stepOrder } from '../feed/dataset.ts';
import type { Graph, GraphNames } from '../graph/graph.ts';
import { type ContextValues, computeContext, StreamProgram } from '../graph/streamProgram.ts';
import { byName, type Structure } from '../graph/structure.ts';
import { TimeAxis } from '../graph/timeAxis.ts';
import type { Layer } from '../layers/layer.ts';
import type { Engine } from '../run/engine.ts';
import type { ModelMemory } from './modelMemory.ts';

/** Options of `model.stream`. */
export interface StreamOptions {
  /** Number of sequences that the stream runs side by side. Default 1. */
  batchSize?: number;
  /**
   * Inputs that stay the same for all steps, by their names: arrays of samples, or one sample if
   * there is one sequence. They may be whole sequences, such as those of an encoder. The layers
   * that depend only on them are computed once, when the stream is made. Default: none.
   */
  context?: Readonly<Record<string, TensorLike | number>>;
}

/**
 * Copies of the states `[batchSize, units]` by layer and state: `{ lstm: { h, c }, gru: { h } }`.
 * The second use of a layer is `'gru/2'`.
 */
export type StreamState = Readonly<Record<string, Readonly<Record<string, Tensor<FloatArray>>>>>;

/** States to continue from: the value of `state`, or any arrays of the same shapes. */
export type StreamStateLike = Readonly<Record<string, Readonly<Record<string, TensorLike>>>>;

/** The model of a stream, as the stream sees it. */
export interface StreamedModel {
  readonly name: string;
  readonly structure: Structure;
  readonly memory: ModelMemory;
  /** The engine, made when there is none. @throws {StateError} when the model was disposed */
  openEngine(): Engine;
}

/**
 * The argument of a step: the values of one input; for several inputs an array or an object of
 * them.
 */
export type StepLike = TensorLike | number | readonly (TensorLike | number)[] | Readonly<Record<string, TensorLike | number>>;

/** The values of one input at a step. */
interface StepInput {
  readonly name: string;
  /** The input in error messages. */
  readonly argument: string;
  /** The values of one sequence: `[D]`, `[]` for an id; of an input without steps its sample. */
  readonly shape: Shape;
  /** The values of all sequences, and how many they are: a step makes no arrays for them. */
  readonly whole: Shape;
  readonly length: number;
  /** The position of each value in the program's buffer; null for the same order. */
  readonly places: Int32Array | null;
  readonly checks: readonly CheckValues[];
  /** The layers that take it as ids. */
  readonly idLayers: readonly Layer[];
}

interface SavedState {
  readonly layer: string;
  readonly name: string;
  readonly data: FloatArray;
}

/** The memory of a stream in its backend. An eviction copies its states. */
class StreamContents implements EvictableContents {
  readonly #program: StreamProgram;
  #saved: readonly SavedState[] | null = null;

  constructor(program: StreamProgram) {
    this.#program = program;
  }

  get bytes(): number {
    return this.#program.bytes;
  }

  /** Copies of all states, also while the stream is evicted. */
  get states(): readonly SavedState[] {
    return this.#saved ?? this.#program.states.map(({ layer, name }) => ({ layer, name, data: this.#program.readState(layer, name) }));
  }

  save(): void {
    this.#saved = this.states;
  }

  dispose(): void {
    this.#program.dispose();
  }
}

/**
 * Runs a model on sequences one step at a time. The state of each layer is kept from one `step` to
 * the next, and after each step the output is that of `predict` for the sequence so far.
 * `model.stream()` makes a stream. A model can have any number of streams, each with its own
 * states.
 *
 * A stream always uses the model's present weights: `fit`, `setWeights` and `compile` between two
 * steps change the weights and keep the states. After layers were added or removed, or the model
 * was disposed, `step` throws a `StateError`. (Not in Keras; its `stateful=True` is similar.)
 */
export class ModelStream<Output = FloatArray> {
  readonly batchSize: number;
  /** The shape of a step's output, `[batchSize, C]`; of several outputs the first. */
  readonly outputShape: readonly [number, number];
  /** The shapes of the outputs of a step, `[batchSize, C]` each. */
  readonly outputShapes: readonly (readonly [number, number])[];
  readonly #model: StreamedModel;
  readonly #layers: readonly Layer[];
  readonly #steps: TimeAxis;
  /** The values of each input at a step. */
  readonly #inputs: readonly StepInput[];
  /** For each feed of the graph the index of its input among these; -1 for one of the context. */
  readonly #feeds: readonly number[];
  /** The values of the inputs of the context, by their index in the graph. */
  readonly #given = new Map<number, ArrayLike<number>>();
  readonly #outputPlaces: readonly (Int32Array | null)[];
  readonly #names: GraphNames['outputs'];
  readonly #single = new Float64Array(1);
  #context: ContextValues | null = null;
  #engine: Engine | null = null;
  #program: StreamProgram | null = null;
  #contents: StreamContents | null = null;
  #memory: EvictableMemory | null = null;
  #disposed = false;

  /** The names of the inputs of a step. */
  get inputNames(): readonly string[] {
    return this.#inputs.map(({ name }) => name);
  }

  /** The layers that take an input as ids; called by `generate`. */
  idLayersOf(name: string): readonly Layer[] {
    return this.#inputs.find((input) => input.name === name)?.idLayers ?? [];
  }

  /** Called by `model.stream`. */
  constructor(model: StreamedModel, options: StreamOptions | undefined) {
    checkOptions(options, ['batchSize', 'context'], 'stream');
    this.batchSize = positiveInteger(options?.batchSize ?? 1, 'stream: batchSize');
    const graph = builtGraph(model);
    const numeric = model.structure.preprocessing.flat().find(({ takesTexts }) => !takesTexts);
    if (numeric)
      throw new ArgumentError(
        `stream: ${numeric.title} prepares whole samples, so a stream cannot apply it to single steps: make a model without it, and ` +
          'give its steps what the layer’s call returns',
      );
    this.#model = model;
    this.#layers = [...graph.layers];
    const context = this.#readContext(graph, options?.context ?? {});
    if (context.size === graph.inputs.length)
      throw new ArgumentError(`stream: context has every input, ${graph.inputNames.join(', ')}: leave out those of the steps`);
    this.#steps = new TimeAxis(graph, 'stream', context);
    const samples = this.#steps.samples(1);
    const indices = [...samples.keys()].filter((index) => !context.has(index));
    this.#inputs = indices.map((index): StepInput => {
      const sample = samples[index] as Shape;
      const { checks, idLayers } = feedsOf(graph, index);
      const shape = this.#steps.inputs[index] ? sample.slice(1) : sample;
      const argument = indices.length === 1 ? 'x' : `x.${graph.inputNames[index]}`;
      const places = placesOf(idLayers ? [...sample, 1] : sample, this.batchSize);
      const whole = [this.batchSize, ...shape];
      return {
        name: graph.inputNames[index] as string,
        argument,
        shape,
        whole,
        length: sizeOf(whole),
        places,
        checks,
        idLayers: idLayers ?? [],
      };
    });
    this.#feeds = graph.feeds.map(({ input }) => indices.indexOf(input));
    this.#names = graph.names.outputs;
    const outputs = graph.outputShapesFor(samples);
    this.#outputPlaces = outputs.map((shape) => placesOf(shape, this.batchSize));
    this.outputShapes = outputs.map((shape) => [this.batchSize, sizeOf(shape)]);
    this.outputShape = this.outputShapes[0] as readonly [number, number];
    this.#attach();
  }

  /**
   * Runs one step of every sequence.
   * @param x the step's features, `[batchSize, D]` or flat; for a model that takes ids
   *   `[batchSize]`, or an id if there is one sequence. For a model with several inputs, an array
   *   of these in their order, or an object by their names; an input without steps is given whole
   *   at every step
   * @returns the output of this step, `[batchSize, C]` flat, with and without `returnSequences`: a
   *   `Float32Array` (on the reference backend a `Float64Array`). For several outputs an array or
   *   an object of such arrays, in the form in which `predict` returns outputs
   * @throws {ShapeError} for input of another shape; the states have not changed then
   * @throws {DataError} for a value that the model cannot take; the states have not changed then
   * @throws {ArgumentError} for input that is no tensor, and when one is missing or unknown; the
   *   states have not changed then
   * @throws {StateError} when the stream or its model was disposed, or layers of the model have
   *   changed
   */
  step(x: StepLike): Output;
  /**
   * Runs one step of every sequence, and writes the output in place. With `x` as a typed array or
   * an id, a step of a model with one input and one output allocates nothing.
   * @param x as without `out`
   * @param out the array for the output `[batchSize, C]`; for several outputs an array of arrays
   * @returns `out`
   * @throws {ShapeError} for input or an `out` of another length; the states have not changed then
   * @throws {DataError} for a value that the model cannot take; the states have not changed then
   * @throws {ArgumentError} for input or an `out` of another kind; the states have not changed then
   * @throws {StateError} when the stream or its model was disposed, or layers of the model have
   *   changed
   */
  step<A extends FloatArray | readonly FloatArray[]>(x: StepLike, out: A): A;
  step(x: StepLike, out?: FloatArray | readonly FloatArray[]): unknown {
    const program = this.#ready();
    const [only] = this.#inputs as readonly [StepInput];
    if (this.#inputs.length === 1 && this.outputShapes.length === 1 && this.#names === null) {
      const data = this.#checkInput(x, only);
      if (out !== undefined) this.#checkOutput(out, this.outputShape);
      for (let feed = 0; feed < this.#feeds.length; feed++) if (this.#feeds[feed] === 0) program.writeInput(feed, data, only.places);
      program.step();
      return program.read(0, (out as FloatArray | undefined) ?? null, this.#outputPlaces[0] as Int32Array | null);
    }
    const given = byName<unknown>(
      x,
      this.#inputs.map(({ name }) => name),
      'step: x',
    );
    const data = this.#inputs.map((input, index) => this.#checkInput(given[index]?.[1], input));
    if (out !== undefined) this.#checkOutputs(out);
    for (const [feed, input] of this.#feeds.entries())
      if (input >= 0) program.writeInput(feed, data[input] as ArrayLike<number>, (this.#inputs[input] as StepInput).places);
    program.step();
    const outs = [out ?? []].flat() as readonly FloatArray[];
    const values = this.outputShapes.map((_, index) =>
      program.read(index, outs[index] ?? null, this.#outputPlaces[index] as Int32Array | null),
    );
    if (out !== undefined) return out;
    if (this.#names) return Object.fromEntries(this.#names.map((name, index) => [name, values[index]]));
    return values.length === 1 ? values[0] : values;
  }

  /**
   * Called by `JSON.stringify`.
   * @throws {ArgumentError} always: what JSON would show of the object does not have the states
   */
  toJSON(): never {
    throw new ArgumentError('JSON.stringify cannot write a stream: give it stream.state');
  }

  /** Copies of all states, by layer and state; empty when no layer has a state. */
  get state(): StreamState {
    const program = this.#ready();
    const byLayer = new Map<string, Record<string, Tensor<FloatArray>>>();
    for (const { layer, name, shape } of program.states) {
      const states = byLayer.get(layer) ?? {};
      states[name] = tensorOf(shape, program.readState(layer, name));
      byLayer.set(layer, states);
    }
    return Object.fromEntries(byLayer);
  }

  /**
   * Sets the states.
   * @throws {ShapeError} for a state of another shape; no state has changed then
   * @throws {DataError} for a value that is not finite; no state has changed then
   * @throws {ArgumentError} for a layer or a state that the model does not have, likewise
   */
  set state(states: StreamStateLike) {
    const program = this.#ready();
    const checked = this.#checkStates(program, states);
    for (const { layer, name, data } of checked) program.writeState(layer, name, data);
  }

  /** Sets all states to zeros, or to what the context gives: the next step begins new sequences. */
  reset(): void {
    this.#ready().clearStates();
  }

  /** Frees the memory. The stream cannot be used afterwards. */
  dispose(): void {
    this.#disposed = true;
    this.#drop();
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  #ready(): StreamProgram {
    if (!this.#program || !this.#memory?.present || this.#model.memory.engine !== this.#engine) return this.#attach();
    return this.#program;
  }

  /**
   * Builds the programs for the model's present engine, and moves the states from the previous
   * engine.
   */
  #attach(): StreamProgram {
    if (this.#disposed) throw new StateError('this stream, or its model, was disposed: make a new one');
    const { name } = this.#model;
    const engine = this.#model.openEngine();
    const graph = builtGraph(this.#model);
    if (graph.layers.length !== this.#layers.length || graph.layers.some((layer, index) => layer !== this.#layers[index])) {
      throw new StateError(`the layers of model ${name} have changed since this stream was made: make a new one`);
    }
    const program = this.#build(engine, graph);
    for (const { layer, name, data } of this.#contents?.states ?? []) program.writeState(layer, name, data);
    this.#memory?.dispose();
    this.#engine = engine;
    this.#program = program;
    this.#contents = new StreamContents(program);
    this.#memory = new EvictableMemory(this, engine.backend, this.#contents, this.#memory);
    return program;
  }

  #build({ backend, parameters, seed }: Engine, graph: Graph): StreamProgram {
    const { memory } = this.#model;
    const plan = { backend, graph, parameters, seed, batch: this.batchSize, steps: this.#steps };
    // An eviction for this allocation must not take the engine itself.
    memory.pin();
    try {
      return withRoom(backend, () => {
        this.#context ??= this.#given.size === 0 ? new Map() : computeContext(plan, this.#given);
        return new StreamProgram(plan, this.#context);
      });
    } finally {
      memory.unpin();
    }
  }

  #drop(): void {
    this.#memory?.dispose();
    this.#memory = null;
    this.#contents = null;
    this.#program = null;
    this.#engine = null;
  }

  #checkInput(x: unknown, input: StepInput): ArrayLike<number> {
    let tensor: Tensor;
    if (typeof x === 'number') {
      this.#single[0] = x;
      tensor = { shape: [1], data: this.#single };
    } else tensor = toTensor(x as TensorLike, input.argument);
    const { shape, data } = tensor;
    const { whole, length } = input;
    if (data.length !== length || !(shape.length === 1 || sameShape(shape, whole))) {
      const flat = `[${length}]`;
      const expected = input.shape.length === 0 ? flat : `${formatShape(whole)} or ${flat}`;
      const taker = this.#inputs.length === 1 ? `for layer ${this.#layers[0]?.name} ` : '';
      throw new ShapeError(
        `step: ${input.argument} has shape ${formatShape(shape)}, but one step of ${this.batchSize} sequences ${taker}has shape ${expected}`,
      );
    }
    for (const check of input.checks) check(tensor, input.argument);
    return data;
  }

  /**
   * Reads the inputs of the context.
   * @returns for each its index in the graph and the shape of its samples
   */
  #readContext(graph: Graph, context: NonNullable<StreamOptions['context']>): ReadonlyMap<number, Shape> {
    checkOptions(context, graph.inputNames, 'stream: context');
    const shapes = new Map<number, Shape>();
    for (const [index, { shape: expected }] of graph.inputs.entries()) {
      const name = graph.inputNames[index] as string;
      if (!Object.hasOwn(context, name)) continue;
      const argument = `context.${name}`;
      const value = context[name] as TensorLike | number;
      const { shape, data } = typeof value === 'number' ? { shape: [1], data: Float64Array.of(value) } : toTensor(value, argument);
      const isSample = this.batchSize === 1 && shape.length === expected.length;
      const sample = isSample ? shape : shape.slice(1);
      if (!isSample && shape[0] !== this.batchSize)
        throw new ShapeError(`stream: ${argument} has shape ${formatShape(shape)}, but the stream has ${this.batchSize} sequences`);
      graph.checkSample(sample, index, `stream: ${argument}`);
      const { checks, idLayers } = feedsOf(graph, index);
      const whole = { shape: [this.batchSize, ...sample], data };
      for (const check of checks) check(whole, argument);
      const places = placesOf(idLayers ? [...sample, 1] : sample, this.batchSize);
      const ordered = Float64Array.from(data);
      for (const [from, to] of places?.entries() ?? []) ordered[to] = data[from] as number;
      this.#given.set(index, ordered);
      shapes.set(index, sample);
    }
    return shapes;
  }

  #checkOutputs(out: unknown): void {
    const outs = [out].flat();
    const { length } = this.outputShapes;
    if (outs.length !== length) throw new ArgumentError(`step: out must be ${length} arrays, one for each output, got ${describe(out)}`);
    for (const [index, shape] of this.outputShapes.entries()) this.#checkOutput(outs[index], shape);
  }

  #checkOutput(out: unknown, shape: readonly [number, number]): void {
    const length = sizeOf(shape);
    if (!isFloatArray(out)) throw new ArgumentError(`step: out must be a Float32Array or a Float64Array, got ${describe(out)}`);
    if (out.length !== length) throw new ShapeError(`step: out has ${out.length} elements, but a step's output has ${length}`);
  }

  #checkStates(program: StreamProgram, states: unknown): { layer: string; name: string; data: ArrayLike<number> }[] {
    const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
    if (!isRecord(states)) throw new ArgumentError(`state must be an object of layers, got ${describe(states)}`);
    const own = program.states;
    const layers = [...new Set(own.map(({ layer }) => layer))];
    for (const layer of Object.keys(states)) {
      if (!layers.includes(layer))
        throw new ArgumentError(`state: no layer '${layer}'${suggest(layer, layers)}; the layers with states are ${layers.join(', ')}`);
    }
    return own.map(({ layer, name, shape }) => {
      const given = Object.hasOwn(states, layer) ? states[layer] : undefined;
      const names = own.filter((other) => other.layer === layer).map((other) => other.name);
      checkOptions(given, names, `state.${layer}`);
      const argument = `state.${layer}.${name}`;
      const value = isRecord(given) && Object.hasOwn(given, name) ? given[name] : undefined;
      if (value === undefined) throw new ArgumentError(`${argument} is missing: expected a tensor of shape ${formatShape(shape)}`);
      const tensor = toTensor(value as TensorLike, argument);
      if (!sameShape(tensor.shape, shape))
        throw new ShapeError(`${argument} has shape ${formatShape(tensor.shape)}, expected ${formatShape(shape)}`);
      checkFinite(tensor, argument);
      return { layer, name, data: tensor.data };
    });
  }
}

/**
 * The place of each value of samples in a program, whose rows are in the order of the steps.
 * @returns null for the same order, as samples of one row have it
 */
function placesOf(sample: Shape, batch: number): Int32Array | null {
  const axes = sample.slice(0, -1);
  const steps = sizeOf(axes);
  if (steps === 1) return null;
  const features = sample[sample.length - 1] as number;
  const order = stepOrder(axes);
  return Int32Array.from({ length: batch * steps * features }, (_, index) => {
    const feature = index % features;
    const step = Math.floor(index / features) % steps;
    const row = Math.floor(index / features / steps);
    return ((order?.[step] ?? step) * batch + row) * features + feature;
  });
}

/** The checks of an input of a graph; `idLayers`: the layers that take ids, null for floats. */
function feedsOf(graph: Graph, index: number): { checks: readonly CheckValues[]; idLayers: readonly Layer[] | null } {
  const feeds = graph.feeds.filter(({ input }) => input === index);
  const ids = feeds.filter(({ kind }) => kind === 'ids');
  return {
    checks: feeds.map(({ kind, layers, dtype }) => inputCheck(kind, layers, dtype)),
    idLayers: ids.length > 0 ? ids.flatMap(({ layers }) => layers) : null,
  };
}

/** The graph of a stream's model. @throws {StateError} before the model is built */
function builtGraph({ structure: { graph } }: StreamedModel): Graph {
  if (!graph)
    throw new StateError(
      'stream: the model is not built: fit or predict it with data, or call build with the shape of a batch, such as [null, null, 3] or, for ids, [null, null]',
    );
  return graph;
}
