import { type CallbackOf, History, type Logs, noLogs } from '../callbacks/callback.ts';
import { CallbackList } from '../callbacks/callbackList.ts';
import type { ModelInTraining } from '../callbacks/modelInTraining.ts';
import { displayOf, type UnshownRun } from '../callbacks/progress.ts';
import { isRunKeeper } from '../callbacks/runKeeper.ts';
import { throwIfAborted } from '../control/checkpoint.ts';
import { allFiniteInTurns } from '../control/finiteInTurns.ts';
import { ArgumentError } from '../core/errors.ts';
import type { FloatArray } from '../core/numericArray.ts';
import type { Tensor } from '../core/tensor.ts';
import { type BatchesLike, isBatches } from '../feed/batches.ts';
import { addTargets, checkInputs, type InputsLike, readInputs, type UnreadInputs, type WeightsLike } from '../feed/checkData.ts';
import { DataReader } from '../feed/dataReader.ts';
import type { Dataset } from '../feed/dataset.ts';
import type { GivenDataset, Sequences } from '../feed/givenDataset.ts';
import type { Loss } from '../objective/loss.ts';
import { modesOf } from '../objective/metrics.ts';
import { type Divergence, stepWarning, weightWarning } from '../run/divergence.ts';
import { EngineTrainer } from '../run/engineTrainer.ts';
import { fitDataset } from '../run/fit.ts';
import { evaluateDataset, predictDataset } from '../run/run.ts';
import { batchEventsOf } from '../run/trainer.ts';
import { trainBatch } from '../run/trainStep.ts';
import type { BatchData } from './batchData.ts';
import { Call } from './call.ts';
import { type CallArguments, callDataOf, hasTargets } from './callData.ts';
import type { Compiled } from './compilation.ts';
import { warnOfCompilation } from './compilationWarnings.ts';
import { BATCH_CALLS, GROUPED_CALLS } from './dataParts.ts';
import { checkEvaluateOptions, type EvaluateOptions, ONE_BATCH, type PredictOptions } from './evaluateOptions.ts';
import { readTrainingData, readValidation } from './fitData.ts';
import { checkFitOptions, type FitOptionsOf } from './fitOptions.ts';
import { KEPT_RUN } from './keptRunPart.ts';
import type { Session } from './session.ts';
import { keptStates, requireBatches, requireOrder } from './statefulBatches.ts';
import { requireUntrained } from './trainingLock.ts';
import { warnOfData, warnOfFrozen, warnOfLoss, warnOfOptions, warnOfResult, warnOfTrainable } from './trainingWarnings.ts';
import type { Workers } from './workerOptions.ts';

/** One tensor for each output. */
type Outputs = Tensor<FloatArray>[];

// Each call checks the shapes of its data, chooses its workers, reads the data, builds the model
// and runs, in this order: nothing has changed when data is refused.

