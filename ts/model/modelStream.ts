import type { FloatArray } from '../backend/backend.ts';
import { type EvictableContents, EvictableMemory, withRoom } from '../backend/evictableMemory.ts';
import { describe } from '../core/describe.ts';
import { disposeSymbol } from '../core/disposeSymbol.ts';
import { ArgumentError, ShapeError, StateError } from '../core/errors.ts';
import { checkFinite } from '../core/finite.ts';
import { isFloatArray } from '../core/numericArray.ts';
import { checkOptions } from '../core/options.ts';
import { formatShape, positiveInteger, sameShape, sizeOf } from '../core/shape.ts';
import { suggest } from '../core/suggestion.ts';
import { type Tensor, type TensorLike, tensorOf, toTensor } from '../core/tensor.ts';
import { type CheckValues, inputCheck } from '../feed/checkValues.ts';
import type { Feed, Graph } from '../graph/graph.ts';
import { StreamProgram } from '../graph/streamProgram.ts';
import type { Structure } from '../graph/structure.ts';
import type { Layer } from '../layers/layer.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { Engine } from '../run/engine.ts';
import type { ModelMemory } from './modelMemory.ts';

/** Options of `model.stream`. */
export interface StreamOptions {
  /** Number of sequences that the stream runs side by side. Default 1. */
  batchSize?: number;
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

interface SavedState {
  readonly layer: string;
  readonly name: string;
  readonly data: FloatArray;
}

/** What a stream has in its backend's memory: of that, its states are copied when it is evicted. */
class StreamContents implements EvictableContents {
  readonly #program: StreamProgram;
  #saved: readonly SavedState[] | null = null;

  constructor(program: StreamProgram) {
    this.#program = program;
  }

  get bytes(): number {
    return this.#program.bytes;
  }

  /** Copies of all states, wherever they are. */
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
export class ModelStream {
  readonly batchSize: number;
  /** The shape of a step's output, `[batchSize, C]`. */
  readonly outputShape: readonly [number, number];
  readonly #model: StreamedModel;
  readonly #layers: readonly Layer[];
  /** One sample of one step: `[1, D]` floats, or `[1]` ids. */
  readonly #sample: readonly number[];
  readonly #inputLength: number;
  readonly #checkValues: CheckValues;
  readonly #single = new Float64Array(1);
  #engine: Engine | null = null;
  #program: StreamProgram | null = null;
  #contents: StreamContents | null = null;
  #memory: EvictableMemory | null = null;
  #disposed = false;

