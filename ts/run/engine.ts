import type { Backend } from '../backend/backend.ts';
import { withRoom } from '../backend/evictableMemory.ts';
import { BacktimeError } from '../core/errors.ts';
import { allFinite } from '../core/finite.ts';
import type { SeedWords } from '../core/seed.ts';
import { formatShape, type Shape } from '../core/shape.ts';
import { Emission } from '../graph/emission.ts';
import { emitGraph } from '../graph/emitGraph.ts';
import type { Graph } from '../graph/graph.ts';
import { TimeAxis } from '../graph/timeAxis.ts';
import type { Layer } from '../layers/layer.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import { emitPenalty } from '../layers/regularizers.ts';
import type { Node } from '../layers/symbolicTensor.ts';
import type { Weight } from '../layers/weight.ts';
import type { WeightRule } from '../layers/weightRules.ts';
import type { Compilation, OutputCompilation } from '../objective/compilationTypes.ts';
import { type EmittedObjective, type EmittedTargets, emitObjective, emitTargets } from '../objective/objective.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { BatchStates, type ProgramState } from '../program/batchStates.ts';
import { Parameters, type TrainingMemory } from '../program/parameters.ts';
import type { Program } from '../program/program.ts';
import { ProgramBuilder } from '../program/programBuilder.ts';
import { StepMemory } from '../program/stepMemory.ts';
import { WeightChanges } from '../program/weightChanges.ts';
import { emitUpdate } from './emitUpdate.ts';
import { ProgramPool } from './programPool.ts';
import { type Part, partOf, type Replica } from './replica.ts';

/** The purpose of a program. */
export type ProgramKind = 'train' | 'evaluate' | 'predict';

/**
 * The part of a batch that a program computes: all of it, a window of its steps, or only the states
 * at the end of a window.
 */
export type ProgramExtent = 'whole' | 'window' | 'carry';

/** A program with the buffers of its data and its results. */
export interface BatchProgram {
  readonly program: Program;
  readonly batch: number;
  /** One for each feed of the graph. */
  readonly inputs: readonly PlannedBuffer[];
  /** One for each output, unless the program predicts. */
  readonly objectives: readonly EmittedObjective[];
  /** `[2]` each: the first element is a penalty that is added to the loss. */
  readonly penalties: readonly PlannedBuffer[];
  /** The outputs, sequences time-major; empty unless the program predicts. */
  readonly outputs: readonly PlannedBuffer[];
  /** The optimizer's numbers of a step; present when the program trains. */
  readonly settings: PlannedBuffer | null;
  /** The states that stateful layers keep from batch to batch. */
  readonly states: readonly ProgramState[];
  /**
   * In a replica and in a window, the mask of the rows of each output: their rows are counted by
   * it. Otherwise empty.
   */
  readonly masks: readonly (PlannedBuffer | null)[];
}

/**
 * Number of programs kept for reuse: for the full batch, the smaller last batch and the validation,
 * each for a few lengths.
 */
const CACHED_PROGRAMS = 16;

/** Floats of a cache line. Two replicas never write to the same cache line. */
export const CACHE_LINE = 16;

/** A built graph on a backend: its weights, and a program for each batch shape so far. */
export class Engine {
  readonly backend: Backend;
  readonly graph: Graph;
  readonly parameters: Parameters;
  readonly seed: SeedWords;
  readonly memory: EngineMemory;
  /** Notes what programs of training do to the weights. */
  readonly changes: WeightChanges;
  /** The states of stateful layers outside of validation. */
  readonly states: BatchStates;
  readonly #replica: Replica | null;
  #timeAxis: TimeAxis | null | undefined;
  /** Keys of the programs that the present run has used: they are kept. */
  readonly #needed = new Set<string>();

  /**
   * @param trained the layers whose weights the optimizer updates
   * @param replica with several workers: the replica, whose programs update only its part of the
   *   parameters
   * @param states the states of stateful layers
   * @throws {OutOfMemoryError} when the weights do not fit in memory
   * @throws {StateError} when another backend uses a layer
   */
  constructor(
    backend: Backend,
    graph: Graph,
    seed: SeedWords,
    trained: ReadonlySet<Layer>,
    replica: Replica | null = null,
    states: BatchStates = new BatchStates(),
  ) {
    this.backend = backend;
    this.graph = graph;
    this.seed = seed;
    // A single worker sums nothing, so its normalizers would not be written.
    this.#replica = replica && replica.size > 1 ? replica : null;
    this.states = states;
    this.parameters = new Parameters(backend, graph.weights, graph.weightsOf(trained), seed);
    this.memory = new EngineMemory(this.parameters.training, new StepMemory(backend));
    this.changes = new WeightChanges(graph.weights);
  }

