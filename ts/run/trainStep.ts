import type { Logs } from '../callbacks/callback.ts';
import { type Dataset, weightedOutputs } from '../feed/dataset.ts';
import type { Compilation } from '../objective/compilationTypes.ts';
import type { BatchProgram, Engine } from './engine.ts';
import { Meter, makeResults, readResults, type StepResults } from './meter.ts';
import { Windows } from './windows.ts';
import { inOrder, writeBatch } from './writeBatch.ts';

/** The run that training steps belong to. */
export interface StepRun {
  readonly engine: Engine;
  readonly compilation: Compilation;
  readonly dataset: Dataset;
  /** How long sequences are trained in windows; null where one program computes all steps. */
  readonly windows: Windows | null;
}

/**
 * Runs one training step on the rows from `start` of `order`: one update of the weights.
 * @param results get the loss and the metrics before the update
 */
export function trainStep(
  { engine, compilation, dataset, windows }: StepRun,
  order: Int32Array,
  start: number,
  batch: number,
  iteration: number,
  results: StepResults,
): void {
  const { optimizer } = compilation;
  const updates = optimizer.updatesAt(iteration);
  const writeSettings = ({ program, settings }: BatchProgram) => {
    if (settings) optimizer.writeBatch(program.floats(settings), iteration);
  };
  if (windows) {
    const part = { order, start, rows: batch, iteration, firstRow: 0, totalRows: batch };
    const { batchProgram } = windows.computeGradients(part, results);
    writeSettings(batchProgram);
    batchProgram.program.applyUpdate(updates);
    batchProgram.program.applyConstraints();
    return;
  }
  const batchProgram = engine.program('train', batch, dataset.sampleShapes, weightedOutputs(dataset), compilation);
  const { program, states } = batchProgram;
  writeBatch(batchProgram, dataset, order, start);
  program.setCounter(iteration, 0, batch);
  writeSettings(batchProgram);
  engine.states.load(program, states);
  program.step(updates);
  engine.states.store(program, states, batch);
  readResults(batchProgram, results);
}

/**
 * Runs one training step on a whole data set.
 * @returns the loss and the metrics before the update
 */
export function trainBatch(engine: Engine, compilation: Compilation, dataset: Dataset, iteration: number): Logs {
  const { count } = dataset;
  const meter = new Meter(compilation.metrics);
  const results = makeResults(compilation.metrics);
  const windows = Windows.of(engine, 'train', dataset, compilation);
  trainStep({ engine, compilation, dataset, windows }, inOrder(count), 0, count, iteration, results);
  meter.add(results, count);
  return meter.logs;
}
