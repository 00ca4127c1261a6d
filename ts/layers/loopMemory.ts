import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope, ScopeMemory } from './scope.ts';
import { lengthOf, type Value } from './value.ts';

type Kind = 'floats' | 'ints';

/**
 * The buffers of a loop over steps. Each step emits the same calls, so a buffer that a step asks
 * for is its part of one `[T, n]` buffer, and the memory plan has as many buffers as one step has.
 * Buffers that are read only in their own step and the next one alternate between two parts:
 * gradients, and everything if no backward pass follows.
 */
export class LoopMemory {
  readonly #scope: Scope;
  /** The number of steps whose buffers are kept. */
  readonly #kept: number;
  readonly #forward = new Map<string, PlannedBuffer[]>();
  readonly #passing = new Map<string, PlannedBuffer[]>();
  readonly #constants = new Map<string, PlannedBuffer>();
  readonly #zeros = new Map<number, PlannedBuffer>();
  readonly #subsequences: number[] = [];
  readonly #made = new Set<Value>();
  readonly #gradients = new Map<Value, () => PlannedBuffer>();
  #finished = false;

  /** @param steps T if a backward pass reads the values of all steps; else null */
  constructor(scope: Scope, steps: number | null) {
    this.#scope = scope;
    this.#kept = steps ?? 2;
  }

  /** Says where the gradient of a value from outside of the steps is, which steps write. */
  giveGradient(value: Value, buffer: () => PlannedBuffer): void {
    this.#gradients.set(value, buffer);
  }

  /** Ends the forward calls: what steps ask for from now on is for their backward calls. */
  finish(): void {
    this.#finished = true;
  }

  /** The buffers of a step, and whether the step has made a value. */
  step(index: number): ScopeMemory & { has(value: Value): boolean } {
    const own = new Set<Value>();
    const counts = new Map<string, number>();
    const take = (kind: Kind, name: string, length: number, passing = this.#finished): PlannedBuffer => {
      const [buffers, parts] = passing ? [this.#passing, 2] : [this.#forward, this.#kept];
      const key = `${kind} ${length}`;
      const counted = `${passing} ${key}`;
      const place = counts.get(counted) ?? 0;
      counts.set(counted, place + 1);
      const alike = buffers.get(key) ?? [];
      buffers.set(key, alike);
      const whole = alike[place] ?? this.#scope[kind](name, parts * length);
      alike[place] = whole;
      return this.#scope.slice(whole, (index % parts) * length, length);
    };
    return {
      floats: (name, length) => take('floats', name, length),
      ints: (name, length) => take('ints', name, length),
      workspace: (name, length) => take('floats', name, length, true),
      constants: (name, values) => known(this.#constants, values.join(), () => this.#scope.constants(name, values)),
      zeros: (length) => known(this.#zeros, length, () => this.#scope.zeros(length)),
      drawSubsequence: (draw) => {
        const place = counts.get('subsequence') ?? 0;
        counts.set('subsequence', place + 1);
        this.#subsequences[place] ??= draw();
        // Each step draws other numbers; an odd factor gives each step a subsequence of its own.
        return ((this.#subsequences[place] as number) + Math.imul(index, 0x9e3779b1)) >>> 0;
      },
      made: (values) => {
        for (const value of values) {
          own.add(value);
          this.#made.add(value);
        }
      },
      gradientOf: (value) => {
        if (this.#made.has(value)) return take('floats', 'dValue', lengthOf(value));
        return this.#gradients.get(value)?.() ?? null;
      },
      has: (value) => own.has(value),
    };
  }
}

function known<K>(buffers: Map<K, PlannedBuffer>, key: K, make: () => PlannedBuffer): PlannedBuffer {
  const buffer = buffers.get(key) ?? make();
  buffers.set(key, buffer);
  return buffer;
}
