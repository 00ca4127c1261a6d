import { sizeOf } from '../core/shape.ts';
import { emitAddition } from '../layers/emitMove.ts';
import type { Emitter } from '../layers/emitter.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { Gradients } from '../layers/scope.ts';
import { lengthOf, type Value } from '../layers/value.ts';
import type { Weight } from '../layers/weight.ts';

/** Where calls go, and where the gradients of weights lie. */
export interface GradientEmitter extends Emitter {
  isTrainable(weight: Weight): boolean;
  gradient(weight: Weight): PlannedBuffer;
}

interface Step {
  readonly outputs: readonly Value[];
  readonly emit: (gradients: Gradients) => void;
}

/**
 * How gradients pass through a program, noted on the way forward and emitted on the way back. A value that is used several times, a
 * weight of several uses, and an output that has a loss and goes on are one case: the first writer of a gradient overwrites what its
 * buffer held, every later one adds. The order is that of the calls, so the bits are the same in every program.
 */
export class Tape {
  readonly #emitter: GradientEmitter;
  readonly #steps: Step[] = [];
  readonly #ofValues = new Map<Value, PlannedBuffer>();
  readonly #aliases = new Map<Value, Value>();
  readonly #writtenWeights = new Set<Weight>();

  constructor(emitter: GradientEmitter) {
    this.#emitter = emitter;
  }

  /** Notes how the gradients of these outputs pass on. */
  note(outputs: readonly Value[], emit: (gradients: Gradients) => void): void {
    this.#steps.push({ outputs, emit });
  }

  /**
   * Begins the way back at a value.
   * @param emit writes its gradient to the buffer that it is given; null when nothing below the value needs one
   */
  begin(value: Value, emit: (gradient: PlannedBuffer | null) => void): void {
    this.#write((gradients) => emit(gradients.to(value)));
  }

  /** Says that two values are the same floats: they have one gradient. */
  alias(value: Value, same: Value): void {
    this.#aliases.set(value, this.#root(same));
  }

  #root(value: Value): Value {
    return this.#aliases.get(value) ?? value;
  }

  /** Emits the way back. */
  emitBackward(): void {
    for (const { outputs, emit } of this.#steps.reverse()) {
      if (outputs.some((output) => this.#ofValues.has(this.#root(output)))) this.#write(emit);
    }
  }

  /** Runs what writes gradients, and adds to the sums what it has written beside them. */
  #write(emit: (gradients: Gradients) => void): void {
    const additions: { part: PlannedBuffer; sum: PlannedBuffer }[] = [];
    const beside = (sum: PlannedBuffer) => {
      const part = this.#emitter.floats(`${sum.name} part`, sum.length);
      additions.push({ part, sum });
      return part;
    };
    emit({
      of: (output) => this.#ofValues.get(this.#root(output)) ?? null,
      to: (input) => {
        if (!input.needsGradient) return null;
        const value = this.#root(input);
        const sum = this.#ofValues.get(value);
        if (sum) return beside(sum);
        const first = this.#emitter.floats('dValue', lengthOf(input));
        this.#ofValues.set(value, first);
        return first;
      },
      toWeight: (weight) => {
        // Kernels write the gradients of all weights of a layer: those of frozen ones are forgotten at once.
        if (!this.#emitter.isTrainable(weight)) return this.#emitter.floats('dFrozen', sizeOf(weight.shape));
        const gradient = this.#emitter.gradient(weight);
        if (this.#writtenWeights.has(weight)) return beside(gradient);
        this.#writtenWeights.add(weight);
        return gradient;
      },
    });
    for (const { part, sum } of additions) emitAddition(this.#emitter, part, sum);
  }
}
