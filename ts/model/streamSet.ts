import type { ModelStream } from './modelStream.ts';

/** The streams of a model that were not garbage collected. */
export class StreamSet {
  readonly #streams = new Set<WeakRef<ModelStream<unknown>>>();

  add(stream: ModelStream<unknown>): void {
    for (const reference of this.#streams) if (!reference.deref()) this.#streams.delete(reference);
    this.#streams.add(new WeakRef(stream));
  }

  dispose(): void {
    for (const reference of this.#streams) reference.deref()?.dispose();
    this.#streams.clear();
  }
}