/** `fit` of a model, which has begun. @param model what callbacks get */
export async function fit(session: Session, model: ModelInTraining, given: CallArguments<FitOptionsOf>): Promise<History> {
  const compiled = session.requireCompiled('fit');
  const call = new Call(session);
  const iterables: BatchData[] = [];
  try {
    const found = callDataOf('fit', given);
    const { x, y, options, shuffleSeed } = found instanceof Promise ? await found : found;
    const choices = checkFitOptions(options, isBatches(x));
    const { signal } = choices;
    const { validationData, workers } = choices.given;
    const { outputs } = compiled;
    const training = isBatches(x) ? await (await BATCH_CALLS.load()).openTraining(session, outputs, x, choices) : null;
    if (training) iterables.push(training.data);
    const inputs = training?.data.first ?? checkInputs(session.structure, x as InputsLike | Sequences, 'x');
    const batchSize = training?.first.rows ?? choices.batchSize;
    const { graph } = inputs;
    call.lock(graph.allLayers);
    session.checkCompiled(graph);
    requireOrder(graph, training ? choices.shuffleBuffer > 1 : choices.shuffle);
    const epochs = Math.max(choices.epochs - choices.initialEpoch, 0);
    const allocation = call.chooseWorkers(workers, inputs, { batchSize, epochs }, 'fit', signal);
    const data = training
      ? { dataset: training.first.dataset, validation: null }
      : await readTrainingData(outputs, inputs, y, choices.given, choices.validationSplit, allocation.reader);
    const { dataset } = data;
    let { validation } = data;
    let validating: BatchData | null = null;
    if (isBatches(validationData)) {
      validating = (await BATCH_CALLS.load()).openValidation(session, outputs, validationData, choices, graph);
      iterables.push(validating);
    } else if (validationData != null)
      validation = await readValidation(session.structure, graph, outputs, validationData, allocation.reader);
    throwIfAborted(signal);
    requireBatches(graph, dataset.count, batchSize, session.states.rows, 'fit');
    if (validation) requireBatches(graph, validation.count, choices.validationBatchSize, null, 'fit: the validation data');
    session.buildFor(graph);
    session.trainedSteps = stepsOf(inputs);
    warnOfFrozen(compiled, session);
    warnOfTrainable(compiled, graph.allLayers);
    warnOfOptions(choices, session);
    warnOfData(graph, lossesOf(compiled), dataset, session);
    Object.assign(session.progress, { stopTraining: false, batch: 0, sums: null });
    const keepers = choices.callbacks.filter(isRunKeeper);
    const kept = keepers.length > 0 ? await (await KEPT_RUN.load()).KeptRun.open(keepers, session, choices, dataset.count) : null;
    const initialEpoch = kept?.initialEpoch ?? choices.initialEpoch;
    const history = new History();
    const display = displayOf(choices.given.verbose ?? 'auto');
    const watch: CallbackOf = { onTestEnd: (logs) => warnOfLoss(session, 'fit: the validation loss', logs) };
    const others = choices.callbacks.filter((callback) => !isRunKeeper(callback));
    // The history comes last, as in Keras: it has what callbacks add to the numbers of an epoch.
    const all: CallbackOf[] = [...(display ? [display] : []), watch, ...others, history, ...keepers];
    const callbacks = new CallbackList(all, model, signal);
    const diverged = (step: Divergence) => session.warnOfDivergence(stepWarning('fit', step, compiled.optimizer));
    const metricModes = modesOf(session.requireCompilation().metrics);
    const finish = () => session.takeAverages();
    const sources = { source: training?.data.reader ?? null, validationSource: validating?.reader ?? null };
    const own = { batchSize, dataset, validation, initialEpoch, shuffleSeed };
    const plan = { ...choices, ...own, ...sources, callbacks, diverged, metricModes, finish };
    const allocated = await allocation.allocateWorkers();
    if (allocated && validating && session.stateful)
      throw new ArgumentError(
        'fit: validationData as an iterable cannot be shared by workers, because the model is stateful: give arrays, or workers: 0',
      );
    warnOfCompilation(session);
    if (allocated) await allocated.code.fitInWorkers(session, plan, allocated);
    else {
      const engine = await call.engine();
      const trainer = new EngineTrainer(engine, session.requireCompilation(), session.progress, plan, batchEventsOf(plan));
      await fitDataset(trainer, session.progress, plan);
    }
    const notFinite = await session.memory.firstNotFinite(compiled);
    if (notFinite !== null) session.warnOfDivergence(weightWarning(notFinite, compiled.optimizer));
    await kept?.complete();
    return history;
  } finally {
    // Code that runs in the last turn of the event loop may use the model.
    session.fitting = false;
    for (const { reader } of iterables) await reader.close();
    await call.end();
  }
}

/** `evaluate` of a model. */
export async function evaluate(session: Session, given: CallArguments<EvaluateOptions>): Promise<Logs> {
  const found = callDataOf('evaluate', given);
  const { x, y, options } = found instanceof Promise ? await found : found;
  const run = checkEvaluateOptions(options, 'evaluate');
  return evaluateRun(session, x, y, options.sampleWeight ?? null, run, options.workers);
}

