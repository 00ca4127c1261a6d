import { awaitCallback } from './awaitCallback.ts';
import type { CallbackEvents, CallbackOf, Logs } from './callback.ts';
import type { ModelInTraining } from './modelInTraining.ts';

/** The name of a function that `fit` calls. */
type Event = keyof CallbackEvents;

/** The arguments of a function, without the model, which is the last. */
type Arguments<E extends Event> = Parameters<Required<CallbackEvents>[E]> extends [...infer Own, ModelInTraining] ? Own : never;

/** The callbacks of one run, bound to its model: the run names an event and knows no model. */
export class CallbackList {
  readonly #callbacks: readonly CallbackOf[];
  readonly #model: ModelInTraining;
  readonly #signal: AbortSignal | null;

  /** @param signal ends the run, and the waiting for a callback */
  constructor(callbacks: readonly CallbackOf[], model: ModelInTraining, signal: AbortSignal | null) {
    this.#callbacks = callbacks;
    this.#model = model;
    this.#signal = signal;
  }

  /** The callbacks that have a function for an event. */
  listening(event: Event): CallbackList | null {
    const listening = this.#callbacks.filter((callback) => callback[event]);
    return listening.length === 0 ? null : new CallbackList(listening, this.#model, this.#signal);
  }

  /** Whether a callback needs the weights after a batch. */
  needsWeights(batch: number): boolean {
    return this.#callbacks.some((callback) => callback.needsWeights?.(batch) === true);
  }

  /** Calls the function of each callback, in order, and awaits each one before the next. */
  async call<E extends Event>(event: E, ...given: Arguments<E>): Promise<void> {
    for (const callback of this.#callbacks) await this.#callOne(callback, event, given);
  }

  /**
   * Calls every callback's `onTrainEnd`, also when one of them fails.
   * @returns the first failure
   */
  async end(logs: Logs): Promise<{ readonly error: unknown } | null> {
    let failure: { readonly error: unknown } | null = null;
    for (const callback of this.#callbacks) {
      try {
        await this.#callOne(callback, 'onTrainEnd', [logs]);
      } catch (error) {
        failure ??= { error };
      }
    }
    return failure;
  }

  #callOne<E extends Event>(callback: CallbackOf, event: E, given: readonly unknown[]): Promise<void> {
    const called = callback[event] as ((...given: unknown[]) => void | Promise<void>) | undefined;
    const pending = called && Reflect.apply(called, callback, [...given, this.#model]);
    return awaitCallback(pending, this.#signal, callback, event);
  }
}
