import { transfer } from 'comlink';
import { invariant } from '../core/invariant.ts';
import { canShareMemory, type SharedAllocation } from '../core/sharedMemory.ts';
import type { BatchSource } from '../feed/batches.ts';
import type { Session } from '../model/session.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Divergence } from '../run/divergence.ts';
import type { FitPlan } from '../run/fit.ts';
import { type BatchEvents, batchEventsOf } from '../run/trainer.ts';
import { BatchDelivery } from './batchDelivery.ts';
import type { BatchReport, Directions, PostedBatch, PostedPlan, RunEvents } from './commands.ts';
import type { LearningRates } from './learningRates.ts';
import { ofOwnRealm } from './ownRealm.ts';
import { SharedDelivery } from './sharedDelivery.ts';

/**
 * The caller's side of a run: calls callbacks when a worker reports, and answers with what the
 * callbacks and the user asked for.
 */
export class CallerEvents implements RunEvents {
  readonly #model: Session;
  readonly #plan: FitPlan;
  /** The functions of the callbacks. */
  readonly callbacks: BatchEvents;
  /** Gives workers the batches that they ask for; null for data that the workers have. */
  readonly #delivery: BatchDelivery | SharedDelivery | null;
  /** The number of the first step of the epoch. */
  #firstIteration = 0;
  #failure: { readonly error: unknown } | null = null;
  #rateSent: Optimizer['learningRate'] | null = null;
  /** The report of a batch whose callbacks wait for the weights. */
  #held: BatchReport | null = null;

  /**
   * @param source the batches that the workers ask for; null for data that they have
   * @param memory the shared memory of the run
   */
  constructor(model: Session, plan: FitPlan, workers: number, source: BatchSource | null, memory: SharedAllocation) {
    this.#model = model;
    this.#plan = plan;
    this.callbacks = batchEventsOf(plan);
    if (source === null) this.#delivery = null;
    else if (workers === 1 || !canShareMemory()) this.#delivery = new BatchDelivery(source, workers);
    else this.#delivery = new SharedDelivery(source, workers, memory, (index) => this.#ratesWith(index));
  }

  /** Begins an epoch. @param iteration the number of its first step */
  beginEpoch(iteration: number): void {
    this.#firstIteration = iteration;
    this.#delivery?.begin(this.#model.progress.epochsDone);
  }

  /** How one more worker gets the batches. */
  openDelivery(): PostedPlan['delivery'] {
    return this.#delivery instanceof SharedDelivery ? this.#delivery.open() : this.#delivery && 'calls';
  }

  /** Ends the delivery. @param haveFinished whether no worker uses the batches any more */
  closeDelivery(haveFinished: boolean): void {
    if (this.#delivery instanceof SharedDelivery) this.#delivery.close(haveFinished);
  }

  async nextBatch(rank: number, index: number): Promise<PostedBatch | null> {
    invariant(this.#delivery instanceof BatchDelivery, 'batches are sent by calls');
    const part = await this.#delivery.part(rank, index);
    return part && transfer({ ...part, rates: rank === 0 ? this.#ratesWith(index) : null }, [...part.dataset.transfer]);
  }

  /** The events of each batch that a worker reports, and waits for the answer. */
  get eachBatch(): PostedPlan['eachBatch'] {
    const { batchBegin, batchEnd } = this.callbacks;
    return { begin: batchBegin !== null, end: batchEnd !== null };
  }

  batchBegin(report: BatchReport): Promise<Directions> {
    return this.#report('batchBegin', report);
  }

  async batchEnd(report: BatchReport): Promise<Directions> {
    try {
      if (this.#plan.callbacks.needsWeights(report.batch)) {
        this.#held = report;
        return { end: 'weights', rates: null };
      }
    } catch (error) {
      this.#failure ??= { error };
      return { end: 'abort', rates: null };
    }
    return this.#report('batchEnd', report);
  }

  /**
   * Calls the callbacks of the batch that waited for the weights.
   * @throws the error of a callback
   */
  async endHeldBatch(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    if (held) await this.#report('batchEnd', held);
    this.throwFailure();
  }

  progress(report: BatchReport): Promise<Directions> {
    return this.#report('progress', report);
  }

  async diverged(divergence: Divergence): Promise<Directions> {
    try {
      this.#plan.diverged(divergence);
    } catch (error) {
      this.#failure ??= { error };
      return { end: 'abort', rates: null };
    }
    return { end: null, rates: null };
  }

  /**
   * Throws the error of a callback, of the handler of warnings or of a batch, if one has failed
   * since the last call.
   */
  throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure.error;
    this.#delivery?.throwFailure();
  }

  /**
   * The learning rates of the next steps: the user's number, or the results of the user's function
   * up to the first one that is not a rate. If callbacks may change the rate after every batch, it
   * has only the rate of the next step.
   */
  ratesFrom(iteration: number, steps: number): LearningRates {
    const optimizer = this.#optimizer;
    const { learningRate } = optimizer;
    this.#rateSent = learningRate;
    const rates: number[] = [];
    try {
      if (typeof learningRate === 'number') return optimizer.learningRateAt(optimizer.updatesAfter(iteration));
      const { begin, end } = this.eachBatch;
      for (let step = 0; step < (begin || end ? 1 : steps); step++)
        rates.push(optimizer.learningRateAt(optimizer.updatesAfter(iteration + step)));
    } catch {
      // Computed again, and then thrown, when the step that needs it comes.
    }
    return Float64Array.from(rates);
  }

  /** The learning rates that come with a batch; null for none. */
  #ratesWith(index: number): LearningRates | null {
    const { begin, end } = this.eachBatch;
    // A number is the rate of the whole epoch, and the reports of batches bring the next rate.
    const comes = index > 0 && !begin && !end && typeof this.#optimizer.learningRate === 'function';
    return comes ? this.ratesFrom(this.#firstIteration + index, 1) : null;
  }

  async #report(event: 'batchBegin' | 'batchEnd' | 'progress', report: BatchReport): Promise<Directions> {
    const { batch, logs, iteration } = ofOwnRealm(report);
    const { progress } = this.#model;
    progress.iteration = iteration;
    try {
      if (this.#failure) return { end: 'abort', rates: null };
      await this.callbacks[event]?.(batch, logs);
    } catch (error) {
      this.#failure = { error };
      return { end: 'abort', rates: null };
    }
    // The signal also sends a message, but that may arrive after the next step has begun.
    if (this.#plan.signal?.aborted) return { end: 'abort', rates: null };
    return { end: progress.stopTraining ? 'stop' : null, rates: this.#newRates(event, iteration) };
  }

  #newRates(event: 'batchBegin' | 'batchEnd' | 'progress', iteration: number): LearningRates | null {
    const { learningRate } = this.#optimizer;
    // The worker does not wait for the answer to a report of progress, so the answer may arrive at
    // any step: only a number is valid for all steps.
    if (event === 'progress' && (typeof learningRate !== 'number' || learningRate === this.#rateSent)) return null;
    return this.ratesFrom(iteration, 1);
  }

  get #optimizer(): Optimizer {
    const { compilation } = this.#model;
    invariant(compilation, 'a model that trains is compiled');
    return compilation.optimizer;
  }
}