/** `testOnBatch` of a model. */
export async function testOnBatch(session: Session, x: InputsLike, y: InputsLike, sampleWeight: WeightsLike | null): Promise<Logs> {
  return evaluateRun(session, x, y, sampleWeight, { label: 'evaluate', ...ONE_BATCH }, 0);
}

/** `evaluate`, with options that were checked. */
async function evaluateRun(
  session: Session,
  x: InputsLike | Sequences | BatchesLike,
  y: InputsLike | Sequences,
  sampleWeight: WeightsLike | null,
  run: UnshownRun,
  workers: Workers | undefined,
): Promise<Logs> {
  if (isBatches(x)) return (await BATCH_CALLS.load()).evaluateIterable(session, x, run, workers);
  const { outputs } = session.requireCompiled('evaluate');
  const { batchSize } = run;
  const call = new Call(session);
  try {
    const unread = checkInputs(session.structure, x, 'x');
    session.checkCompiled(unread.graph);
    requireBatches(unread.graph, unread.count, batchSize, session.fitting ? null : session.states.rows, run.label);
    const allocation = call.chooseWorkers(workers, unread, { batchSize, epochs: null }, run.label);
    const inputs = await readInputs(unread, allocation.reader);
    const read = await addTargets(inputs, unread.graph, outputs, y, sampleWeight, allocation.reader);
    const dataset = session.numbered(read, batchSize);
    session.buildFor(unread.graph);
    const allocated = await allocation.allocateWorkers();
    warnOfCompilation(session);
    const shown = await call.show(run, dataset.count);
    let logs: Logs;
    if (allocated) logs = await allocated.code.evaluateInWorkers(session, dataset, batchSize, allocated);
    else {
      const engine = await call.engine();
      const states = keptStates(session, engine);
      logs = await evaluateDataset(engine, session.requireCompilation(), dataset, batchSize, shown.checkpoint, states);
    }
    shown.finish(logs);
    await warnOfLoss(session, 'evaluate: the loss', logs);
    return logs;
  } finally {
    await call.end();
  }
}

/** `predict` of a model: one tensor for each output. */
export async function predict(session: Session, x: InputsLike | GivenDataset | BatchesLike, options: PredictOptions): Promise<Outputs> {
  const given: CallArguments<PredictOptions> = hasTargets(x) ? { x, y: options, options: undefined } : { x, y: [], options };
  const found = callDataOf('predict', given);
  const data = found instanceof Promise ? await found : found;
  const run = checkEvaluateOptions(data.options, 'predict');
  const { workers, maxDelay } = data.options;
  return predictRun(session, data.x, run, workers, maxDelay);
}

/** `predictOnBatch` of a model: one tensor for each output. */
export async function predictOnBatch(session: Session, x: InputsLike): Promise<Outputs> {
  return predictRun(session, x, { label: 'predict', ...ONE_BATCH }, 0);
}

/** `predict`, with options that were checked. */
async function predictRun(
  session: Session,
  x: InputsLike | Sequences | BatchesLike,
  run: UnshownRun,
  workers: Workers | undefined,
  maxDelay?: number,
): Promise<Outputs> {
  session.requireAlive();
  if (maxDelay !== undefined) {
    const together = (dataset: Dataset) => predictRead(session, dataset, run, workers);
    return (await GROUPED_CALLS.load()).predictTogether(session, x, run, workers, maxDelay, together);
  }
  if (isBatches(x)) return warnedOf(session, await (await BATCH_CALLS.load()).predictIterable(session, x, run, workers));
  const call = new Call(session);
  try {
    const unread = checkInputs(session.structure, x, 'x');
    requireBatches(unread.graph, unread.count, run.batchSize, session.fitting ? null : session.states.rows, run.label);
    return await outputsOf(session, call, unread, (reader) => readInputs(unread, reader), run, workers);
  } finally {
    await call.end();
  }
}

