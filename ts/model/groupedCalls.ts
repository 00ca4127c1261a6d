import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import { typedArrayName } from '../core/tags.ts';
import type { FloatArray, NumericArray, Tensor } from '../core/tensor.ts';
import { type BatchesLike, isBatches } from '../feed/batches.ts';
import { checkInputs, type InputsLike, readInputs } from '../feed/checkData.ts';
import { DataReader } from '../feed/dataReader.ts';
import type { Column, Dataset } from '../feed/dataset.ts';
import { Sequences } from '../feed/givenDataset.ts';
import { Call } from './call.ts';
import type { Session } from './session.ts';
import { alwaysTraining } from './usesInside.ts';
import type { Workers } from './workerOptions.ts';

/** One tensor for each output. */
type Outputs = Tensor<FloatArray>[];

/** Computes the samples of a group. */
export type PredictGroup = (dataset: Dataset) => Promise<Outputs>;

/** A call that waits for its outputs. */
interface WaitingCall {
  readonly dataset: Dataset;
  /** The time until which it waits for other calls. */
  readonly until: number;
  readonly resolve: (outputs: Outputs) => void;
  readonly reject: (reason: unknown) => void;
}

/** The calls of one model whose samples can be computed as one batch. One batch runs at a time. */
class CallGroup {
  readonly #predict: PredictGroup;
  readonly #batchSize: number;
  readonly #waiting: WaitingCall[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running = false;

  constructor(predict: PredictGroup, batchSize: number) {
    this.#predict = predict;
    this.#batchSize = batchSize;
  }

  /** The outputs of a call's samples. */
  add(dataset: Dataset, maxDelay: number): Promise<Outputs> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ dataset, until: performance.now() + maxDelay, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#running || this.#waiting.length === 0) return;
    const rows = this.#waiting.reduce((sum, { dataset }) => sum + dataset.count, 0);
    const until = Math.min(...this.#waiting.map((call) => call.until));
    const left = rows >= this.#batchSize ? 0 : Math.max(until - performance.now(), 0);
    this.#timer = setTimeout(() => this.#run(), left);
  }

  async #run(): Promise<void> {
    this.#timer = null;
    this.#running = true;
    const calls = this.#next();
    try {
      const outputs = await this.#predict(joined(calls.map(({ dataset }) => dataset)));
      let start = 0;
      for (const { dataset, resolve } of calls) {
        const end = start + dataset.count;
        resolve(outputs.map((output) => rowsOf(output, start, end)));
        start = end;
      }
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
    this.#running = false;
    this.#schedule();
  }

  /** The first calls, with as many samples as a batch has, but at least one call. */
  #next(): WaitingCall[] {
    let rows = 0;
    let calls = 0;
    for (const { dataset } of this.#waiting) {
      rows += dataset.count;
      if (calls > 0 && rows > this.#batchSize) break;
      calls++;
    }
    return this.#waiting.splice(0, calls);
  }
}

const groups = new WeakMap<Session, Map<string, WeakRef<CallGroup>>>();

/**
 * `predict` of a model for a call that may wait for others, to be computed in one batch with them.
 * Calls are grouped whose samples have the same shape and whose options are the same.
 * @param maxDelay the milliseconds that it waits at most, besides the time of the previous batch
 * @param predict computes a group
 * @throws {ArgumentError} for a delay that is none, and where samples are not computed by
 *   themselves
 */
export async function predictTogether(
  session: Session,
  x: InputsLike | Sequences | BatchesLike,
  { batchSize, verbose }: { readonly batchSize: number; readonly verbose: unknown },
  workers: Workers | undefined,
  maxDelay: unknown,
  predict: PredictGroup,
): Promise<Outputs> {
  if (typeof maxDelay !== 'number' || !(maxDelay >= 0 && maxDelay < 2 ** 31))
    throw new ArgumentError(`predict: maxDelay must be a number of milliseconds, at least 0 and below 2^31, got ${describe(maxDelay)}`);
  if (verbose !== 0)
    throw new ArgumentError('predict: calls with maxDelay are computed together, so they show no progress: leave out verbose');
  if (x instanceof Sequences || isBatches(x))
    throw new ArgumentError(
      'predict: maxDelay is for arrays of a few samples: leave it out for an iterable or a series, which has its own batches',
    );
  const call = new Call(session);
  try {
    const unread = checkInputs(session.structure, x, 'x');
    const [stateful] = unread.graph.statefulLayers;
    if (stateful)
      throw new ArgumentError(
        `predict: ${stateful.title} is stateful, so its samples cannot be computed with those of other calls: leave out maxDelay`,
      );
    const training = alwaysTraining(unread.graph);
    if (training)
      throw new ArgumentError(
        `predict: ${training.title} is used with training: true, so its outputs depend on the samples of other calls: leave out maxDelay`,
      );
    // A copy, as the user's arrays may change before the group begins.
    const dataset = await readInputs(unread, new DataReader(1));
    session.buildFor(unread.graph);
    const types = dataset.x.map(({ data }) => typedArrayName(data));
    const key = `${dataset.sampleShapes.map(formatShape).join()} ${types.join()} ${batchSize} ${workers}`;
    const known = groups.get(session) ?? new Map<string, WeakRef<CallGroup>>();
    groups.set(session, known);
    const group = known.get(key)?.deref() ?? new CallGroup(predict, batchSize);
    for (const [old, reference] of known) if (!reference.deref()) known.delete(old);
    known.set(key, new WeakRef(group));
    return await group.add(dataset, maxDelay);
  } finally {
    await call.end();
  }
}

/** The samples of several calls, one after the other. */
function joined(datasets: readonly Dataset[]): Dataset {
  const [first] = datasets as readonly [Dataset];
  if (datasets.length === 1) return first;
  const count = datasets.reduce((sum, dataset) => sum + dataset.count, 0);
  const x = first.x.map((column, index): Column => {
    const parts = datasets.map((dataset) => (dataset.x[index] as Column).data);
    const ArrayType = column.data.constructor as new (length: number) => NumericArray;
    const data = new ArrayType(parts.reduce((sum, part) => sum + part.length, 0));
    let next = 0;
    for (const part of parts) {
      data.set(part, next);
      next += part.length;
    }
    return { ...column, data };
  });
  return { ...first, count, x };
}

function rowsOf({ shape, data }: Tensor<FloatArray>, start: number, end: number): Tensor<FloatArray> {
  const row = sizeOf(shape.slice(1));
  return { shape: [end - start, ...shape.slice(1)], data: data.slice(start * row, end * row) };
}
