/** How fast training goes, and how long it will take; pauses do not count. */
export class Speed {
  readonly #total: number;
  #done = 0;
  /** Milliseconds of work until the last report. */
  #worked = 0;
  #resumedAt: number | null;
  /**
   * Samples and milliseconds when the present measuring began: the first steps, which compile, are
   * slow.
   */
  #from: { done: number; worked: number } | null = null;

  /** @param total samples of all epochs @param now milliseconds */
  constructor(total: number, now: number) {
    this.#total = total;
    this.#resumedAt = now;
  }

  pause(now: number): void {
    if (this.#resumedAt !== null) this.#worked += now - this.#resumedAt;
    this.#resumedAt = null;
  }

  resume(now: number): void {
    this.#resumedAt ??= now;
  }

  /** @param done samples that were trained on, of all epochs so far */
  report(done: number, now: number): void {
    this.pause(now);
    this.resume(now);
    this.#done = done;
    this.#from ??= { done, worked: this.#worked };
  }

  /** Null until it can be told. */
  get samplesPerSecond(): number | null {
    if (this.#from === null || this.#worked <= this.#from.worked) return null;
    return ((this.#done - this.#from.done) / (this.#worked - this.#from.worked)) * 1000;
  }

  /** Seconds to the end; null until it can be told. */
  get secondsLeft(): number | null {
    const rate = this.samplesPerSecond;
    return rate === null || rate === 0 ? null : (this.#total - this.#done) / rate;
  }
}
