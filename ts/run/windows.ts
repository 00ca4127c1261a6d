import type { Shape } from '../core/shape.ts';
import { type Dataset, weightedOutputs } from '../feed/dataset.ts';
import type { Window } from '../feed/writeRows.ts';
import type { Layer } from '../layers/layer.ts';
import type { Compilation, OutputCompilation } from '../objective/compilationTypes.ts';
import { BatchStates } from '../program/batchStates.ts';
import { countRows } from './countRows.ts';
import type { BatchProgram, Engine, ProgramKind } from './engine.ts';
import { addPart, clearResults, LOSS, makeResults, readResults, type StepResults } from './meter.ts';
import { writeBatch } from './writeBatch.ts';

/** A window has at least so many steps: shorter ones would spend their time on copies. */
const SHORTEST_WINDOW = 256;

/** The rows of a batch that a program computes. */
export interface BatchPart {
  readonly order: Int32Array;
  readonly start: number;
  readonly rows: number;
  readonly iteration: number;
  readonly firstRow: number;
  readonly totalRows: number;
}

/**
 * Runs batches of long sequences window by window, so that memory does not grow with their length.
 * It computes the same as one program for all steps: every layer cuts its gradients at the borders
 * of the windows, and continues the states of the window before. The gradients of windows are
 * summed, weighted by the rows that their losses count.
 *
 * It is for graphs whose recurrent layers all have `truncate` and whose layers work step by step.
 * With losses the outputs are after the last step only, or there is one output of every step.
 */
export class Windows {
  readonly #engine: Engine;
  readonly #kind: ProgramKind;
  readonly #dataset: Dataset;
  readonly #compilation: Compilation | null;
  readonly #windows: readonly Window[];
  /** For each feed of the graph whether it is a sequence. */
  readonly #sequences: readonly boolean[];
  /** Whether an output has steps, so that each window has a result. */
  readonly #perStep: boolean;
  /** The states that end with a batch. */
  readonly #states = new BatchStates();
  readonly #gradientSum: Float64Array;
  readonly #part: StepResults;

  /** The windows for batches of a data set; null where one program computes all steps. */
  static of(engine: Engine, kind: ProgramKind, dataset: Dataset, compilation: Compilation | null): Windows | null {
    const windows = windowsOf(engine, dataset, compilation);
    return windows && new Windows(engine, kind, dataset, compilation, windows);
  }

  private constructor(engine: Engine, kind: ProgramKind, dataset: Dataset, compilation: Compilation | null, windows: readonly Window[]) {
    this.#engine = engine;
    this.#kind = kind;
    this.#dataset = dataset;
    this.#compilation = compilation;
    this.#windows = windows;
    this.#sequences = engine.graph.feeds.map(({ input }) => engine.timeAxis?.inputs[input] === true);
    this.#perStep = engine.timeAxis?.outputs.includes(true) === true;
    this.#gradientSum = new Float64Array(kind === 'train' && this.#perStep ? engine.parameters.trainableCount : 0);
    this.#part = makeResults(compilation?.metrics ?? []);
  }

