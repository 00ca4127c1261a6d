/**
 * Pauses and resumes a training run between two steps. Several runs can share one control.
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

  /** Whether runs wait, or will wait after their present step. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Makes runs wait after their present step. Dispatches the event `pause`. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.dispatchEvent(new Event('pause'));
  }

  /** Lets runs go on. Dispatches the event `resume`. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.dispatchEvent(new Event('resume'));
  }
}
