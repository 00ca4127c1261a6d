/**
 * Pauses a training run between two steps and lets it go on. One control may be given to any number of runs.
 *
 * ```ts no-run
 * import { Dense, Sequential, TrainingControl } from 'backtime';
 *
 * const model = new Sequential([new Dense(1)]);
 * model.compile({ loss: 'mse' });
 * const control = new TrainingControl();
 * const training = model.fit([[1], [2]], [1, 2], { epochs: 1000, control });
 * control.pause();
 * setTimeout(() => control.resume(), 1000);
 * await training;
 * ```
 */
export class TrainingControl extends EventTarget {
  #paused = false;

  /** Whether runs wait, or will after the step they are at. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Runs wait after the step they are at. Dispatches `pause`. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.dispatchEvent(new Event('pause'));
  }

  /** Runs go on. Dispatches `resume`. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.dispatchEvent(new Event('resume'));
  }
}
