import type { FloatArray } from '../core/numericArray.ts';
import { sizeOf } from '../core/shape.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { Weight } from '../layers/weight.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Parameters } from '../program/parameters.ts';
import type { UpdateProgram } from '../run/updateProgram.ts';

/** The slots of an optimizer for a model that was not compiled with it. */
export class OptimizerState {
  /** Number of its updates. */
  iteration = 0;
  /** The slots of each weight. */
  readonly #slots = new Map<Weight, FloatArray[]>();

  /** Writes the slots to an update that has slots of its own. */
  load(update: UpdateProgram, parameters: Parameters): void {
    this.#eachSlot(update, parameters, (weight, index, part) => {
      const kept = this.#slots.get(weight)?.[index];
      if (kept) part.set(kept);
      else part.fill(0);
    });
  }

  /** Copies the slots from an update. */
  store(update: UpdateProgram, parameters: Parameters): void {
    this.#eachSlot(update, parameters, (weight, index, part) => {
      const slots = this.#slots.get(weight) ?? [];
      const kept = slots[index];
      if (kept) kept.set(part);
      else slots[index] = part.slice();
      this.#slots.set(weight, slots);
    });
  }

  #eachSlot(
    { program, slots }: UpdateProgram,
    { trainableWeights }: Parameters,
    visit: (weight: Weight, index: number, part: FloatArray) => void,
  ): void {
    let start = 0;
    for (const weight of trainableWeights) {
      const end = start + sizeOf(weight.shape);
      for (let index = 0; index < slots.length; index++)
        visit(weight, index, program.floats(slots[index] as PlannedBuffer).subarray(start, end));
      start = end;
    }
  }
}

/**
 * The slots of optimizers for a model that was not compiled with them, as long as the optimizers
 * exist.
 */
export class OptimizerStates {
  readonly #states = new WeakMap<Optimizer, OptimizerState>();

  of(optimizer: Optimizer): OptimizerState {
    const state = this.#states.get(optimizer) ?? new OptimizerState();
    this.#states.set(optimizer, state);
    return state;
  }
}
