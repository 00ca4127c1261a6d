import { type Logs, noLogs } from '../callbacks/callback.ts';
import { type Checkpoint, makeCheckpoint, throwIfAborted } from '../control/checkpoint.ts';
import { now } from '../core/clock.ts';
import { joinSeed } from '../core/seed.ts';
import { type Batch, type Batches, DatasetBatches } from '../feed/batches.ts';
import { type Dataset, weightedOutputs } from '../feed/dataset.ts';
import type { Compilation } from '../objective/compilationTypes.ts';
import { changedSample } from './divergence.ts';
import type { Engine } from './engine.ts';
import { epochOrder } from './epochOrder.ts';
import { LOSS, Meter, makeResults, type StepResults } from './meter.ts';
import { evaluateDataset, evaluateSource } from './run.ts';
import type { BatchEvents, EpochPlan, EpochProgress, Trainer } from './trainer.ts';
import { trainStep } from './trainStep.ts';
import { Windows } from './windows.ts';

/** Milliseconds between two calls of `onProgress`: 30 calls a second. */
const PROGRESS_INTERVAL = 1000 / 30;

/** Trains on the engine of this thread. */
export class EngineTrainer implements Trainer {
  protected readonly engine: Engine;
  protected readonly compilation: Compilation;
  protected readonly progress: EpochProgress;
  protected readonly plan: EpochPlan;
  /** How long sequences are trained in windows; null where one program computes all steps. */
  protected readonly windows: Windows | null;
  readonly #events: BatchEvents;
  /**
   * One checkpoint for the whole run, because an epoch may be shorter than the time between two
   * turns.
   */
  readonly #checkpoint: Checkpoint;
  #reported = now();
  #isFirstStep = true;
  /** The batches of the last epoch that was begun. */
  #batches: Batches | null = null;
  /** Whether a step's loss was not finite. */
  #diverged = false;

  constructor(engine: Engine, compilation: Compilation, progress: EpochProgress, plan: EpochPlan, events: BatchEvents) {
    this.engine = engine;
    this.compilation = compilation;
    this.progress = progress;
    this.plan = plan;
    this.windows = Windows.of(engine, 'train', plan.dataset, compilation);
    this.#events = events;
    this.#checkpoint = makeCheckpoint(plan);
  }

  prepare(): void {
    const { dataset, validation, batchSize, validationBatchSize } = this.plan;
    const prepare = (kind: 'train' | 'evaluate', data: Dataset, batch: number) =>
      this.engine.program(kind, batch, data.sampleShapes, weightedOutputs(data), this.compilation);
    for (const batch of batchSizes(dataset.count, batchSize)) {
      if (this.windows) this.windows.prepare(this.rowsOf(batch));
      else prepare('train', dataset, this.rowsOf(batch));
    }
    if (!validation) return;
    const windows = Windows.of(this.engine, 'evaluate', validation, this.compilation);
    for (const batch of batchSizes(validation.count, validationBatchSize)) {
      if (windows) windows.prepare(batch);
      else prepare('evaluate', validation, batch);
    }
  }

  async trainEpoch(): Promise<Logs> {
    const { batchBegin, batchEnd, progress: report } = this.#events;
    const progress = this.progress;
    const batches = await this.batchesLeft();
    const meter = new Meter(this.compilation.metrics, progress.sums);
    progress.sums = meter.sums;
    const results = makeResults(this.compilation.metrics);
    for (;;) {
      const next = batches.next();
      const batch = next instanceof Promise ? await next : next;
      if (batch === null) break;
      const step = progress.batch;
      const pending = this.#checkpoint();
      if (pending) await pending;
      if (progress.stopTraining) break;
      if (batchBegin) {
        await batchBegin(step);
        throwIfAborted(this.plan.signal);
      }
      const stepped = this.step(batch, results);
      if (stepped) await stepped;
      progress.iteration++;
      progress.batch++;
      meter.add(results, batch.rows);
      if (!Number.isFinite(results[LOSS]) && !this.#diverged) await this.#reportDivergence(results[LOSS] as number, batch);
      this.#isFirstStep = false;
      if (batchEnd) await batchEnd(step, meter.logs);
      if (report && now() - this.#reported >= PROGRESS_INTERVAL) {
        await report(step, meter.logs);
        this.#reported = now();
      }
    }
    progress.epochsDone++;
    progress.batch = 0;
    progress.sums = null;
    return meter.logs;
  }

  async validate(): Promise<Logs> {
    const { validation, validationSource, validationBatchSize } = this.plan;
    if (validationSource) {
      validationSource.begin(this.progress.epochsDone);
      return evaluateSource(this.engine, this.compilation, validationSource, this.#checkpoint, undefined, this.#events);
    }
    if (!validation) return noLogs();
    return evaluateDataset(this.engine, this.compilation, validation, validationBatchSize, this.#checkpoint, undefined, this.#events);
  }

  async #reportDivergence(loss: number, { dataset, order, start, rows }: Batch): Promise<void> {
    this.#diverged = true;
    const finiteWeights = this.engine.isFinite;
    const changed = changedSample(this.engine.graph, dataset, order.subarray(start, start + rows));
    await this.#events.diverged?.({ loss, iteration: this.progress.iteration - 1, first: this.#isFirstStep, changed, finiteWeights });
  }

  /** The batches of the epoch that are not done. A run that continues leaves out those that are. */
  protected async batchesLeft(): Promise<Batches> {
    const { batch } = this.progress;
    if (this.#batches && batch > 0) return this.#batches;
    const batches = this.#epochBatches();
    for (let done = 0; done < batch; done++) await batches.next();
    this.#batches = batches;
    return batches;
  }

  /** Begins an epoch: its batches. */
  #epochBatches(): Batches {
    const { dataset, batchSize, source } = this.plan;
    const { epochsDone } = this.progress;
    if (source) {
      source.begin(epochsDone);
      return source;
    }
    const order = epochOrder(dataset.count, this.plan, joinSeed(this.engine.seed), epochsDone);
    return new DatasetBatches(dataset, order, batchSize);
  }

  /** How the sequences of a batch are trained in windows; null where one program computes all. */
  protected windowsOf({ dataset }: Batch): Windows | null {
    return this.plan.source ? Windows.of(this.engine, 'train', dataset, this.compilation) : this.windows;
  }

  /** The number of rows of a batch in a training program of this trainer. */
  protected rowsOf(batch: number): number {
    return batch;
  }

  /** One step on a batch: one update of the weights. */
  protected step(batch: Batch, results: StepResults): void | Promise<void> {
    const { engine, compilation } = this;
    const { dataset, order, start, rows } = batch;
    const run = { engine, compilation, dataset, windows: this.windowsOf(batch) };
    trainStep(run, order, start, rows, this.progress.iteration, results);
  }
}

/**
 * The batch sizes for `count` samples: the full size and that of a smaller last batch; none without
 * samples.
 */
function batchSizes(count: number, batchSize: number): Set<number> {
  const full = Math.min(batchSize, count);
  return new Set(count === 0 ? [] : [full, count % batchSize || full]);
}
