import type { Logs } from '../callbacks/callback.ts';
import { InternalError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import type { Batch } from '../feed/batches.ts';
import { weightedOutputs } from '../feed/dataset.ts';
import type { Session } from '../model/session.ts';
import type { Program } from '../program/program.ts';
import { countRows } from '../run/countRows.ts';
import type { BatchProgram } from '../run/engine.ts';
import { EngineTrainer } from '../run/engineTrainer.ts';
import { addPart, clearResults, makeResults, readResults, type StepResults } from '../run/meter.ts';
import { partOf } from '../run/replica.ts';
import type { BatchEvents, EpochPlan, EpochProgress } from '../run/trainer.ts';
import type { Windows } from '../run/windows.ts';
import { writeBatch } from '../run/writeBatch.ts';
import { CountedRows } from './countedRows.ts';
import { type Exchange, factors, RESULTS, type StepCommand } from './exchange.ts';
import { ReplicaSums } from './replicaSums.ts';

/**
 * Trains a copy of the model on a part of every batch. The first replica runs the loop and commands
 * each step of the others. Gradients are summed, weighted by the rows that count, and each replica
 * updates its part of the parameters.
 */
export class ReplicaTrainer extends EngineTrainer {
  readonly #exchange: Exchange;
  readonly #command: StepCommand = { go: false, learningRate: 0 };
  /** This replica's results: the weight of its gradients, then the results of its step. */
  readonly #own: Float64Array;
  readonly #all: Float64Array;
  /** The results in `all`, by rank. */
  readonly #parts: readonly StepResults[];
  readonly #step: StepResults;
  readonly #counted: CountedRows;
  readonly #sums: ReplicaSums;
  /** The program of a step whose weights still need their constraints applied. */
  #updated: Program | null = null;

  constructor(model: Session, progress: EpochProgress, plan: EpochPlan, events: BatchEvents, exchange: Exchange) {
    const { engine, compilation } = model;
    invariant(compilation, 'a model that trains is compiled');
    super(engine, compilation, progress, plan, events);
    this.#exchange = exchange;
    this.#step = makeResults(compilation.metrics);
    this.#counted = new CountedRows(compilation.outputs.length, exchange);
    this.#sums = new ReplicaSums(exchange);
    this.#own = new Float64Array(RESULTS.step + this.#step.length);
    const stride = this.#own.length;
    this.#all = new Float64Array(exchange.size * stride);
    this.#parts = Array.from({ length: exchange.size }, (_, rank) => this.#all.subarray(rank * stride + RESULTS.step, (rank + 1) * stride));
  }

  /**
   * On the first replica: ends the epoch of the others and collects their parts of the optimizer's
   * slots.
   */
  async finishEpoch(): Promise<void> {
    this.#command.go = false;
    await this.#shareParameters();
    await this.#gatherSlots();
  }

  /** On the other replicas: runs steps as long as the first replica commands them. */
  async follow(): Promise<void> {
    const { progress } = this;
    const batches = await this.batchesLeft();
    for (;;) {
      await this.#shareParameters();
      if (!this.#command.go) break;
      this.compilation.optimizer.learningRate = this.#command.learningRate;
      const batch = await batches.next();
      invariant(batch !== null, 'the first replica commands steps that have a batch');
      await this.#run(batch);
      progress.iteration++;
    }
    await this.#gatherSlots();
  }

  override validate(): Promise<Logs> {
    throw new InternalError('replicas evaluate batches of their own');
  }

  protected override rowsOf(batch: number): number {
    const { start, end } = partOf(batch, this.#exchange);
    // A replica without rows also needs a program, to update its part.
    return Math.max(end - start, 1);
  }

  protected override async step(batch: Batch, results: StepResults): Promise<void> {
    // Before the command, because the others must not begin a step without a rate.
    const { optimizer } = this.compilation;
    this.#command.learningRate = optimizer.learningRateAt(optimizer.updatesAfter(this.progress.iteration));
    this.#command.go = true;
    await this.#shareParameters();
    await this.#run(batch);
    this.#combine(results);
  }

  async #run(batch: Batch): Promise<void> {
    const { engine, compilation, progress } = this;
    const { optimizer } = compilation;
    this.#own[RESULTS.weight] = 0;
    const windows = this.windowsOf(batch);
    const computed = windows ? this.#computeWindows(windows, batch) : this.#compute(batch);
    const { program, settings } = computed instanceof Promise ? await computed : computed;
    const { backend, parameters } = engine;
    const summed = this.#exchange.reduceGradients(
      () => backend.floats(parameters.trainableGradients),
      this.#own,
      this.#all,
      optimizer.clipsByNorm,
    );
    if (summed) await summed;
    if (settings) optimizer.writeBatch(program.floats(settings), progress.iteration);
    program.applyUpdate(optimizer.updatesAt(progress.iteration));
    this.#updated = program;
  }

  /**
   * Computes the gradients and results of this replica's part of a batch.
   * @returns the program that updates the weights
   */
  async #compute({ dataset, order, start, rows: batch }: Batch): Promise<BatchProgram> {
    const { engine, compilation, progress } = this;
    const part = partOf(batch, this.#exchange);
    const batchProgram = engine.program('train', this.rowsOf(batch), dataset.sampleShapes, weightedOutputs(dataset), compilation);
    const { program, states } = batchProgram;
    const rows = part.end - part.start;
    const normalized = batchProgram.objectives[0]?.normalizer != null;
    if (rows > 0) {
      writeBatch(batchProgram, dataset, order, start + part.start);
      program.setCounter(progress.iteration, part.start, batch);
      engine.states.load(program, states);
    }
    this.#sums.begin(rows / batch);
    if (program.sums) await program.computeSummed('forward', this.#sums.sum);
    else if (rows > 0) program.computeForward();
    if (normalized) {
      const shared = this.#counted.writeNormalizers(batchProgram, rows, batch);
      if (shared) await shared;
    }
    // A replica without rows computes too, because all replicas sum moments: so moving averages are
    // the same in all.
    if (program.sums) await program.computeSummed('gradients', this.#sums.sum);
    else if (rows > 0) program.computeGradients();
    if (rows > 0) {
      engine.states.store(program, states, batchProgram.batch);
      readResults(batchProgram, this.#step);
      this.#note(normalized ? rows : countRows(batchProgram, 0));
    }
    return batchProgram;
  }

  /** The same, window by window. */
  #computeWindows(windows: Windows, { order, start, rows: batch }: Batch): BatchProgram {
    const part = partOf(batch, this.#exchange);
    const rows = part.end - part.start;
    if (rows === 0) return windows.updater(this.rowsOf(batch));
    const { iteration } = this.progress;
    const place = { order, start: start + part.start, rows, iteration, firstRow: part.start, totalRows: batch };
    const { batchProgram, counted } = windows.computeGradients(place, this.#step);
    this.#note(counted);
    return batchProgram;
  }

  /** Stores the results of a step and the number of rows that it counts. */
  #note(rows: number): void {
    this.#own[RESULTS.weight] = rows;
    this.#own.set(this.#step, RESULTS.step);
  }

  /** Computes the results of the whole batch from the results of its parts. */
  #combine(results: StepResults): void {
    const shares = factors(this.#all, this.#exchange.size);
    const { metrics } = this.compilation;
    clearResults(metrics, results);
    for (const [rank, part] of this.#parts.entries()) {
      // A part without counted rows adds nothing; its results may be of an earlier step.
      if (this.#all[rank * this.#own.length + RESULTS.weight] !== 0) addPart(metrics, results, part, shares[rank] as number);
    }
  }

  async #shareParameters(): Promise<void> {
    const { backend, parameters } = this.engine;
    const shared = this.#exchange.shareParameters(() => backend.floats(parameters.trainableValues), this.#command);
    if (shared) await shared;
    this.#updated?.applyConstraints();
    this.#updated = null;
  }

  async #gatherSlots(): Promise<void> {
    const { backend, parameters } = this.engine;
    for (const index of this.compilation.optimizer.keptSlots.keys()) {
      const gathered = this.#exchange.gatherParts(() => backend.floats(parameters.slot(index)));
      if (gathered) await gathered;
    }
  }
}
