import type { Backend } from '../backend/backend.ts';
import { withRoom } from '../backend/evictableMemory.ts';
import { makeCheckpoint } from '../control/checkpoint.ts';
import { allocateArray } from '../core/allocate.ts';
import { StateError } from '../core/errors.ts';
import { withJSON } from '../core/jsonTensor.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { checkOptions } from '../core/options.ts';
import { formatShape, positiveInteger, type Shape, sizeOf } from '../core/shape.ts';
import type { Tensor } from '../core/tensor.ts';
import { checkInputs, type InputsLike, readInputs } from '../feed/checkData.ts';
import { DataReader } from '../feed/dataReader.ts';
import { type Column, type Dataset, stepOrder } from '../feed/dataset.ts';
import { readRows, writeRows } from '../feed/writeRows.ts';
import { Emission } from '../graph/emission.ts';
import { emitGraph } from '../graph/emitGraph.ts';
import type { Graph } from '../graph/graph.ts';
import type { Structure } from '../graph/structure.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { SampleShape } from '../layers/spec.ts';
import { BatchStates, type ProgramState } from '../program/batchStates.ts';
import { Parameters } from '../program/parameters.ts';
import type { Program } from '../program/program.ts';
import { ProgramBuilder } from '../program/programBuilder.ts';
import { StepMemory } from '../program/stepMemory.ts';
import type { Metadata } from './metadata.ts';
import type { ModelState } from './modelState.ts';
import { takeIntegers } from './quantisedWeights.ts';
import { givenInput } from './rawInput.ts';
import { structureOf } from './restoreStructure.ts';
import { requireWeights } from './savedArrays.ts';

/** Programs that are kept, each for a batch shape. */
const KEPT_PROGRAMS = 8;

/** The form of an input. */
export interface InferenceInput {
  readonly name: string;
  /** Whether it takes texts, which the model's own layers split and look up. */
  readonly isText: boolean;
  /** Whether it takes integers from 0 alone. */
  readonly isIds: boolean;
  /**
   * The shape of a sample, before the layers that prepare the data; null where the length is free.
   */
  readonly shape: SampleShape;
}

/** The result of `predict`: a tensor, or several as the outputs were given to `new Model`. */
export type InferencePrediction = Tensor<FloatArray> | Tensor<FloatArray>[] | Readonly<Record<string, Tensor<FloatArray>>>;

/** Options of `predict`. */
export interface InferenceOptions {
  /** Samples that are computed at once. Default 32. */
  batchSize?: number;
}

interface PredictProgram {
  readonly program: Program;
  readonly inputs: readonly PlannedBuffer[];
  readonly outputs: readonly PlannedBuffer[];
  readonly states: readonly ProgramState[];
}

/**
 * A trained model that only predicts: it has no optimizer, loss or worker. It computes on the
 * caller's thread, with the same results as `predict` of the saved model there.
 */
export class InferenceModel {
  readonly name: string;
  /** The metadata that was saved with the model. */
  readonly metadata: Metadata;
  readonly #structure: Structure;
  readonly #graph: Graph;
  readonly #backend: Backend;
  /** Memory that programs share within their steps. */
  readonly #stepMemory: StepMemory;
  readonly #seed: ModelState['seed'];
  readonly #parameters: Parameters;
  readonly #programs = new Map<string, PredictProgram>();
  #batches = 0;
  #disposed = false;

  /**
   * Called by `loadModel` of `backtime/training`.
   * @throws {FormatError} when the weights do not fit the layers, or a custom class is not
   *   registered
   * @throws {StateError} when the model was not built before it was saved
   * @throws {OutOfMemoryError} when the weights do not fit in memory
   */
  constructor(state: ModelState, backend: Backend) {
    this.name = state.name;
    this.metadata = state.metadata ?? {};
    this.#seed = state.seed;
    this.#backend = backend;
    this.#stepMemory = new StepMemory(backend);
    this.#structure = structureOf(state);
    const { graph } = this.#structure;
    if (!graph) throw new StateError(`model ${state.name} was not built before it was saved: give its first layer an input shape`);
    this.#graph = graph;
    requireWeights(state, graph);
    const values = new Map(state.weights.map(({ name, data }) => [name, data]));
    for (const weight of graph.weights) {
      const data = values.get(graph.pathOf(weight));
      if (data) weight.write(data);
    }
    takeIntegers(graph, state.quantised ?? []);
    this.#parameters = new Parameters(backend, graph.weights, [], state.seed);
    this.#parameters.pin();
  }

  /** The inputs, in their order. */
  get inputs(): readonly InferenceInput[] {
    const { inputs, inputNames, feeds } = this.#graph;
    return inputs.map((input, index) => {
      const name = inputNames[index] as string;
      const layers = this.#structure.preprocessing[index] ?? [];
      const [first] = layers;
      if (!first)
        return { name, isText: false, isIds: feeds.some((feed) => feed.input === index && feed.kind === 'ids'), shape: input.shape };
      const raw = givenInput(input, layers);
      // The other layers take fractions or numbers below 0, whatever they make of them.
      return { name, isText: raw.dtype === 'string', isIds: first.className === 'CategoryEncoding', shape: raw.shape };
    });
  }

