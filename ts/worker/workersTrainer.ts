import { expose, transfer } from 'comlink';
import { type Logs, noLogs } from '../callbacks/callback.ts';
import { abortReason } from '../control/checkpoint.ts';
import { invariant } from '../core/invariant.ts';
import { openChannel } from '../core/nodeGlobals.ts';
import type { SharedAllocation } from '../core/sharedMemory.ts';
import type { BatchSource } from '../feed/batches.ts';
import { isInPlace, sliceDataset } from '../feed/dataset.ts';
import type { Session } from '../model/session.ts';
import type { Compilation } from '../objective/compilationTypes.ts';
import { joinStates } from '../program/batchStates.ts';
import { epochOrder } from '../run/epochOrder.ts';
import type { FitPlan } from '../run/fit.ts';
import { makeResults } from '../run/meter.ts';
import type { Trainer } from '../run/trainer.ts';
import { CallerEvents } from './callerEvents.ts';
import type { EpochReport, Interruption, PostedPlan } from './commands.ts';
import { endpointOf } from './endpoint.ts';
import { exchangeTransports } from './exchangeTransports.ts';
import { GatheredBatches } from './gatheredBatches.ts';
import { postDataset } from './postedDataset.ts';
import { addResults, batchesOf, evaluateSourceIn } from './sharedBatches.ts';
import { WorkerGroup } from './workerGroup.ts';

/**
 * Trains in workers. The model on this thread gets the weights after every epoch, and after the
 * last step of a run that ends early.
 */
export class WorkersTrainer implements Trainer {
  readonly #model: Session;
  readonly #plan: FitPlan;
  readonly #count: number;
  readonly #memory: SharedAllocation;
  readonly #events: CallerEvents;
  /** The batches that the workers ask for; null where they have all data. */
  readonly #source: BatchSource | null;
  readonly #released = new AbortController();
  #group: WorkerGroup | null = null;
  /** The ports on which workers report to {@link CallerEvents}. */
  readonly #eventsPorts: MessagePort[] = [];
  /** The model's version at the time when the workers got its weights. */
  #version: number;
  /** Whether a part of the present epoch was trained in this run. */
  #isWithinEpoch = false;
  /** The version of the states that the workers have; null before they got any. */
  #statesVersion: number | null = null;

  constructor(model: Session, plan: FitPlan, count: number, memory: SharedAllocation) {
    this.#model = model;
    this.#plan = plan;
    this.#count = count;
    this.#memory = memory;
    this.#source = plan.source ?? (isInPlace(plan.dataset) ? shuffledBatches(model, plan) : null);
    this.#events = new CallerEvents(model, plan, count, this.#source, memory);
    this.#version = model.version;
  }

