import { describe } from '../core/describe.ts';
import { ArgumentError, BacktimeError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import type { SharedAllocation } from '../core/sharedMemory.ts';
import type { Batch, BatchesLike } from '../feed/batches.ts';
import { addTargets, checkInputs, type InputsLike, readInputs, type UnreadInputs, type WeightsLike } from '../feed/checkData.ts';
import { weighClasses } from '../feed/classWeight.ts';
import { DataReader } from '../feed/dataReader.ts';
import type { Dataset } from '../feed/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { OutputOptions } from '../objective/compilationTypes.ts';
import { BatchReader, type BatchReaderOptions } from '../run/batchReader.ts';
import { inOrder } from '../run/writeBatch.ts';
import type { Session } from './session.ts';
import { requireBatches } from './statefulBatches.ts';

/** How the batches of an iterable are used. */
export interface BatchUse {
  /** The losses of the outputs, for the targets; null for `predict`, which ignores targets. */
  readonly outputs: readonly OutputOptions[] | null;
  /** The weights of classes, of `fit`. */
  readonly classWeight?: unknown;
  /** Number of sequences whose states layers keep; null for none. */
  readonly kept: number | null;
  /** Gives each batch its number among those that were evaluated and predicted. */
  readonly numbered?: (dataset: Dataset) => Dataset;
}

/** The batches of an iterable, which are checked one by one, each before its step. */
export class BatchData {
  readonly reader: BatchReader;
  readonly #session: Session;
  readonly #what: string;
  readonly #use: BatchUse;
  readonly #signal: AbortSignal | null;
  /** The graph that batches must fit; null before the first batch. */
  #graph: Graph | null;
  /** Samples of a batch, which is the same for all batches of stateful layers. */
  #rows: number | null;
  #first: UnreadInputs | null = null;
  /** The order of the last batch, and of those before it with as many rows. */
  #order = inOrder(0);

  /**
   * @param graph the graph that batches must fit; null: the first batch determines it
   * @throws the errors of `BatchReader`
   */
  constructor(session: Session, source: BatchesLike, options: BatchReaderOptions, use: BatchUse, graph: Graph | null = null) {
    this.#session = session;
    this.#what = options.argument;
    this.#use = use;
    this.#graph = graph;
    this.#rows = use.kept;
    this.#signal = options.signal;
    this.reader = new BatchReader(source, options, (item, number, memory) => this.#read(item, number, memory));
  }

  /** The inputs of the first batch, whose shapes show what the model is built for. */
  get first(): UnreadInputs {
    invariant(this.#first, 'the first batch has not been read');
    return this.#first;
  }

  async #read(item: unknown, number: number, memory: SharedAllocation | null): Promise<Batch> {
    const argument = `${this.#what}: batch ${number}`;
    const [x, y, weight] = partsOf(item, argument, this.#use.outputs !== null);
    try {
      const unread = checkInputs(this.#session.structure, x, 'x', this.#graph);
      this.#graph ??= unread.graph;
      this.#first ??= unread;
      const { graph, count } = unread;
      requireBatches(graph, count, count, this.#rows, 'an iterable');
      this.#rows ??= count;
      const dataset = await this.#dataset(unread, graph, y, weight, memory);
      if (this.#order.length !== count) this.#order = inOrder(count);
      return { dataset: this.#use.numbered?.(dataset) ?? dataset, order: this.#order, start: 0, rows: count, memory };
    } catch (error) {
      throw named(error, argument);
    }
  }

  async #dataset(
    unread: UnreadInputs,
    graph: Graph,
    y: InputsLike | null,
    weight: WeightsLike | null,
    memory: SharedAllocation | null,
  ): Promise<Dataset> {
    const { outputs, classWeight } = this.#use;
    // Copies, as for a worker: an iterable may use its arrays again for the next batch, which is
    // read before the step.
    const reader = new DataReader(memory ? 2 : 1, memory, this.#signal);
    const inputs = await readInputs(unread, reader);
    if (outputs === null) return inputs;
    const dataset = await addTargets(inputs, graph, outputs, y as InputsLike, weight, reader);
    if (classWeight == null) return dataset;
    if (weight !== null) throw new ArgumentError('fit takes weights of samples or classWeight, got both');
    if (outputs.length > 1) throw new ArgumentError('fit: classWeight is for models of one output: give the weights of samples');
    const classes = (graph.outputs[0] as SymbolicTensor).shape.at(-1) as number;
    return weighClasses(dataset, (outputs as readonly [OutputOptions])[0].loss, classes, classWeight, reader);
  }
}

/** An item's samples, targets and weights. @throws {ArgumentError} */
function partsOf(item: unknown, argument: string, needsTargets: boolean): [InputsLike, InputsLike | null, WeightsLike | null] {
  // `predict` also takes the samples by themselves, where they are no nested array.
  if (!needsTargets && !Array.isArray(item)) return [item as InputsLike, null, null];
  const least = needsTargets ? 2 : 1;
  if (!Array.isArray(item) || item.length < least || item.length > 3 || (needsTargets && item[1] == null))
    throw new ArgumentError(`${argument} must be [x, y] or [x, y, sampleWeight]${needsTargets ? '' : ' or [x]'}, got ${describe(item)}`);
  const [x, y = null, weight = null] = item as [InputsLike, InputsLike?, WeightsLike?];
  return [x, y, weight];
}

/** The error, with the number of its batch. */
function named(error: unknown, argument: string): unknown {
  if (!(error instanceof BacktimeError)) return error;
  const OfClass = error.constructor as new (message: string, options: ErrorOptions) => BacktimeError;
  return new OfClass(`${argument}: ${error.message}`, { cause: error });
}