  /** The names of the outputs, in their order. */
  get outputNames(): readonly string[] {
    return this.#graph.outputNames;
  }

  /**
   * Computes the outputs for every sample, `[N, …]`. Layers with `stateful: true` begin with zeros
   * in each call.
   * @param x the samples: an array or a tensor; texts for a model that takes them; for several
   *   inputs an array of these, or an object by their names
   * @throws {ShapeError} when the samples have another shape than the model takes
   * @throws {DataError} for a value that the model cannot take
   * @throws {ArgumentError} for an unknown option, or when an input is missing
   * @throws {OutOfMemoryError} when a batch does not fit in memory
   * @throws {StateError} after `dispose`
   */
  async predict(x: InputsLike, options: InferenceOptions = {}): Promise<InferencePrediction> {
    this.#requireAlive();
    checkOptions(options, ['batchSize'], 'predict');
    const batchSize = positiveInteger(options.batchSize ?? 32, 'predict: batchSize');
    const dataset = await readInputs(checkInputs(this.#structure, x, 'x'), new DataReader());
    const outputs = await this.#compute(dataset, batchSize);
    for (const output of outputs) withJSON(output);
    const names = this.#graph.names.outputs;
    if (names) return Object.fromEntries(names.map((name, index) => [name, outputs[index] as Tensor<FloatArray>]));
    return outputs.length > 1 ? outputs : (outputs[0] as Tensor<FloatArray>);
  }

  /** Frees the memory. The model cannot be used afterwards. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#releasePrograms();
    this.#parameters.unpin();
    this.#parameters.dispose(() => false);
  }

  async #compute({ count, sampleShapes, x }: Dataset, batchSize: number): Promise<Tensor<FloatArray>[]> {
    const shapes = this.#graph.outputShapesFor(sampleShapes);
    // First, because a program that does not fit has the clearer error.
    this.#program(Math.min(batchSize, count), sampleShapes);
    const ArrayType = this.#backend.floatBytes === 8 ? Float64Array : Float32Array;
    const columns = shapes.map((shape) => ({
      data: allocateArray<FloatArray>(ArrayType, [count, ...shape], 'predict: the outputs'),
      steps: sizeOf(shape.slice(0, -1)),
      features: shape[shape.length - 1] as number,
      order: stepOrder(shape.slice(0, -1)),
    }));
    const order = Int32Array.from({ length: count }, (_, index) => index);
    const states = new BatchStates();
    const checkpoint = makeCheckpoint();
    for (let start = 0; start < count; start += batchSize) {
      const rows = Math.min(batchSize, count - start);
      const { program, inputs, outputs, states: own } = this.#program(rows, sampleShapes);
      for (const [index, input] of inputs.entries())
        writeRows(input.kind === 'int' ? program.ints(input) : program.floats(input), x[index] as Column, order, start, rows);
      // Negative numbers, which batches of training do not have.
      program.setCounter(-1 - this.#batches++, 0, rows);
      states.load(program, own);
      program.step();
      states.store(program, own, rows);
      for (const [index, output] of outputs.entries())
        readRows(program.floats(output), columns[index] as (typeof columns)[number], start, rows, null);
      const pending = checkpoint();
      if (pending) await pending;
      this.#requireAlive();
    }
    return columns.map(({ data }, index) => ({ shape: [count, ...(shapes[index] as Shape)], data }));
  }

  /** The program for a batch shape. A new one is built. @throws {OutOfMemoryError} */
  #program(batch: number, samples: readonly Shape[]): PredictProgram {
    const key = `${batch} ${samples.map(formatShape).join()}`;
    const known = this.#programs.get(key);
    if (known) return known;
    for (const [oldest, { program }] of this.#programs) {
      if (this.#programs.size < KEPT_PROGRAMS) break;
      program.dispose();
      this.#programs.delete(oldest);
    }
    const made = withRoom(
      this.#backend,
      () => this.#build(batch, samples),
      () => this.#releasePrograms(),
    );
    this.#programs.set(key, made);
    return made;
  }

  #build(batch: number, samples: readonly Shape[]): PredictProgram {
    const builder = new ProgramBuilder(this.#backend, {
      batch,
      seed: this.#seed,
      parameters: this.#parameters,
      stepMemory: this.#stepMemory,
    });
    const emission = new Emission(builder, { keeps: false, drops: false });
    const { inputs, outputs } = emitGraph(this.#graph, emission, samples);
    // They are read after the step, so their memory may not be used again within it.
    const kept = outputs.map((output) => builder.keep(emission.floatsOf(output)));
    const shapes = samples.map((sample) => formatShape([batch, ...sample])).join(', ');
    return {
      program: builder.build(`a program to predict on batches of shape ${shapes}`),
      inputs,
      outputs: kept,
      states: emission.states,
    };
  }

  /** @returns whether there were any */
  #releasePrograms(): boolean {
    const had = this.#programs.size > 0;
    for (const { program } of this.#programs.values()) program.dispose();
    this.#programs.clear();
    return had;
  }

  #requireAlive(): void {
    if (this.#disposed) throw new StateError(`model ${this.name} was disposed`);
  }
}
