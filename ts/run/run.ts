import type { Logs } from '../callbacks/callback.ts';
import { type Checkpoint, makeCheckpoint } from '../control/checkpoint.ts';
import { allocateArray } from '../core/allocate.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { type Shape, sizeOf } from '../core/shape.ts';
import type { Tensor } from '../core/tensor.ts';
import type { BatchSource } from '../feed/batches.ts';
import { type Column, type Dataset, stepOrder, weightedOutputs } from '../feed/dataset.ts';
import { readRows, type Window } from '../feed/writeRows.ts';
import type { Compilation } from '../objective/compilationTypes.ts';
import { BatchStates } from '../program/batchStates.ts';
import type { BatchProgram, Engine } from './engine.ts';
import { Meter, makeResults, readResults, type StepResults } from './meter.ts';
import type { TestEvents } from './trainer.ts';
import { type BatchPart, Windows } from './windows.ts';
import { inOrder, writeBatch } from './writeBatch.ts';

/** The rows of a batch, for windows. */
function partOfBatch(order: Int32Array, start: number, rows: number, number: number): BatchPart {
  return { order, start, rows, iteration: iterationOf(number), firstRow: 0, totalRows: rows };
}

/**
 * The number of a batch outside of training, in place of a training step: negative numbers, which
 * training does not have.
 */
function iterationOf(number: number): number {
  return -1 - number;
}

/**
 * Runs a program that updates no weights.
 * @param number the number of the batch, for layers that draw outside of training
 */
function runBatch({ program, states: own, batch }: BatchProgram, states: BatchStates, number: number): void {
  program.setCounter(iterationOf(number), 0, batch);
  states.load(program, own);
  program.step();
  states.store(program, own, batch);
}

/**
 * Computes loss and metrics over a data set, without an update.
 * @param states where stateful layers continue. Default: zeros
 */
export async function evaluateDataset(
  engine: Engine,
  compilation: Compilation,
  dataset: Dataset,
  batchSize: number,
  checkpoint: Checkpoint = makeCheckpoint(),
  states: BatchStates = new BatchStates(),
  events: TestEvents | null = null,
): Promise<Logs> {
  const meter = new Meter(compilation.metrics);
  const { testBegin = null, testEnd = null } = events ?? {};
  let number = 0;
  const take = (results: StepResults, batch: number) => {
    meter.add(results, batch);
    return testEnd?.(number++, meter.logs);
  };
  await evaluateBatches(engine, compilation, dataset, batchSize, checkpoint, take, states, testBegin);
  return meter.logs;
}

/** Computes loss and metrics over batches that come one after the other, without an update. */
export async function evaluateSource(
  engine: Engine,
  compilation: Compilation,
  source: BatchSource,
  checkpoint: Checkpoint,
  states: BatchStates = new BatchStates(),
  events: TestEvents | null = null,
): Promise<Logs> {
  const meter = new Meter(compilation.metrics);
  const { testBegin = null, testEnd = null } = events ?? {};
  for (let number = 0; ; number++) {
    const batch = await source.next();
    if (batch === null) return meter.logs;
    if (testBegin) await testBegin(number);
    const take = (results: StepResults, rows: number) => {
      meter.add(results, rows);
      return testEnd?.(number, meter.logs);
    };
    await evaluateBatches(engine, compilation, batch.dataset, batch.rows, checkpoint, take, states);
  }
}

/**
 * Computes the results of every batch of a data set, in order. `take` must copy them.
 * @param begin called before each batch
 */
export async function evaluateBatches(
  engine: Engine,
  compilation: Compilation,
  dataset: Dataset,
  batchSize: number,
  checkpoint: Checkpoint,
  take: (results: StepResults, batch: number) => void | Promise<void>,
  states: BatchStates = new BatchStates(),
  begin: TestEvents['testBegin'] = null,
): Promise<void> {
  const order = inOrder(dataset.count);
  const results = makeResults(compilation.metrics);
  const windows = Windows.of(engine, 'evaluate', dataset, compilation);
  for (let start = 0; start < dataset.count; start += batchSize) {
    const batch = Math.min(batchSize, dataset.count - start);
    if (begin) await begin(start / batchSize);
    const number = (dataset.firstBatch ?? 0) + start / batchSize;
    if (windows) windows.computeResults(partOfBatch(order, start, batch, number), states, results);
    else {
      const batchProgram = engine.program('evaluate', batch, dataset.sampleShapes, weightedOutputs(dataset), compilation);
      writeBatch(batchProgram, dataset, order, start);
      runBatch(batchProgram, states, number);
      readResults(batchProgram, results);
    }
    const taken = take(results, batch);
    if (taken) await taken;
    const pending = checkpoint();
    if (pending) await pending;
  }
}

/** A column of floats. */
export type FloatColumn = Column & { readonly data: FloatArray };

/** Where the floats of samples of this shape are in a program. */
export function layoutOf(sample: Shape): Omit<Column, 'data'> {
  const axes = sample.slice(0, -1);
  return { steps: sizeOf(axes), features: sample[sample.length - 1] as number, order: stepOrder(axes) };
}

/**
 * Zeros for the rows of a program's floats.
 * @param shape of one sample
 * @param what the purpose, for the error message
 * @throws {OutOfMemoryError} when they do not fit in memory
 */
export function outputColumn({ backend }: Engine, count: number, shape: Shape, what: string): FloatColumn {
  const ArrayType = backend.floatBytes === 8 ? Float64Array : Float32Array;
  return { ...layoutOf(shape), data: allocateArray<FloatArray>(ArrayType, [count, ...shape], what) };
}

/**
 * Computes the outputs for every sample, batch-major `[N, …]`: one tensor for each output of the
 * model.
 * @param states where stateful layers continue. Default: zeros
 */
export async function predictDataset(
  engine: Engine,
  dataset: Dataset,
  batchSize: number,
  checkpoint: Checkpoint = makeCheckpoint(),
  states: BatchStates = new BatchStates(),
): Promise<Tensor<FloatArray>[]> {
  const { count, sampleShapes } = dataset;
  const shapes = engine.graph.outputShapesFor(sampleShapes);
  // Built before the array of results is allocated, because a program that does not fit has the
  // clearer error.
  const windows = Windows.of(engine, 'predict', dataset, null);
  if (windows) windows.prepare(Math.min(batchSize, count));
  else engine.program('predict', Math.min(batchSize, count), sampleShapes, [], null);
  const columns = shapes.map((shape) => outputColumn(engine, count, shape, 'predict: the outputs'));
  const order = inOrder(count);
  for (let start = 0; start < count; start += batchSize) {
    const batch = Math.min(batchSize, count - start);
    const number = (dataset.firstBatch ?? 0) + start / batchSize;
    const read = ({ program, outputs }: BatchProgram, window: Window | null) => {
      for (const [index, output] of outputs.entries()) {
        const column = columns[index] as FloatColumn;
        const isSequence = engine.timeAxis?.outputs[index] === true;
        readRows(program.floats(output), column, start, batch, isSequence ? window : null);
      }
    };
    if (windows) windows.run(partOfBatch(order, start, batch, number), states, read);
    else {
      const batchProgram = engine.program('predict', batch, sampleShapes, [], null);
      writeBatch(batchProgram, dataset, order, start);
      runBatch(batchProgram, states, number);
      read(batchProgram, null);
    }
    const pending = checkpoint();
    if (pending) await pending;
  }
  return columns.map(({ data }, index) => ({ shape: [count, ...(shapes[index] as readonly number[])], data }));
}