/** `predict`, with data that was read. */
async function predictRead(session: Session, dataset: Dataset, run: UnshownRun, workers: Workers | undefined): Promise<Outputs> {
  const call = new Call(session);
  try {
    const graph = session.builtGraph('predict');
    return await outputsOf(session, call, { ...dataset, graph }, async () => dataset, run, workers);
  } finally {
    await call.end();
  }
}

/** Chooses the workers of a call of `predict`, reads its data for them, and computes. */
async function outputsOf(
  session: Session,
  call: Call,
  inputs: Omit<UnreadInputs, 'x'>,
  read: (reader: DataReader) => Promise<Dataset>,
  run: UnshownRun,
  workers: Workers | undefined,
): Promise<Outputs> {
  const { graph } = inputs;
  const { batchSize } = run;
  const allocation = call.chooseWorkers(workers, inputs, { batchSize, epochs: null }, run.label);
  const dataset = session.numbered(await read(allocation.reader), batchSize);
  session.buildFor(graph);
  const allocated = await allocation.allocateWorkers();
  const shown = await call.show(run, dataset.count);
  let outputs: Outputs;
  if (allocated) outputs = await allocated.code.predictInWorkers(session, dataset, batchSize, allocated);
  else {
    const engine = await call.engine();
    outputs = await predictDataset(engine, dataset, batchSize, shown.checkpoint, keptStates(session, engine));
  }
  shown.finish(noLogs());
  return warnedOf(session, outputs);
}

/** `trainOnBatch` of a model. */
export async function trainOnBatch(session: Session, x: InputsLike, y: InputsLike, sampleWeight: WeightsLike | null): Promise<Logs> {
  const compiled = session.requireCompiled('trainOnBatch');
  session.requireNoFit('trainOnBatch');
  const call = new Call(session);
  try {
    const reader = new DataReader();
    const unread = checkInputs(session.structure, x, 'x');
    const { graph } = unread;
    session.checkCompiled(graph);
    requireBatches(graph, unread.count, unread.count, session.states.rows, 'trainOnBatch');
    const dataset = await addTargets(await readInputs(unread, reader), graph, compiled.outputs, y, sampleWeight, reader);
    session.buildFor(graph);
    session.trainedSteps = stepsOf(unread);
    const { progress } = session;
    warnOfFrozen(compiled, session);
    warnOfTrainable(compiled, graph.allLayers);
    if (progress.iteration === 0) warnOfData(graph, lossesOf(compiled), dataset, session);
    const engine = await call.engine();
    // Checked again, because `fit` may have begun while long data was read.
    session.requireNoFit('trainOnBatch');
    requireUntrained(graph.allLayers, session, 'trainOnBatch');
    warnOfCompilation(session);
    const logs = trainBatch(engine, session.requireCompilation(), dataset, progress.iteration);
    const iteration = progress.iteration++;
    const { loss } = logs as { loss: number };
    if (!Number.isFinite(loss)) {
      const step = { loss, iteration, first: iteration === 0, changed: null, finiteWeights: engine.isFinite };
      session.warnOfDivergence(stepWarning('trainOnBatch', step, compiled.optimizer));
    }
    return logs;
  } finally {
    await call.end();
  }
}

/** The steps of the samples of the first input; null where they have no such axis. */
function stepsOf({ sampleShapes: [sample = []] }: UnreadInputs): number | null {
  return sample[0] ?? null;
}

/** Warns when outputs are not finite. @returns the outputs */
async function warnedOf(session: Session, outputs: Outputs): Promise<Outputs> {
  for (const { data } of outputs) {
    if (await allFiniteInTurns(() => data)) continue;
    await warnOfResult(session, 'predict: some outputs are not finite');
    break;
  }
  return outputs;
}

function lossesOf({ outputs }: Compiled): readonly Loss[] {
  return outputs.map(({ loss }) => loss);
}
