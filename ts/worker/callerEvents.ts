import type { FitPlan } from '../training/fit.ts';
import type { Optimizer } from '../training/optimizers/optimizer.ts';
import { type BatchEvents, batchEventsOf } from '../training/trainer.ts';
import type { WorkedModel } from '../training/workerDoor.ts';
import type { BatchReport, Directions, LearningRates, RunEvents } from './commands.ts';

/** The caller's end of a run: calls callbacks when a worker reports, and answers with what they and the user want. */
export class CallerEvents implements RunEvents {
  readonly #model: WorkedModel;
  readonly #plan: FitPlan;
  readonly #callbacks: BatchEvents;
  #failure: { readonly error: unknown } | null = null;
  #rateSent: Optimizer['learningRate'] | null = null;

  constructor(model: WorkedModel, plan: FitPlan) {
    this.#model = model;
    this.#plan = plan;
    this.#callbacks = batchEventsOf(plan.callbacks, model.progress.model, plan.signal);
  }

  /** Whether a callback wants to hear of every batch. */
  get eachBatch(): boolean {
    return this.#callbacks.batchEnd !== null;
  }

  batchEnd(report: BatchReport): Promise<Directions> {
    return this.#report('batchEnd', report);
  }

  progress(report: BatchReport): Promise<Directions> {
    return this.#report('progress', report);
  }

  /** @throws what a callback has thrown since */
  throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure.error;
  }

  /**
   * The learning rates of steps to come: the user's number, or what the user's function gives, up to the first it has none
   * for. When callbacks may change it after every batch, only the next one.
   */
  ratesFrom(iteration: number, steps: number): LearningRates {
    const optimizer = this.#optimizer;
    const { learningRate } = optimizer;
    this.#rateSent = learningRate;
    const rates: number[] = [];
    try {
      if (typeof learningRate === 'number') return optimizer.learningRateAt(iteration);
      for (let step = 0; step < (this.eachBatch ? 1 : steps); step++) rates.push(optimizer.learningRateAt(iteration + step));
    } catch {
      // It is asked for again, and then throws, when the step comes that needs it.
    }
    return Float64Array.from(rates);
  }

  async #report(event: keyof BatchEvents, { batch, logs, iteration }: BatchReport): Promise<Directions> {
    const { progress } = this.#model;
    progress.iteration = iteration;
    try {
      if (this.#failure) return { end: 'abort', rates: null };
      await this.#callbacks[event]?.(batch, logs);
    } catch (error) {
      this.#failure = { error };
      return { end: 'abort', rates: null };
    }
    // Not left to the message that the signal sends too: that may come after the next step has begun.
    if (this.#plan.signal?.aborted) return { end: 'abort', rates: null };
    return { end: progress.stopTraining ? 'stop' : null, rates: this.#newRates(event, iteration) };
  }

  #newRates(event: keyof BatchEvents, iteration: number): LearningRates | null {
    const { learningRate } = this.#optimizer;
    // Progress is answered while the worker goes on, so only a number can be right for whatever step it has come to.
    if (event === 'progress' && (typeof learningRate === 'function' || learningRate === this.#rateSent)) return null;
    return this.ratesFrom(iteration, 1);
  }

  get #optimizer(): Optimizer {
    const { compilation } = this.#model;
    if (!compilation) throw new Error('a model that trains is compiled');
    return compilation.optimizer;
  }
}
