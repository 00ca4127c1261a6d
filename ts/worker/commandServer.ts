import { type Remote, releaseProxy, transfer, wrap } from 'comlink';
import type { Backend } from '../backend/backend.ts';
import { makeCheckpoint } from '../control/checkpoint.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import type { FloatArray } from '../core/numericArray.ts';
import type { Tensor } from '../core/tensor.ts';
import { loadAllClasses } from '../model/allClasses.ts';
import { loadBackend } from '../model/loadBackend.ts';
import type { ModelState } from '../model/modelState.ts';
import { Session } from '../model/session.ts';
import { PACKED } from '../program/packedPart.ts';
import type { Replica } from '../run/replica.ts';
import { predictDataset } from '../run/run.ts';
import type {
  EpochCommand,
  EpochReport,
  Interruption,
  ModelCopy,
  ModelSizes,
  PostedBackend,
  PostedPlan,
  RunEvents,
  WorkerCommands,
} from './commands.ts';
import { endpointOf } from './endpoint.ts';
import { evaluateResults } from './evaluateResults.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { PostedDataset } from './postedDataset.ts';
import { TrainingRun } from './trainingRun.ts';

/** @throws {ArgumentError} for a layer or the like that the worker does not have */
function restore(state: ModelState, backend: Backend, replica: Replica): Session {
  try {
    return Session.restore(state, backend, replica);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new ArgumentError(`workers: ${error.message}`, { cause: error });
  }
}

/** Runs commands in a worker, on one model and one run of it at a time. */
export class CommandServer implements WorkerCommands {
  readonly #kept = new Map<number, Session>();
  #model: Session | null = null;
  /** Whether the model ends with the run. */
  #isOfRun = true;
  #run: TrainingRun | null = null;
  #replica: Replica = { rank: 0, size: 1 };
  #events: Remote<RunEvents> | null = null;

  ready(): void {}

  open(
    { name, build, module, quantised }: PostedBackend,
    { key, state, weights, replica, forget }: ModelCopy,
  ): Promise<Outcome<ModelSizes>> {
    return outcomeOf(async () => {
      await loadAllClasses();
      const backend = await loadBackend(name, { build: build ?? undefined, module: module ?? undefined });
      if (state?.quantised) await (await PACKED.load()).loadQuantisedKernels(backend, quantised);
      this.#leave();
      for (const each of forget) this.#forget(each);
      this.#replica = replica;
      this.#isOfRun = key === null;
      if (state) {
        if (key !== null) this.#forget(key);
        this.#model = restore(state, backend, replica);
        if (key !== null) this.#kept.set(key, this.#model);
      } else {
        const kept = this.#kept.get(key as number);
        invariant(kept, `the worker has no copy ${key}`);
        // It may have been evicted, to make room for another one.
        kept.openEngine();
        kept.memory.pin();
        this.#model = kept;
      }
      if (weights) this.#model.writeWeights(weights);
      return { trainableCount: this.#model.engine.parameters.trainableCount, floatBytes: backend.floatBytes };
    });
  }

  prepare(plan: PostedPlan, events: MessagePort | null): Promise<Outcome<null>> {
    this.#events = events && wrap<RunEvents>(endpointOf(events));
    return outcomeOf(() => {
      this.#run = new TrainingRun(this.#requireModel(), this.#replica, plan, this.#events);
      this.#run.prepare();
      return null;
    });
  }

  async trainEpoch(command: EpochCommand): Promise<Outcome<EpochReport>> {
    const outcome = await outcomeOf(() => this.#requireRun().trainEpoch(command));
    if ('error' in outcome) return outcome;
    const arrays = [...outcome.value.weights, ...outcome.value.slots];
    return transfer(
      outcome,
      arrays.map(({ data }) => data.buffer as ArrayBuffer),
    );
  }

  validate(): Promise<Outcome<Float64Array>> {
    return outcomeOf(() => this.#requireRun().validate());
  }

  evaluate(dataset: PostedDataset, batchSize: number): Promise<Outcome<Float64Array>> {
    return outcomeOf(() => evaluateResults(this.#requireModel(), dataset, batchSize, makeCheckpoint()));
  }

  async predict(dataset: PostedDataset, batchSize: number): Promise<Outcome<Tensor<FloatArray>[]>> {
    const outcome = await outcomeOf(() => predictDataset(this.#requireModel().engine, dataset, batchSize));
    return 'error' in outcome
      ? outcome
      : transfer(
          outcome,
          outcome.value.map(({ data }) => data.buffer as ArrayBuffer),
        );
  }

  interrupt(interruption: Interruption): void {
    this.#run?.interrupt(interruption);
  }

  close(): Promise<Outcome<null>> {
    return outcomeOf(() => {
      this.#events?.[releaseProxy]();
      this.#events = null;
      this.#run?.close();
      this.#run = null;
      if (this.#isOfRun) this.#leave();
      return null;
    });
  }

  /** Ends the use of the model. A kept one may now be evicted. */
  #leave(): void {
    if (this.#isOfRun) this.#model?.dispose();
    else this.#model?.memory.unpin();
    this.#model = null;
  }

  #forget(key: number): void {
    this.#kept.get(key)?.dispose();
    this.#kept.delete(key);
  }

  #requireModel(): Session {
    invariant(this.#model, 'the worker has no model: open comes first');
    return this.#model;
  }

  #requireRun(): TrainingRun {
    invariant(this.#run, 'the worker has no run: prepare comes first');
    return this.#run;
  }
}
