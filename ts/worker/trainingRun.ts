import { type Logs, noLogs } from '../callbacks/callback.ts';
import { type Checkpoint, makeCheckpoint } from '../control/checkpoint.ts';
import { TrainingControl } from '../control/trainingControl.ts';
import { invariant } from '../core/invariant.ts';
import type { Session } from '../model/session.ts';
import { type StateRows, sliceStates } from '../program/batchStates.ts';
import { EngineTrainer } from '../run/engineTrainer.ts';
import { partOf, type Replica } from '../run/replica.ts';
import type { BatchEvents, EpochProgress } from '../run/trainer.ts';
import type { BatchReport, Directions, EpochCommand, EpochReport, Interruption, PostedPlan, RunEvents } from './commands.ts';
import { DeliveredBatches } from './deliveredBatches.ts';
import { evaluateResults } from './evaluateResults.ts';
import type { Exchange } from './exchange.ts';
import type { LearningRates } from './learningRates.ts';
import { MessageExchange } from './messageExchange.ts';
import { openExchange } from './openExchange.ts';
import { RemoteBatches } from './remoteBatches.ts';
import { ReplicaTrainer } from './replicaTrainer.ts';

/** Ends an epoch between two steps. The caller knows the reason. */
class EpochEnd extends Error {
  readonly end: EpochReport['end'];

  constructor(end: EpochReport['end']) {
    super(`the epoch is ${end}`);
    this.end = end;
  }
}

/**
 * A training run in a worker: the loop of one thread, which reports to the caller and follows its
 * directions.
 */
export class TrainingRun {
  readonly #model: Session;
  readonly #replica: Replica;
  readonly #plan: PostedPlan;
  readonly #trainer: EngineTrainer | ReplicaTrainer;
  readonly #exchange: Exchange | null;
  /** The batches of an iterable; null where the run has all data. */
  readonly #source: RemoteBatches | DeliveredBatches | null = null;
  readonly #checkpoint: Checkpoint;
  readonly #progress: EpochProgress;
  readonly #abort = new AbortController();
  readonly #control = new TrainingControl();
  #rates: LearningRates = 0;
  /** The iteration of the first of the rates. */
  #ratesStart = 0;
  /** The last report of progress without an answer. */
  #unanswered: Promise<void> | null = null;
  #logs = noLogs();

  constructor(model: Session, replica: Replica, plan: PostedPlan, events: RunEvents | null) {
    const { compilation, engine } = model;
    invariant(compilation, 'a model that trains is compiled');
    this.#model = model;
    this.#progress = model.progress;
    // The first replica sends the rate of each step to the others.
    if (replica.rank === 0) compilation.optimizer.learningRate = () => this.#rateAt(this.#progress.iteration);
    this.#replica = replica;
    this.#plan = plan;
    const controls = { signal: this.#abort.signal, control: this.#control };
    this.#checkpoint = makeCheckpoint(controls);
    // The first replica sends the rate of each step to the others.
    const onRates = (rates: LearningRates) => this.#setRates(rates, this.#progress.iteration);
    const { delivery } = plan;
    if (delivery === 'calls' && events) this.#source = new RemoteBatches(events, replica.rank, onRates);
    else if (delivery !== null && delivery !== 'calls') this.#source = new DeliveredBatches(delivery, replica.rank, onRates);
    const epochs = { ...plan, ...controls, source: this.#source, validationSource: null };
    const reports = replica.rank === 0 ? events : null;
    this.#exchange = plan.exchangeTransport && openExchange(plan.exchangeTransport, replica, engine.parameters.trainableCount);
    this.#trainer = this.#exchange
      ? new ReplicaTrainer(model, this.#progress, epochs, this.#relay(plan, reports), this.#exchange)
      : new EngineTrainer(engine, compilation, this.#progress, epochs, this.#relay(plan, reports));
  }

  prepare(): void {
    this.#trainer.prepare();
  }

  async trainEpoch({ rates, weights, states, ...progress }: EpochCommand): Promise<EpochReport> {
    Object.assign(this.#progress, progress);
    this.#setRates(rates, progress.iteration);
    if (weights) this.#model.writeWeights(weights);
    const kept = this.#model.engine.states;
    if (states) kept.write(rowsOf(states, this.#replica));
    this.#logs = noLogs();
    let end: EpochReport['end'] = 'whole';
    const trainer = this.#trainer;
    if (this.#replica.rank > 0) {
      if (trainer instanceof ReplicaTrainer) await trainer.follow();
      return { end, ...this.#reached(), logs: noLogs(), weights: [], slots: [], states: kept.read() };
    }
    try {
      this.#logs = await trainer.trainEpoch();
    } catch (error) {
      if (error === this.#abort.signal.reason) end = 'stopped';
      else if (error instanceof EpochEnd) end = error.end;
      else throw error;
    }
    if (trainer instanceof ReplicaTrainer) await trainer.finishEpoch();
    await this.#unanswered;
    const [own, slots] = [this.#model.readWeights(), this.#model.readSlots()];
    return { end, ...this.#reached(), logs: this.#logs, weights: own, slots, states: kept.read() };
  }

  #reached(): Pick<EpochReport, 'iteration' | 'batch' | 'sums'> {
    const { iteration, batch, sums } = this.#progress;
    return { iteration, batch, sums };
  }

  validate(): Promise<Float64Array> {
    const { validation, validationBatchSize } = this.#plan;
    invariant(validation, 'the run has no validation data');
    return evaluateResults(this.#model, validation, validationBatchSize, this.#checkpoint);
  }

  /** Frees everything but the model. */
  close(): void {
    if (this.#exchange instanceof MessageExchange) this.#exchange.close();
    if (this.#source instanceof DeliveredBatches) this.#source.close();
  }

  interrupt(interruption: Interruption): void {
    if (interruption === 'pause') this.#control.pause();
    else if (interruption === 'resume') this.#control.resume();
    else this.#abort.abort();
  }

  /**
   * Sends events to the caller. It waits for the answer to a batch, but not for the answer to
   * progress.
   */
  #relay({ eachBatch, progress }: PostedPlan, events: RunEvents | null): BatchEvents {
    const none = { testBegin: null, testEnd: null };
    if (!events) return { batchBegin: null, batchEnd: null, progress: null, diverged: null, ...none };
    const report = (batch: number, logs: Logs): BatchReport => ({ batch, logs, iteration: this.#progress.iteration });
    return {
      ...none,
      batchBegin: eachBatch.begin ? async (batch) => this.#heed(await events.batchBegin(report(batch, noLogs()))) : null,
      batchEnd: eachBatch.end ? async (batch, logs) => this.#heed(await events.batchEnd(report(batch, logs))) : null,
      progress: progress
        ? async (batch, logs) => {
            this.#unanswered ??= events
              .progress(report(batch, logs))
              .then((directions) => this.#heed(directions))
              .finally(() => {
                this.#unanswered = null;
              });
          }
        : null,
      diverged: async (divergence) => this.#heed(await events.diverged(divergence)),
    };
  }

  #heed({ end, rates }: Directions): void {
    if (rates !== null) this.#setRates(rates, this.#progress.iteration);
    if (end === 'stop') this.#progress.stopTraining = true;
    if (end === 'abort') this.#abort.abort();
    if (end === 'weights') throw new EpochEnd(end);
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

/** The states of a replica's rows; none for a replica without rows. */
function rowsOf(states: readonly StateRows[], replica: Replica): readonly StateRows[] {
  const { start, end } = partOf(states[0]?.rows ?? 0, replica);
  return start === end ? [] : sliceStates(states, start, end);
}
