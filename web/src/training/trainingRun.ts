import { Adam, type Callback, type Sequential, TrainingControl, type TrainingPlan, type Workers } from 'backtime';
import type { TaskData } from '../tasks/task.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import { type CurvePoint, LearningCurve } from './learningCurve.ts';
import { Speed } from './speed.ts';

export interface TrainingSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
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

/** Trains one model once: can be watched, paused and stopped. */
export class TrainingRun {
  readonly model: Sequential;
  readonly #data: TaskData<TaskNotes>;
  readonly #settings: TrainingSettings;
  readonly #onProgress: (progress: Progress) => void;
  readonly #stop = new AbortController();
  readonly #curve = new LearningCurve();
  readonly #control = new TrainingControl();
  #speed = new Speed(0, 0);

  constructor(model: Sequential, data: TaskData<TaskNotes>, settings: TrainingSettings, onProgress: (progress: Progress) => void) {
    this.model = model;
    this.#data = data;
    this.#settings = settings;
    this.#onProgress = onProgress;
  }

  /**
   * @returns whether it came to its end; false when it was stopped, with the weights of the last
   *   step
   */
  async train(): Promise<boolean> {
    const { frame, train, validation } = this.#data;
    const { learningRate, epochs, batchSize, workers = 'auto' } = this.#settings;
    const metrics = hasAccuracy(this.#data) ? (['accuracy'] as const) : [];
    this.model.compile({ optimizer: new Adam({ learningRate, globalClipnorm: 1 }), loss: frame.loss, metrics });
    try {
      await this.model.fit(...train, {
        epochs,
        batchSize,
        validationData: validation,
        validationBatchSize: 128,
        verbose: 0,
        workers,
        callbacks: [this.#watch()],
        signal: this.#stop.signal,
        control: this.#control,
      });
      return true;
    } catch (error) {
      if (this.#stop.signal.aborted) return false;
      throw error;
    }
  }

  pause(): void {
    this.#control.pause();
    this.#speed.pause(performance.now());
  }

  resume(): void {
    this.#speed.resume(performance.now());
    this.#control.resume();
  }

  stop(): void {
    this.#stop.abort();
    this.resume();
  }

  /** Turns what `fit` reports into progress. */
  #watch(): Callback {
    let plan: TrainingPlan = { epochs: 1, initialEpoch: 0, steps: 1, samples: 1, batchSize: 1, validationFreq: null };
    let epoch = 0;
    const report = (steps: number) => {
      this.#speed.report(epoch * plan.samples + Math.min(steps * plan.batchSize, plan.samples), performance.now());
      const { samplesPerSecond, secondsLeft } = this.#speed;
      const done = (epoch + steps / plan.steps) / plan.epochs;
      this.#onProgress({
        epoch: epoch + 1,
        epochs: plan.epochs,
        done,
        samplesPerSecond,
        secondsLeft,
        points: this.#curve.points,
        hasAccuracy: hasAccuracy(this.#data),
      });
    };
    return {
      onTrainBegin: (begun) => {
        plan = begun;
        this.#speed = new Speed(plan.epochs * plan.samples, performance.now());
      },
      onEpochBegin: (begun) => {
        epoch = begun;
      },
      onProgress: (batch, logs) => {
        this.#curve.addProgress(epoch + (batch + 1) / plan.steps, logs);
        report(batch + 1);
      },
      onEpochEnd: (_, logs) => {
        this.#curve.addEpoch(epoch + 1, logs);
        report(plan.steps);
      },
    };
  }
}
