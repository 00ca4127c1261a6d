import { type Remote, releaseProxy, transfer } from 'comlink';
import { loadBackend } from '../backend/select.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import type { Logs } from '../training/callback.ts';
import { RestoredModel } from '../training/restoredModel.ts';
import type { EpochCommand, EpochReport, Interruption, ModelSetup, PostedPlan, RunEvents, WorkerCommands } from './commands.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { TrainingRun } from './trainingRun.ts';

/** Takes commands in a worker. It has one model at a time, and one run on it. */
export class CommandServer implements WorkerCommands {
  #model: RestoredModel | null = null;
  #run: TrainingRun | null = null;
  #events: Remote<RunEvents> | null = null;

  ready(): void {}

  open({ backend: { name, build, module }, state }: ModelSetup): Promise<Outcome<null>> {
    return outcomeOf(async () => {
      const backend = await loadBackend(name, { build: build ?? undefined, module: module ?? undefined });
      try {
        this.#model = new RestoredModel(state, backend);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        throw new ArgumentError(`workers: ${error.message}. Layers and optimizers of your own run with workers: 0`, { cause: error });
      }
      return null;
    });
  }

  prepare(plan: PostedPlan, events: RunEvents): Promise<Outcome<null>> {
    this.#events = events as Remote<RunEvents>;
    return outcomeOf(() => {
      this.#run = new TrainingRun(this.#requireModel(), plan, events);
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

  validate(): Promise<Outcome<Logs>> {
    return outcomeOf(() => this.#requireRun().validate());
  }

  interrupt(interruption: Interruption): void {
    this.#run?.interrupt(interruption);
  }

  close(): Promise<Outcome<null>> {
    return outcomeOf(() => {
      this.#events?.[releaseProxy]();
      this.#events = null;
      this.#run = null;
      this.#model?.dispose();
      this.#model = null;
      return null;
    });
  }

  #requireModel(): RestoredModel {
    if (!this.#model) throw new Error('the worker has no model: open comes first');
    return this.#model;
  }

  #requireRun(): TrainingRun {
    if (!this.#run) throw new Error('the worker has no run: prepare comes first');
    return this.#run;
  }
}
