import type { CallbackOf, CallbackState } from '../callbacks/callback.ts';
import { type KeepableRun, keepRun, type RunKeeper } from '../callbacks/runKeeper.ts';
import { ArgumentError, StateError } from '../core/errors.ts';
import type { StateRows } from '../program/batchStates.ts';
import { makeResults } from '../run/meter.ts';
import type { FitChoices } from './fitOptions.ts';
import { checkSlots, requireWeights } from './savedArrays.ts';
import type { Session, TrainingState } from './session.ts';

/** The state of one callback, with the name of its class. */
interface KeptCallback {
  readonly name: string;
  readonly state: CallbackState;
}

/** How an epoch is divided into batches. */
interface Division {
  readonly samples: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
}

/** The state with which a run is resumed. */
interface RunState {
  readonly training: TrainingState;
  /** The states of stateful layers. */
  readonly states: readonly StateRows[];
  /** Null where it is a function, which belongs to the user's program. */
  readonly learningRate: number | null;
  readonly epoch: number;
  /** As in `EpochProgress`. */
  readonly batch: number;
  readonly sums: Float64Array | null;
  readonly stopTraining: boolean;
  readonly division: Division;
  readonly callbacks: readonly KeptCallback[];
}

/** A run that a callback keeps. */
export class KeptRun implements KeepableRun {
  readonly #session: Session;
  readonly #division: Division;
  /** Those that have a state. */
  readonly #callbacks: readonly Required<Pick<CallbackOf, 'getState' | 'setState'>>[];
  #kept: RunState | null = null;
  #complete: () => Promise<void> = async () => {};

  private constructor(session: Session, { batchSize, shuffle, callbacks }: FitChoices, samples: number) {
    this.#session = session;
    this.#division = { samples, batchSize, shuffle };
    this.#callbacks = callbacks.filter(
      (callback): callback is CallbackOf & Required<Pick<CallbackOf, 'getState' | 'setState'>> =>
        typeof callback.getState === 'function' && typeof callback.setState === 'function',
    );
  }

  /**
   * Lets a callback continue a run.
   * @param samples of an epoch
   * @throws {ArgumentError} when several callbacks keep the run, and when the place in an iterable
   *   would be lost: an epoch must begin with its first batch, and in its order
   */
  static async open(keepers: readonly RunKeeper[], session: Session, choices: FitChoices, samples: number): Promise<KeptRun> {
    const run = new KeptRun(session, choices, samples);
    const [keeper] = keepers as [RunKeeper];
    if (keepers.length > 1) throw new ArgumentError(`fit takes one BackupAndRestore, got ${keepers.length}`);
    const { stepsPerEpoch, shuffleBuffer } = choices;
    if (stepsPerEpoch !== null || shuffleBuffer > 1)
      throw new ArgumentError(
        `fit: BackupAndRestore continues an iterable only from its beginning: leave out ${stepsPerEpoch === null ? 'shuffleBuffer' : 'stepsPerEpoch'}`,
      );
    run.#complete = await keeper[keepRun](run);
    return run;
  }

  /** The epoch that the run continues with; null for a run that begins. */
  get initialEpoch(): number | null {
    return this.#kept?.epoch ?? null;
  }

  /** Tells the callback that the run has ended without an error. */
  complete(): Promise<void> {
    return this.#complete();
  }

  getState(epoch: number): RunState {
    const { seedWords: seed, progress } = this.#session;
    const { iteration, epochsDone, batch, sums, stopTraining } = progress;
    const { learningRate } = this.#session.requireCompiled('fit').optimizer;
    return {
      training: { seed, weights: this.#session.readWeights(), slots: this.#session.readSlots(), iteration, epochsDone },
      states: this.#session.states.read(),
      learningRate: typeof learningRate === 'number' ? learningRate : null,
      epoch,
      batch,
      sums: batch > 0 ? sums : null,
      stopTraining,
      division: this.#division,
      callbacks: this.#callbacks.map((callback) => ({ name: nameOf(callback), state: callback.getState() })),
    };
  }

  setState(given: unknown): void {
    const state = given as RunState;
    const { training, states, learningRate, batch, sums, stopTraining } = state;
    if (batch > 0) this.#requireDivision(state);
    this.#requireFit(training);
    this.#session.continueTraining(training);
    this.#session.states.write(states);
    const { optimizer } = this.#session.requireCompiled('fit');
    if (learningRate !== null && typeof optimizer.learningRate === 'number') optimizer.learningRate = learningRate;
    Object.assign(this.#session.progress, { batch, sums, stopTraining });
    this.#kept = state;
  }

  setCallbackStates(): void {
    if (!this.#kept) return;
    const before = this.#kept.callbacks.map(({ name }) => name).join(', ') || 'none';
    const now = this.#callbacks.map(nameOf).join(', ') || 'none';
    if (before !== now)
      throw new ArgumentError(
        `fit: the interrupted run had callbacks with a state: ${before}; this one has ${now}: give fit the same callbacks in the same order, or delete the backup`,
      );
    for (const [index, callback] of this.#callbacks.entries()) callback.setState((this.#kept.callbacks[index] as KeptCallback).state);
  }

  /** The arrays must be those of the model, and no other call may use them. */
  #requireFit(training: TrainingState): void {
    const session = this.#session;
    if (session.running > 1) throw new StateError(`model ${session.name} runs another call: await it before a training continues`);
    const graph = session.builtGraph('fit');
    const { optimizer, trainable } = session.requireCompiled('fit');
    requireWeights(training, graph);
    checkSlots(training, optimizer, graph, graph.weightsOf(trainable));
  }

  /** The batches of an epoch that has begun must be those of the run before. */
  #requireDivision({ epoch, batch, sums, division }: RunState): void {
    const fits = Object.entries(this.#division).every(([name, value]) => division[name as keyof Division] === value);
    const length = 1 + makeResults(this.#session.requireCompilation().metrics).length;
    const where = `fit: the run that continues had trained ${batch} batches of epoch ${epoch}`;
    if (!fits)
      throw new ArgumentError(
        `${where} with ${shown(division)}; this one has ${shown(this.#division)}: give fit the same, or delete the backup`,
      );
    if (sums?.length !== length) throw new ArgumentError(`${where} with other metrics: compile with the same, or delete the backup`);
  }
}

function shown({ samples, batchSize, shuffle }: Division): string {
  return `${samples} samples, batchSize ${batchSize} and shuffle ${shuffle}`;
}

function nameOf(callback: object): string {
  return callback.constructor?.name ?? 'Object';
}
