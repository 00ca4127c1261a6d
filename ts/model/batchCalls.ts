import { type Logs, noLogs } from '../callbacks/callback.ts';
import type { UnshownRun } from '../callbacks/progress.ts';
import { ArgumentError } from '../core/errors.ts';
import type { FloatArray, Tensor } from '../core/tensor.ts';
import type { Batch, BatchesLike } from '../feed/batches.ts';
import type { Dataset } from '../feed/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import type { OutputOptions } from '../objective/compilationTypes.ts';
import { joinBatches } from '../run/joinRows.ts';
import { evaluateSource, predictDataset } from '../run/run.ts';
import { BatchData } from './batchData.ts';
import { Call } from './call.ts';
import { warnOfCompilation } from './compilationWarnings.ts';
import type { FitChoices } from './fitOptions.ts';
import type { Session } from './session.ts';
import { keptStates } from './statefulBatches.ts';
import { warnOfLoss } from './trainingWarnings.ts';
import type { Workers } from './workerOptions.ts';

// `fit`, `evaluate` and `predict` on iterables of batches.

/** The training batches of a `fit`. Call `data.reader.close()` in the end. */
export interface Training {
  readonly data: BatchData;
  /** The first batch, which `data.reader` gives too. */
  readonly first: Batch;
}

/**
 * Opens the iterable that `fit` trains on, and reads its first batch.
 * @throws {ArgumentError} for an iterator of one pass and several epochs
 * @throws what the iterable throws, and the errors of a batch
 */
export async function openTraining(
  session: Session,
  outputs: readonly OutputOptions[],
  source: BatchesLike,
  { epochs, initialEpoch, stepsPerEpoch, shuffleBuffer, signal, given }: FitChoices,
): Promise<Training> {
  const { classWeight } = given;
  if (classWeight === 'balanced')
    throw new ArgumentError("fit: classWeight 'balanced' needs all targets at once, not an iterable: give the weight of each class");
  const options = {
    argument: 'fit',
    steps: stepsPerEpoch,
    stepsOption: 'stepsPerEpoch',
    shuffleBuffer,
    anew: false,
    seed: session.seed,
    epoch: session.progress.epochsDone,
    signal,
  };
  const data = new BatchData(session, source, options, { outputs, classWeight, kept: session.states.rows });
  try {
    data.reader.requireEpochs(epochs - initialEpoch);
    data.reader.begin(session.progress.epochsDone);
    const first = await data.reader.peek();
    return { data, first };
  } catch (error) {
    await data.reader.close();
    throw error;
  }
}

/** The batches that `fit` validates on. @param graph the graph that they must fit */
export function openValidation(
  session: Session,
  outputs: readonly OutputOptions[],
  source: BatchesLike,
  { epochs, initialEpoch, validationFreq, validationSteps, signal }: FitChoices,
  graph: Graph,
): BatchData {
  const options = {
    argument: 'fit: validationData',
    steps: validationSteps,
    stepsOption: 'validationSteps',
    shuffleBuffer: 1,
    anew: true,
    seed: 0,
    epoch: session.progress.epochsDone,
    signal,
  };
  let number = 0;
  const numbered = (dataset: Dataset) => ({ ...dataset, firstBatch: number++ });
  const data = new BatchData(session, source, options, { outputs, kept: null, numbered }, graph);
  data.reader.requireEpochs(Math.floor(epochs / validationFreq) - Math.floor(initialEpoch / validationFreq));
  return data;
}

/** Opens an iterable for one pass. */
async function openPass(session: Session, source: BatchesLike, label: string, outputs: readonly OutputOptions[] | null) {
  const options = {
    argument: label,
    steps: null,
    stepsOption: '',
    shuffleBuffer: 1,
    anew: false,
    seed: 0,
    epoch: 0,
    signal: null,
  };
  const kept = session.fitting ? null : session.states.rows;
  const numbered = (dataset: Dataset) => session.numbered(dataset, dataset.count);
  const data = new BatchData(session, source, options, { outputs, kept, numbered });
  try {
    await data.reader.peek();
    return data;
  } catch (error) {
    await data.reader.close();
    throw error;
  }
}

/** `evaluate` of a model on an iterable, with options that were checked. */
export async function evaluateIterable(
  session: Session,
  source: BatchesLike,
  run: UnshownRun,
  workers: Workers | undefined,
): Promise<Logs> {
  const { outputs } = session.requireCompiled('evaluate');
  const call = new Call(session);
  let data: BatchData | null = null;
  try {
    data = await openPass(session, source, run.label, outputs);
    const { first, reader } = data;
    session.checkCompiled(first.graph);
    const allocation = call.chooseWorkers(workers, first, { batchSize: first.count, epochs: null }, run.label);
    session.buildFor(first.graph);
    const allocated = await allocation.allocateWorkers();
    warnOfCompilation(session);
    const shown = await call.show({ ...run, batchSize: first.count }, Number.POSITIVE_INFINITY);
    let logs: Logs;
    if (allocated) logs = await allocated.code.evaluateSourceInWorkers(session, reader, allocated);
    else {
      const engine = await call.engine();
      logs = await evaluateSource(engine, session.requireCompilation(), reader, shown.checkpoint, keptStates(session, engine));
    }
    shown.finish(logs);
    await warnOfLoss(session, 'evaluate: the loss', logs);
    return logs;
  } finally {
    await data?.reader.close();
    await call.end();
  }
}

/** `predict` of a model on an iterable, with options that were checked: one tensor an output. */
export async function predictIterable(
  session: Session,
  source: BatchesLike,
  run: UnshownRun,
  workers: Workers | undefined,
): Promise<Tensor<FloatArray>[]> {
  session.requireAlive();
  const call = new Call(session);
  let data: BatchData | null = null;
  try {
    data = await openPass(session, source, run.label, null);
    const { first, reader } = data;
    const allocation = call.chooseWorkers(workers, first, { batchSize: first.count, epochs: null }, run.label);
    session.buildFor(first.graph);
    const allocated = await allocation.allocateWorkers();
    const shown = await call.show({ ...run, batchSize: first.count }, Number.POSITIVE_INFINITY);
    let batches: Tensor<FloatArray>[][] = [];
    if (allocated) batches = await allocated.code.predictSourceInWorkers(session, reader, allocated);
    else {
      const engine = await call.engine();
      const states = keptStates(session, engine);
      for (let batch = await reader.next(); batch !== null; batch = await reader.next())
        batches.push(await predictDataset(engine, batch.dataset, batch.rows, shown.checkpoint, states));
    }
    shown.finish(noLogs());
    return await joinBatches(batches);
  } finally {
    await data?.reader.close();
    await call.end();
  }
}
