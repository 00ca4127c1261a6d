import { sizeOf } from '../core/shape.ts';
import { emitAddition } from '../layers/emitMove.ts';
import type { Emitter } from '../layers/emitter.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { Gradients, ScopeMemory } from '../layers/scope.ts';
import { lengthOf, type Value } from '../layers/value.ts';
import type { Weight } from '../layers/weight.ts';

/** An emitter with the buffers of the weights' gradients. */
export interface GradientEmitter extends Emitter {
  isTrainable(weight: Weight): boolean;
  gradient(weight: Weight): PlannedBuffer;
}

interface Step {
  readonly outputs: readonly Value[];
  readonly emit: (gradients: Gradients) => void;
  readonly memory: ScopeMemory | null;
}

/**
 * The backward pass of a program. It is recorded while the forward calls are emitted, and emitted
 * in reverse. A value with several uses, a weight with several uses, and an output that has a loss
 * and is also an input of a layer are one case: the first writer of a gradient overwrites its
 * buffer, and every later one adds. The order is that of the calls, so the bits are the same in
 * every program.
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

  /**
   * Records the backward calls of these outputs.
   * @param memory where the buffers of these calls are; null: each is a buffer of the program
   */
  note(outputs: readonly Value[], emit: (gradients: Gradients) => void, memory: ScopeMemory | null = null): void {
    this.#steps.push({ outputs, emit, memory });
  }

  /**
   * Begins the backward pass at a value.
   * @param emit writes the gradient of the value to a buffer; null when no layer below the value
   *   needs it
   */
  begin(value: Value, emit: (gradient: PlannedBuffer | null) => void): void {
    this.#write((gradients) => emit(gradients.to(value)));
  }

  /** Begins the backward pass at a value whose gradient is given in a buffer. */
  start(value: Value, given: PlannedBuffer): void {
    if (!value.needsGradient) return;
    const root = this.rootOf(value);
    const sum = this.#ofValues.get(root);
    if (sum) emitAddition(this.#emitter, given, sum);
    else this.#ofValues.set(root, given);
  }

  /** The gradient of a value, after the backward pass; null when nothing wrote one. */
  gradientOf(value: Value): PlannedBuffer | null {
    return this.#ofValues.get(this.rootOf(value)) ?? null;
  }

  /** {@link begin} at a weight. */
  beginAtWeight(weight: Weight, emit: (gradient: PlannedBuffer | null) => void): void {
    this.#write((gradients) => emit(gradients.toWeight(weight)));
  }

  /** Declares that two values are the same floats, so that they have one gradient. */
  alias(value: Value, same: Value): void {
    this.#aliases.set(value, this.rootOf(same));
  }

  /** The value of which this one is an alias, or the value itself. */
  rootOf(value: Value): Value {
    return this.#aliases.get(value) ?? value;
  }

  /** Emits the backward pass. */
  emitBackward(): void {
    for (const { outputs, emit, memory } of this.#steps.reverse()) {
      if (outputs.some((output) => this.#ofValues.has(this.rootOf(output)))) this.#write(emit, memory);
    }
  }

  /** Runs a function that writes gradients, and adds the parts that it has written to the sums. */
  #write(emit: (gradients: Gradients) => void, memory: ScopeMemory | null = null): void {
    const buffers = memory ?? this.#emitter;
    const additions: { part: PlannedBuffer; sum: PlannedBuffer }[] = [];
    const beside = (sum: PlannedBuffer) => {
      const part = buffers.floats(`${sum.name} part`, sum.length);
      additions.push({ part, sum });
      return part;
    };
    emit({
      of: (output) => this.#ofValues.get(this.rootOf(output)) ?? null,
      to: (input) => {
        if (!input.needsGradient) return null;
        const value = this.rootOf(input);
        const sum = this.#ofValues.get(value);
        if (sum) return beside(sum);
        const first = memory?.gradientOf(value) ?? this.#emitter.floats('dValue', lengthOf(input));
        this.#ofValues.set(value, first);
        return first;
      },
      toWeight: (weight) => {
        // Kernels write the gradients of all weights of a layer. Those of frozen weights are not
        // kept.
        if (!this.#emitter.isTrainable(weight)) return buffers.floats('dFrozen', sizeOf(weight.shape));
        const gradient = this.#emitter.gradient(weight);
        if (this.#writtenWeights.has(weight)) return beside(gradient);
        this.#writtenWeights.add(weight);
        return gradient;
      },
    });
    for (const { part, sum } of additions) emitAddition(this.#emitter, part, sum);
  }
}