  async prepare(): Promise<void> {
    const { dataset, validation, batchSize, validationBatchSize, shuffle, shuffleSeed } = this.#plan;
    const source = this.#source;
    const posted = this.#sendsValidation ? null : validation;
    const { stateful } = this.#model;
    this.#group = await WorkerGroup.open(this.#model, this.#count, 'train');
    this.#version = this.#model.version;
    const transports = exchangeTransports(this.#group.size, this.#group.sizes, this.#exchanged, this.#memory);
    const plans: PostedPlan[] = [];
    for (const exchangeTransport of transports) {
      const replica = { rank: plans.length, size: this.#count };
      // Each batch of a stateful model needs the states of the batch before, so one worker
      // evaluates them all.
      const evaluator = stateful ? { rank: replica.rank, size: 1 } : replica;
      const last = replica.rank === replica.size - 1;
      plans.push({
        // Batches of an iterable come one by one. Only their shapes are needed here.
        dataset: await postDataset(source ? { ...sliceDataset(dataset, 0, 0), count: dataset.count } : dataset, last && !source),
        delivery: this.#events.openDelivery(),
        validation: posted && (await postDataset(batchesOf(posted, validationBatchSize, evaluator), last)),
        batchSize,
        validationBatchSize,
        shuffle,
        shuffleSeed,
        exchangeTransport,
        eachBatch: this.#events.eachBatch,
        progress: true,
      });
    }
    await this.#group.all((commands, rank) => {
      const plan = plans[rank] as PostedPlan;
      const { delivery } = plan;
      const ports =
        plan.exchangeTransport && 'ports' in plan.exchangeTransport ? plan.exchangeTransport.ports.filter((port) => port !== null) : [];
      const deliveryPorts = delivery !== null && delivery !== 'calls' ? [delivery.port] : [];
      // Both may be parts of the same arrays.
      const given = new Set([...plan.dataset.transfer, ...(plan.validation?.transfer ?? []), ...ports, ...deliveryPorts]);
      return commands.prepare(transfer(plan, [...given]), rank === 0 || delivery === 'calls' ? this.#openEventsPort() : null);
    });
    this.#forwardInterruptions();
  }

  async trainEpoch(): Promise<Logs> {
    const { signal } = this.#plan;
    const { progress } = this.#model;
    for (;;) {
      if (signal?.aborted) throw abortReason(signal);
      const report = await this.#trainPart();
      if (report.end !== 'weights') {
        this.#isWithinEpoch = false;
        progress.epochsDone++;
        return report.logs;
      }
      await this.#events.endHeldBatch();
    }
  }

  /** Trains until the epoch ends, or until a callback needs the weights. */
  async #trainPart(): Promise<EpochReport> {
    const { dataset, batchSize, signal } = this.#plan;
    const { progress } = this.#model;
    const { iteration, epochsDone, batch, sums, stopTraining } = progress;
    const rates = this.#events.ratesFrom(iteration, this.#source ? 1 : Math.ceil(dataset.count / batchSize));
    // Batches of an iterable continue after the previous part.
    if (!this.#isWithinEpoch) this.#events.beginEpoch(iteration - batch);
    this.#isWithinEpoch = true;
    const weights = this.#model.version === this.#version ? null : this.#model.readWeights();
    const kept = this.#model.states;
    const states = kept.version === this.#statesVersion ? null : kept.read();
    const reports = await this.#train(() =>
      this.#requireGroup().all((commands) =>
        commands.trainEpoch({ iteration, epochsDone, batch, sums, stopTraining, rates, weights, states }),
      ),
    );
    const [report] = reports as [EpochReport];
    this.#model.takeTrained(report.weights, report.slots);
    kept.write(joinStates(reports.map((each) => each.states)));
    this.#statesVersion = kept.version;
    this.#version = this.#model.version;
    progress.iteration = report.iteration;
    progress.batch = report.batch;
    progress.sums = report.sums;
    this.#events.throwFailure();
    if (report.end === 'stopped' && signal?.aborted) throw abortReason(signal);
    // The function of the learning rate throws for the next step. It is called here, so that the
    // user gets the error.
    const { optimizer } = this.#compilation;
    if (report.end === 'rateless') optimizer.learningRateAt(optimizer.updatesAfter(report.iteration));
    return report;
  }

  async validate(): Promise<Logs> {
    const { validation, validationSource, validationBatchSize, signal } = this.#plan;
    try {
      if (validationSource) {
        validationSource.begin(this.#model.progress.epochsDone);
        return await evaluateSourceIn(this.#requireGroup(), validationSource, this.#compilation.metrics, this.#events.callbacks);
      }
      if (!validation) return noLogs();
      if (this.#sendsValidation) {
        const source = new GatheredBatches(validation, validationBatchSize);
        return await evaluateSourceIn(this.#requireGroup(), source, this.#compilation.metrics, this.#events.callbacks);
      }
      const results = await this.#requireGroup().all((commands) => commands.validate());
      return await addResults(results, this.#compilation.metrics, validation.count, validationBatchSize, this.#events.callbacks);
    } catch (error) {
      throw signal?.aborted ? abortReason(signal) : error;
    }
  }

  /** Ends the run and its workers. */
  async close(): Promise<void> {
    this.#released.abort();
    const haveFinished = (await this.#group?.close()) ?? false;
    this.#events.closeDelivery(haveFinished);
    if (haveFinished) this.#memory.release();
    // Not every runtime closes the port of a worker that failed, and its listener holds the run
    // with its data.
    for (const port of this.#eventsPorts) port.close();
  }

  /** A failed epoch does not count: the weights are those before it. */
  async #train<T>(run: () => Promise<T>): Promise<T> {
    const { progress } = this.#model;
    const { iteration } = progress;
    try {
      return await run();
    } catch (error) {
      progress.iteration = iteration;
      throw error;
    }
  }

  /** Opens the port for events. @returns the worker's end of it */
  #openEventsPort(): MessagePort {
    const { port1, port2 } = openChannel();
    this.#eventsPorts.push(port1);
    expose(this.#events, endpointOf(port1));
    return transfer(port2, [port2]);
  }

  #forwardInterruptions(): void {
    const { signal, control } = this.#plan;
    const forward = (interruption: Interruption) => () => this.#requireGroup().interrupt(interruption);
    const options = { signal: this.#released.signal };
    signal?.addEventListener('abort', forward('abort'), options);
    control?.addEventListener('pause', forward('pause'), options);
    control?.addEventListener('resume', forward('resume'), options);
    if (control?.paused) forward('pause')();
  }

  /**
   * Whether the workers get the validation data batch by batch. Each batch of a stateful model
   * needs the states of the batch before, so a worker gets a copy of all of them.
   */
  get #sendsValidation(): boolean {
    const { validation } = this.#plan;
    return validation !== null && isInPlace(validation) && !this.#model.stateful;
  }

  get #compilation(): Compilation {
    const { compilation } = this.#model;
    invariant(compilation, 'a model that trains is compiled');
    return compilation;
  }

  /**
   * With its gradients a replica sends their weight and the results of its step; before, the
   * counted rows of each output, and what layers sum over the whole batch.
   */
  get #exchanged(): { resultCount: number; sharedCount: number } {
    const { metrics, outputs } = this.#compilation;
    const sums = this.#model.builtGraph('fit').layers.map(({ replicaSums }) => replicaSums);
    return { resultCount: 1 + makeResults(metrics).length, sharedCount: Math.max(outputs.length, ...sums) };
  }

  #requireGroup(): WorkerGroup {
    invariant(this.#group, 'prepare comes first');
    return this.#group;
  }
}

/** The batches of each epoch, in the order in which they would be trained without workers. */
function shuffledBatches({ seed }: Session, plan: FitPlan): BatchSource {
  const { dataset, batchSize } = plan;
  return new GatheredBatches(dataset, batchSize, (epoch) => epochOrder(dataset.count, plan, seed, epoch));
}