  /** Called by `model.stream`. */
  constructor(model: StreamedModel, options: StreamOptions | undefined) {
    checkOptions(options, ['batchSize'], 'stream');
    this.batchSize = positiveInteger(options?.batchSize ?? 1, 'stream: batchSize');
    const graph = builtGraph(model);
    const [{ shape: inputShape }] = graph.inputs as readonly [SymbolicTensor];
    const [feed] = graph.feeds as readonly [Feed];
    if (graph.inputs.length > 1 || graph.outputs.length > 1)
      throw new ArgumentError(`stream: model ${model.name} has several inputs or outputs; a stream has one of each`);
    const ids = feed.kind === 'ids';
    if (inputShape.length !== (ids ? 1 : 2)) {
      throw new ShapeError(`stream: model ${model.name} takes samples of shape ${formatShape(inputShape)}, which have no steps`);
    }
    this.#model = model;
    this.#layers = [...graph.layers];
    this.#checkValues = inputCheck(feed.kind, feed.layers);
    this.#sample = ids ? [1] : [1, inputShape[1] as number];
    this.#inputLength = this.batchSize * sizeOf(this.#sample);
    this.outputShape = [this.batchSize, sizeOf(graph.outputShapesFor([this.#sample])[0] as readonly number[])];
    this.#attach();
  }

  /**
   * Runs one step of every sequence.
   * @param x the step's features, `[batchSize, D]` or flat; for a model that takes ids
   *   `[batchSize]`, or an id if there is one sequence
   * @param out the array for the output. Default: a new array. With `out`, and with `x` as a typed
   *   array or an id, a step allocates nothing
   * @returns the output of this step, `[batchSize, C]` flat, with and without `returnSequences`:
   *   `out`, or a `Float32Array` (on the reference backend a `Float64Array`)
   * @throws {ShapeError | DataError | ArgumentError} for input that the model cannot take; the
   *   states have not changed then
   * @throws {StateError} when the stream or its model was disposed, or layers of the model have
   *   changed
   */
  step(x: TensorLike | number): FloatArray;
  step<A extends FloatArray>(x: TensorLike | number, out: A): A;
  step(x: TensorLike | number, out?: FloatArray): FloatArray {
    const program = this.#ready();
    const data = this.#checkInput(x);
    if (out !== undefined) this.#checkOutput(out);
    program.writeInput(data);
    return program.step(out ?? null);
  }

  /**
   * Called by `JSON.stringify`.
   * @throws {ArgumentError} always: what JSON would show of the object does not have the states
   */
  toJSON(): never {
    throw new ArgumentError('a stream does not become JSON by itself: JSON.stringify(stream.state) writes its states');
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
   * @throws {ShapeError | DataError | ArgumentError} when they do not fit the model; no state has
   *   changed then
   */
  set state(states: StreamStateLike) {
    const program = this.#ready();
    const checked = this.#checkStates(program, states);
    for (const { layer, name, data } of checked) program.writeState(layer, name, data);
  }

  /** Sets all states to zeros: the next step begins new sequences. */
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

  /** Compiles for the model's present engine, and moves the states to it from the engine before. */
  #attach(): StreamProgram {
    if (this.#disposed) throw new StateError('this stream, or its model, was disposed: make a new one');
    const { name } = this.#model;
    const engine = this.#model.openEngine();
    const graph = builtGraph(this.#model);
    if (graph.layers.length !== this.#layers.length || graph.layers.some((layer, index) => layer !== this.#layers[index])) {
      throw new StateError(`the layers of model ${name} have changed since this stream was made: make a new one`);
    }
    const program = this.#compile(engine, graph);
    for (const { layer, name, data } of this.#contents?.states ?? []) program.writeState(layer, name, data);
    this.#memory?.dispose();
    this.#engine = engine;
    this.#program = program;
    this.#contents = new StreamContents(program);
    this.#memory = new EvictableMemory(this, engine.backend, this.#contents, this.#memory);
    return program;
  }

  #compile({ backend, parameters, seed }: Engine, graph: Graph): StreamProgram {
    const { memory } = this.#model;
    // Making room must not take the engine itself.
    memory.pin();
    try {
      return withRoom(backend, () => new StreamProgram(backend, graph, parameters, seed, this.batchSize, [this.#sample]));
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

  #checkInput(x: TensorLike | number): ArrayLike<number> {
    let tensor: Tensor;
    if (typeof x === 'number') {
      this.#single[0] = x;
      tensor = { shape: [1], data: this.#single };
    } else tensor = toTensor(x, 'x');
    const { shape, data } = tensor;
    const isFlat = shape.length === 1;
    if (data.length !== this.#inputLength || !(isFlat || (shape.length === 2 && shape[0] === this.batchSize))) {
      const flat = `[${this.#inputLength}]`;
      const expected = this.#sample.length === 1 ? flat : `[${this.batchSize}, ${this.#sample[1]}] or ${flat}`;
      throw new ShapeError(
        `step: x has shape ${formatShape(shape)}, but one step of ${this.batchSize} sequences for layer ${this.#layers[0]?.name} has shape ${expected}`,
      );
    }
    this.#checkValues(tensor, 'x');
    return data;
  }

  #checkOutput(out: unknown): void {
    const length = sizeOf(this.outputShape);
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

/** The graph of a stream's model. @throws {StateError} before the model is built */
function builtGraph({ structure: { graph } }: StreamedModel): Graph {
  if (!graph)
    throw new StateError(
      'stream: the model is not built: fit or predict it with data, or call build with the shape of a batch, such as [null, null, 3] or, for ids, [null, null]',
    );
  return graph;
}

/** The streams of a model that were not garbage collected. */
export class StreamSet {
  readonly #streams = new Set<WeakRef<ModelStream>>();

  add(stream: ModelStream): void {
    for (const reference of this.#streams) if (!reference.deref()) this.#streams.delete(reference);
    this.#streams.add(new WeakRef(stream));
  }

  dispose(): void {
    for (const reference of this.#streams) reference.deref()?.dispose();
    this.#streams.clear();
  }
}