  /** Compiles the programs for batches of so many rows. @throws {OutOfMemoryError} */
  prepare(rows: number): void {
    for (const window of this.#windows) this.#program(window, rows);
  }

  /**
   * Computes the gradients and the results of a batch.
   * @returns the program that updates the weights, and the number of rows that the loss counts
   */
  computeGradients(part: BatchPart, results: StepResults): { batchProgram: BatchProgram; counted: number } {
    const sum = this.#gradientSum.fill(0);
    const counted = this.computeResults(part, this.#engine.states, results, (rows) => {
      const gradients = this.#gradients();
      for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] as number) + rows * (gradients[index] as number);
    });
    const gradients = this.#gradients();
    for (let index = 0; index < sum.length; index++) gradients[index] = (sum[index] as number) / (counted || 1);
    return { batchProgram: this.updater(part.rows), counted };
  }

  /**
   * Computes the loss and the metrics of a batch.
   * @param states where stateful layers continue
   * @param take gets the number of rows that the loss of each window counts
   * @returns the number of rows that the loss counts
   */
  computeResults(part: BatchPart, states: BatchStates, results: StepResults, take: (counted: number) => void = () => {}): number {
    const metrics = this.#compilation?.metrics ?? [];
    clearResults(metrics, results);
    let total = 0;
    this.run(part, states, (batchProgram) => {
      const counted = countRows(batchProgram, 0);
      readResults(batchProgram, this.#part);
      if (counted > 0) addPart(metrics, results, this.#part, counted);
      if (counted > 0) take(counted);
      total += counted;
    });
    results[LOSS] = (results[LOSS] as number) / (total || 1);
    return total;
  }

  /**
   * Runs a batch.
   * @param states where stateful layers continue
   * @param take gets each program that has a result after its step, and the window
   */
  run(part: BatchPart, states: BatchStates, take: (batchProgram: BatchProgram, window: Window) => void): void {
    if (this.#states.rows === part.rows) this.#states.reset();
    else this.#states.clear();
    for (const window of this.#windows) {
      const batchProgram = this.#step(window, part, states);
      if (this.#perStep || this.#isLast(window)) take(batchProgram, window);
    }
  }

  /** The program of the last window, which also updates the weights. */
  updater(rows: number): BatchProgram {
    return this.#program(this.#windows[this.#windows.length - 1] as Window, rows);
  }

  #isLast(window: Window): boolean {
    return window === this.#windows[this.#windows.length - 1];
  }

  #step(window: Window, { order, start, rows, iteration, firstRow, totalRows }: BatchPart, states: BatchStates): BatchProgram {
    const batchProgram = this.#program(window, rows);
    const { program } = batchProgram;
    const inputs = this.#sequences.map((isSequence) => (isSequence ? window : null));
    writeBatch(batchProgram, this.#dataset, order, start, { inputs, targets: this.#perStep ? window : null });
    program.setCounter(iteration, firstRow, totalRows, window.first);
    const lasting = batchProgram.states.filter(({ stateful }) => stateful);
    const passing = batchProgram.states.filter(({ stateful }) => !stateful);
    states.load(program, lasting);
    this.#states.load(program, passing);
    program.computeForward();
    program.computeGradients();
    states.store(program, lasting, rows);
    this.#states.store(program, passing, rows);
    return batchProgram;
  }

  #program(window: Window, rows: number): BatchProgram {
    const { timeAxis } = this.#engine;
    const extent = this.#perStep || this.#isLast(window) ? 'window' : 'carry';
    const samples = timeAxis?.samples(window.steps) as readonly Shape[];
    return this.#engine.program(this.#kind, rows, samples, weightedOutputs(this.#dataset), this.#compilation, extent);
  }

  #gradients() {
    const { backend, parameters } = this.#engine;
    return backend.floats(parameters.trainableGradients);
  }
}

/** Whether a loss or a metric needs whole samples, or all rows of a batch at once. */
function needsBatch({ loss, metrics }: OutputCompilation): boolean {
  const losses = [loss, ...metrics.flatMap((metric) => (metric.kind === 'loss' ? [metric.loss] : []))];
  const whole = metrics.some((metric) => metric.kind === 'own' && metric.metric.perSample);
  return whole || losses.some((each) => each.perSample || each.comparesSamples);
}

/** The windows of sequences, of which the first may be shorter; null where there is one. */
function windowsOf(engine: Engine, { sampleShapes, x }: Dataset, compilation: Compilation | null): readonly Window[] | null {
  if (!engine.graph.layers.some(({ gradientSteps }) => gradientSteps !== null && gradientSteps > 0)) return null;
  const { timeAxis } = engine;
  const period = timeAxis?.gradientPeriod;
  if (!timeAxis || !period) return null;
  const size = period * Math.ceil(SHORTEST_WINDOW / period);
  const lengths = new Set(sampleShapes.filter((_, index) => timeAxis.inputs[index]).map(([steps]) => steps as number));
  const [steps] = lengths as unknown as [number];
  if (lengths.size > 1 || steps <= size) return null;
  const perStep = timeAxis.outputs.includes(true);
  if (compilation && perStep && (timeAxis.outputs.length > 1 || compilation.outputs.some(needsBatch))) return null;
  // A penalty on outputs counts all steps alike, and windows count those of the loss.
  if (engine.graph.allLayers.some(({ activityRegularizer }) => activityRegularizer !== null)) return null;
  // Values of three and more axes lie in another order, and layers without steps keep no states
  // from window to window.
  if (x.some(({ order }) => order !== null) || engine.graph.outputs.some(({ shape }) => shape.length > 2)) return null;
  if (engine.graph.nodes.some((node) => (node.layer as Layer).stateful && !timeAxis.nodes.has(node))) return null;
  const windows: Window[] = [];
  for (let end = steps; end > 0; end -= size) windows.unshift({ first: Math.max(end - size, 0), steps: Math.min(size, end) });
  return windows;
}
