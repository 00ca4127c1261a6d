import type { Logs } from '../training/callback.ts';
import { EngineTrainer } from '../training/engineTrainer.ts';
import type { RestoredModel } from '../training/restoredModel.ts';
import type { BatchEvents, EpochProgress } from '../training/trainer.ts';
import { TrainingControl } from '../training/trainingControl.ts';
import type { BatchReport, Directions, EpochCommand, EpochReport, Interruption, LearningRates, PostedPlan, RunEvents } from './commands.ts';

/** Ends an epoch between two steps, for a reason that the caller knows. */
class EpochEnd extends Error {
  readonly end: EpochReport['end'];

  constructor(end: EpochReport['end']) {
    super(`the epoch is ${end}`);
    this.end = end;
  }
}

/** A training run in a worker: the loop of one thread, which reports to the caller and heeds its directions. */
export class TrainingRun {
  readonly #model: RestoredModel;
  readonly #trainer: EngineTrainer;
  readonly #progress: EpochProgress = { stopTraining: false, iteration: 0, epochsDone: 0 };
  readonly #abort = new AbortController();
  readonly #control = new TrainingControl();
  readonly #events: RunEvents;
  #rates: LearningRates = 0;
  /** The iteration of the first of the rates. */
  #ratesStart = 0;
  /** The last report of progress that was not answered yet. */
  #unanswered: Promise<void> | null = null;
  #logs: Logs = {};

  constructor(model: RestoredModel, plan: PostedPlan, events: RunEvents) {
    const { compilation, engine } = model;
    if (!compilation) throw new Error('a model that trains is compiled');
    this.#model = model;
    this.#events = events;
    compilation.optimizer.learningRate = (iteration) => this.#rateAt(iteration);
    const controls = { signal: this.#abort.signal, control: this.#control };
    this.#trainer = new EngineTrainer(engine, compilation, this.#progress, { ...plan, ...controls }, this.#relay(plan));
  }

  prepare(): void {
    this.#trainer.prepare();
  }

  async trainEpoch({ iteration, epochsDone, rates, weights }: EpochCommand): Promise<EpochReport> {
    this.#progress.stopTraining = false;
    this.#progress.iteration = iteration;
    this.#progress.epochsDone = epochsDone;
    this.#setRates(rates, iteration);
    if (weights) this.#model.writeWeights(weights);
    this.#logs = {};
    let end: EpochReport['end'] = 'whole';
    try {
      this.#logs = await this.#trainer.trainEpoch();
    } catch (error) {
      if (error === this.#abort.signal.reason) end = 'stopped';
      else if (error instanceof EpochEnd) end = error.end;
      else throw error;
    }
    await this.#unanswered;
    const { iteration: reached } = this.#progress;
    return { end, iteration: reached, logs: this.#logs, weights: this.#model.readWeights(), slots: this.#model.readSlots() };
  }

  validate(): Promise<Logs> {
    return this.#trainer.validate();
  }

  interrupt(interruption: Interruption): void {
    if (interruption === 'pause') this.#control.pause();
    else if (interruption === 'resume') this.#control.resume();
    else this.#abort.abort();
  }

  /** Carries events to the caller: batches one by one, progress without waiting for the answer. */
  #relay({ eachBatch, progress }: PostedPlan): BatchEvents {
    const report = (batch: number, logs: Logs): BatchReport => ({ batch, logs, iteration: this.#progress.iteration });
    return {
      batchEnd: eachBatch ? async (batch, logs) => this.#heed(await this.#events.batchEnd(report(batch, logs))) : null,
      progress: progress
        ? async (batch, logs) => {
            this.#unanswered ??= this.#events
              .progress(report(batch, logs))
              .then((directions) => this.#heed(directions))
              .finally(() => {
                this.#unanswered = null;
              });
          }
        : null,
    };
  }

  #heed({ end, rates }: Directions): void {
    if (rates !== null) this.#setRates(rates, this.#progress.iteration);
    if (end === 'stop') this.#progress.stopTraining = true;
    if (end === 'abort') this.#abort.abort();
  }

  #setRates(rates: LearningRates, iteration: number): void {
    this.#rates = rates;
    this.#ratesStart = iteration;
  }

  #rateAt(iteration: number): number {
    if (typeof this.#rates === 'number') return this.#rates;
    const rate = this.#rates[iteration - this.#ratesStart];
    if (rate === undefined) throw new EpochEnd('rateless');
    return rate;
  }
}
