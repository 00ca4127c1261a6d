/**
 * Does one thing at a time; of what is asked for meanwhile, only what came last is done after it.
 */
export class LatestOnly {
  #underWay = false;
  #waiting: (() => Promise<void>) | null = null;

  /** @param task must not reject */
  run(task: () => Promise<void>): void {
    this.#waiting = task;
    if (!this.#underWay) void this.#work();
  }

  async #work(): Promise<void> {
    this.#underWay = true;
    while (this.#waiting) {
      const task = this.#waiting;
      this.#waiting = null;
      await task();
    }
    this.#underWay = false;
  }
}