  /**
   * The program for a batch shape. A new one is built.
   * @throws {OutOfMemoryError} naming the batch shape; nothing has changed then
   */
  program(
    kind: ProgramKind,
    batch: number,
    samples: readonly Shape[],
    weighted: readonly boolean[],
    compilation: Compilation | null,
    extent: ProgramExtent = 'whole',
  ): BatchProgram {
    if (kind === 'train') this.changes.note();
    const { programs } = this.memory;
    const key = `${kind} ${extent} ${batch} ${samples.map(formatShape).join()} ${weighted.join()}`;
    this.#needed.add(key);
    const cached = programs.get(key);
    if (cached) {
      // Inserted again, so that the map is in the order of last use.
      programs.delete(key);
      programs.set(key, cached);
      return cached;
    }
    for (const [oldest, { program }] of programs) {
      if (programs.size < CACHED_PROGRAMS) break;
      program.dispose();
      programs.delete(oldest);
    }
    const batchProgram = this.buildWithRoom(() => this.#build(kind, batch, samples, weighted, compilation, extent));
    programs.set(key, batchProgram);
    return batchProgram;
  }

  /**
   * Builds a program. If memory is short, unused programs are freed, but not the weights.
   * @throws {OutOfMemoryError} when it does not fit in memory
   */
  buildWithRoom<T>(build: () => T): T {
    this.parameters.pin();
    try {
      return withRoom(this.backend, build, () => this.#releasePrograms());
    } finally {
      this.parameters.unpin();
    }
  }

  /** The steps of the graph; null when it cannot be run in windows of steps. */
  get timeAxis(): TimeAxis | null {
    if (this.#timeAxis === undefined) this.#timeAxis = this.#findTimeAxis();
    return this.#timeAxis;
  }

  #findTimeAxis(): TimeAxis | null {
    try {
      return new TimeAxis(this.graph, 'fit');
    } catch (error) {
      if (error instanceof BacktimeError) return null;
      throw error;
    }
  }

  /** Begins a run: if memory is short, programs of earlier runs are freed. */
  startRun(): void {
    this.#needed.clear();
  }

  /** The part of the trainable parameters that this engine's programs update. */
  get updatedPart(): Part {
    const { trainableCount } = this.parameters;
    return this.#replica ? partOf(trainableCount, this.#replica, CACHE_LINE) : { start: 0, end: trainableCount };
  }

  /** Whether the trainable weights are finite. */
  get isFinite(): boolean {
    return this.parameters.runs.every(({ values }) => allFinite(this.backend.floats(values)));
  }

  #build(
    kind: ProgramKind,
    batch: number,
    samples: readonly Shape[],
    weighted: readonly boolean[],
    compilation: Compilation | null,
    extent: ProgramExtent,
  ): BatchProgram {
    const training = kind === 'train' && extent !== 'carry';
    const sequences = extent === 'whole' ? null : this.timeAxis;
    if (training && compilation) this.parameters.prepareTraining(compilation.optimizer.keptSlots.length);
    const builder = new ProgramBuilder(this.backend, {
      batch,
      seed: this.seed,
      isReplica: this.#replica !== null,
      isWindow: sequences !== null,
      parameters: this.parameters,
      // A replica waits for others within its steps, and windows of a batch alternate.
      stepMemory: this.#replica || sequences ? null : this.memory.step,
    });
    const emission = new Emission(builder, { keeps: training, drops: kind === 'train' });
    // In a window every layer continues the window before.
    const states = (node: Node, name: string, length: number, stateful: boolean) =>
      emission.keptState(node, name, length, stateful, sequences?.nodes.has(node));
    const shapes = samples.map((sample) => formatShape([batch, ...sample])).join(', ');
    const purpose = `a program to ${kind} on batches of shape ${shapes}`;
    if (kind === 'predict' || extent === 'carry' || !compilation) {
      const { inputs, outputs } = emitGraph(this.graph, emission, samples, { states });
      // They are read after the step, so their memory may not be used again within it.
      const kept = extent === 'carry' ? [] : outputs.map((output) => builder.keep(emission.floatsOf(output)));
      const base = { batch, inputs, objectives: [], penalties: [], outputs: kept, settings: null, states: emission.states, masks: [] };
      return { program: builder.build(purpose), ...base };
    }
    const { outputs: compilations, optimizer } = compilation;
    const scoresWanted = compilations.map(({ loss }) => (loss.fromLogits ? null : loss.activation));
    const { inputs, outputs } = emitGraph(this.graph, emission, samples, { scoresWanted, states });
    // A loss of whole samples counts them all.
    const countsAll = (index: number) => compilations[index]?.loss.perSample === true;
    const targets = outputs.map((output, index) => emitTargets(emission, output, (compilations[index] as OutputCompilation).loss));
    const masks =
      this.#replica || sequences ? targets.map(({ mask }, index) => (mask && !countsAll(index) ? builder.keep(mask) : null)) : [];
    // No single factor for a replica's gradients is right for outputs that count different rows,
    // nor for a loss that counts rows and a penalty that counts samples. Layers that sum over
    // replicas need the weight of each before the rows are counted.
    const countsSamples = masks.length > 1 || emission.penalized.length > 0 || builder.sumsOverReplicas;
    const normalized = training && countsSamples && masks.some((mask) => mask !== null);
    if (normalized) builder.startLosses();
    const objectives = outputs.map((output, index) =>
      emitObjective(emission, output, targets[index] as EmittedTargets, compilations[index] as OutputCompilation, {
        weighted: weighted[index] ?? false,
        normalized,
      }),
    );
    const penalties = this.#emitPenalties(emission);
    let settings: PlannedBuffer | null = null;
    if (training) {
      emission.tape.emitBackward();
      settings = builder.persistent('settings', 'float', optimizer.writtenLength);
      const slots = optimizer.keptSlots.map((name, index) => builder.external(name, this.parameters.slot(index)));
      this.emitUpdate(builder, optimizer, settings, slots, (weight) => builder.gradient(weight).firstCall >= 0);
    }
    return {
      program: builder.build(purpose),
      batch,
      inputs,
      objectives,
      penalties,
      outputs: [],
      settings,
      states: emission.states,
      masks,
    };
  }

  /**
   * Frees the programs that the present run has not used.
   * @returns whether there were any
   */
  #releasePrograms(): boolean {
    const { programs, pool } = this.memory;
    const before = programs.size + pool.size;
    for (const [key, { program }] of programs) {
      if (this.#needed.has(key)) continue;
      program.dispose();
      programs.delete(key);
    }
    pool.trim(0);
    return programs.size + pool.size < before;
  }

  /** Emits the penalties on outputs of layers and on trained weights. @returns their results */
  #emitPenalties(emission: Emission): PlannedBuffer[] {
    const { builder, tape, keeps } = emission;
    const ofOutputs = emission.penalized.flatMap(({ regularizer, output }) =>
      emitPenalty(builder, regularizer, emission.floatsOf(output), builder.batch, (emit) =>
        keeps ? tape.begin(output, emit) : emit(null),
      ),
    );
    const ofWeights = this.#rules.flatMap(([weight, { regularizer }]) =>
      regularizer
        ? emitPenalty(builder, regularizer, builder.weight(weight), 1, (emit) => (keeps ? tape.beginAtWeight(weight, emit) : emit(null)))
        : [],
    );
    return [...ofOutputs, ...ofWeights];
  }

  /** The rules of the weights that the optimizer updates. */
  get #rules(): [Weight, WeightRule][] {
    return this.graph.allLayers.flatMap(({ rules }) => [...rules]).filter(([weight]) => this.parameters.isTrainable(weight));
  }

  /**
   * Appends the clipping, the update of the weights from their gradients, and their constraints.
   * @param reached whether a gradient reaches a weight; the others have no update and no constraint
   */
  emitUpdate(
    builder: ProgramBuilder,
    optimizer: Optimizer,
    settings: PlannedBuffer,
    slots: readonly PlannedBuffer[],
    reached: (weight: Weight) => boolean,
  ): void {
    emitUpdate(builder, this, optimizer, settings, slots, reached);
    builder.startConstraints();
    for (const [weight, { constraint }] of this.#rules) if (reached(weight)) constraint?.emit(builder, weight);
  }
}

/**
 * The memory that an engine has beside the weights: programs, gradients and slots. It holds no
 * reference to the engine, its layers or their model, so those can be garbage collected.
 */
export class EngineMemory {
  readonly programs = new Map<string, BatchProgram>();
  readonly pool = new ProgramPool();
  readonly training: TrainingMemory;
  /** Memory that programs share within their steps. */
  readonly step: StepMemory;

  constructor(training: TrainingMemory, step: StepMemory) {
    this.training = training;
    this.step = step;
  }

  get bytes(): number {
    let bytes = this.training.bytes + this.pool.bytes + this.step.bytes;
    for (const { program } of this.programs.values()) bytes += program.ownBytes;
    return bytes;
  }

  /** Frees all of it. */
  dispose(): void {
    for (const { program } of this.programs.values()) program.dispose();
    this.programs.clear();
    this.pool.dispose();
    this.training.free();
  }
}
