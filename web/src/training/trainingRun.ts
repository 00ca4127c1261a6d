import { Adam, type Callback, EarlyStopping, Sequential, type Tensor, TrainingControl, type TrainingPlan, type Workers } from 'backtime';
import type { TaskData } from '../tasks/task.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import { type CurvePoint, LearningCurve } from './learningCurve.ts';
import { Speed } from './speed.ts';

export interface TrainingSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /**
   * Epochs in a row without a better validation loss that end training, with the weights of the
   * best; null: all epochs are done. Default null.
   */
  readonly patience?: number | null;
  /** As `fit` takes them. Default 'auto'. */
  readonly workers?: Workers;
}

/** How far a run has come, for the page to show. */
export interface Progress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Part of all steps that is done, 0 to 1. */
  readonly done: number;
  readonly samplesPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly points: readonly CurvePoint[];
  /** Whether accuracy is measured too, or only loss. */
  readonly hasAccuracy: boolean;
}

/** Whether there are right and wrong answers, or only nearer ones. */
export function hasAccuracy({ frame }: TaskData<TaskNotes>): boolean {
  return frame.loss !== 'meanSquaredError';
}

/** What came of a run. */
export interface TrainingOutcome {
  /**
   * The trained model; null when the run was stopped before a step of it was over. Not always the
   * one that was given: see {@link TrainingRun.stop}.
   */
  readonly model: Sequential | null;
  /** Why it ended: all epochs are done, they did not help any more, or it was stopped. */
  readonly end: 'done' | 'noBetter' | 'stopped';
  /** The epoch, from 1, whose weights the model has; 0 before one was over. */
  readonly bestEpoch: number;
  readonly points: readonly CurvePoint[];
}

/** Milliseconds that a stopped run may take to end its step. */
const LAST_STEP = 700;

/** Trains one model once: can be watched, paused and stopped. */
export class TrainingRun {
  readonly #model: Sequential;
  readonly #data: TaskData<TaskNotes>;
  readonly #settings: TrainingSettings;
  readonly #onProgress: (progress: Progress) => void;
  readonly #stop = new AbortController();
  readonly #curve = new LearningCurve();
  readonly #control = new TrainingControl();
  readonly #initialEpoch: number;
  #speed = new Speed(0, 0);
  #epochsDone = 0;
  /**
   * Weights at the end of the last epoch; null before there are any, and when the best are kept.
   */
  #weights: Tensor[] | null = null;
  /** Called a moment after the run was stopped. */
  #giveUp: () => void = () => {};

  /** @param before epochs that the model was trained for already, to go on counting from */
  constructor(
    model: Sequential,
    data: TaskData<TaskNotes>,
    settings: TrainingSettings,
    onProgress: (progress: Progress) => void,
    before: readonly CurvePoint[] = [],
  ) {
    this.#model = model;
    this.#data = data;
    this.#settings = settings;
    this.#onProgress = onProgress;
    this.#curve.begin(before);
    this.#initialEpoch = Math.round(before.at(-1)?.epoch ?? 0);
    this.#epochsDone = this.#initialEpoch;
  }

  /** Trains until the end. When it rejects, the model is of no use. */
  async train(): Promise<TrainingOutcome> {
    const { frame, train, validation } = this.#data;
    const { learningRate, epochs, batchSize, workers = 'auto', patience = null } = this.#settings;
    const metrics = hasAccuracy(this.#data) ? (['accuracy'] as const) : [];
    this.#model.compile({ optimizer: new Adam({ learningRate, globalClipnorm: 1 }), loss: frame.loss, metrics });
    const stopping = patience === null ? null : new EarlyStopping({ monitor: 'valLoss', patience, restoreBestWeights: true });
    const fit = this.#model.fit(...train, {
      epochs: this.#initialEpoch + epochs,
      initialEpoch: this.#initialEpoch,
      batchSize,
      validationData: validation,
      validationBatchSize: 128,
      verbose: 0,
      workers,
      callbacks: [this.#watch(stopping === null), ...(stopping ? [stopping] : [])],
      signal: this.#stop.signal,
      control: this.#control,
    });
    const gaveUp = new Promise<'late'>((resolve) => {
      this.#giveUp = () => resolve('late');
    });
    const ended = await Promise.race([
      fit.then(
        () => 'ended' as const,
        (error: unknown) => {
          if (!this.#stop.signal.aborted) throw error;
          return 'ended' as const;
        },
      ),
      gaveUp,
    ]);
    const end = this.#stop.signal.aborted ? 'stopped' : stopping?.stoppedEpoch == null ? 'done' : 'noBetter';
    const best = stopping?.bestEpoch;
    const bestEpoch = best == null ? this.#epochsDone : best + 1;
    const result = { end, bestEpoch, points: this.#curve.epochs } as const;
    if (ended === 'ended') return { ...result, model: this.#model.iterations > 0 ? this.#model : null };
    const weights = stopping ? stopping.getState().bestWeights : this.#weights;
    const copy = weights && copyOf(this.#model, frame.inputShape, weights);
    // Its last step is still being computed, and no one waits for it.
    void fit.catch(() => {}).finally(() => this.#model.dispose());
    return { ...result, model: copy };
  }

  pause(): void {
    this.#control.pause();
    this.#speed.pause(performance.now());
  }

  resume(): void {
    this.#speed.resume(performance.now());
    this.#control.resume();
  }

  /**
   * Ends the run within a second. A step of a large model takes longer: then the outcome is a copy
   * of the model as it was after its best epoch.
   */
  stop(): void {
    this.#stop.abort();
    this.resume();
    setTimeout(this.#giveUp, LAST_STEP);
  }

  /** Turns what `fit` reports into progress. */
  #watch(keepsWeights: boolean): Callback {
    let plan: TrainingPlan = { epochs: 1, initialEpoch: 0, steps: 1, samples: 1, batchSize: 1, validationFreq: null };
    let epoch = 0;
    const report = (steps: number) => {
      const epochsAgo = epoch - plan.initialEpoch;
      this.#speed.report(epochsAgo * plan.samples + Math.min(steps * plan.batchSize, plan.samples), performance.now());
      const { samplesPerSecond, secondsLeft } = this.#speed;
      this.#onProgress({
        epoch: epoch + 1,
        epochs: plan.epochs,
        done: (epochsAgo + steps / plan.steps) / (plan.epochs - plan.initialEpoch),
        samplesPerSecond,
        secondsLeft,
        points: this.#curve.points,
        hasAccuracy: hasAccuracy(this.#data),
      });
    };
    return {
      onTrainBegin: (begun) => {
        plan = begun;
        this.#speed = new Speed((plan.epochs - plan.initialEpoch) * plan.samples, performance.now());
      },
      onEpochBegin: (begun) => {
        epoch = begun;
      },
      onProgress: (batch, logs) => {
        this.#curve.addProgress(epoch + (batch + 1) / plan.steps, logs);
        report(batch + 1);
      },
      onEpochEnd: (_, logs, model) => {
        this.#epochsDone = epoch + 1;
        if (keepsWeights) this.#weights = model.getWeights();
        this.#curve.addEpoch(epoch + 1, logs);
        report(plan.steps);
      },
    };
  }
}

/** Another model of the same layers, with other weights. */
function copyOf(model: Sequential, inputShape: readonly (number | null)[], weights: readonly Tensor[]): Sequential {
  const copy = new Sequential(model.layers.map((layer) => layer.clone()));
  copy.build(inputShape);
  copy.setWeights(weights);
  return copy;
}
