import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import { InternalError } from '../core/errors.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { CallConfig } from '../layers/symbolicTensor.ts';
import { featuresOf, matrixRows, type Value } from '../layers/value.ts';
import type { ProgramBuilder } from './programBuilder.ts';
import { Tape } from './tape.ts';

/** Random streams that uses of layers draw from after their first: past those of the uses themselves. */
const FURTHER_STREAMS = 2 ** 20;

/** What a program does with a graph. */
export interface EmissionOptions {
  /** Whether a backward pass follows. */
  readonly keeps: boolean;
  /** Whether dropout drops. */
  readonly drops: boolean;
}

/** A graph on its way into a program: the calls, how gradients pass through them, and what is shared by all uses of layers. */
export class Emission implements EmissionOptions {
  readonly builder: ProgramBuilder;
  readonly tape: Tape;
  readonly keeps: boolean;
  readonly drops: boolean;
  readonly #expanded = new Map<Value, PlannedBuffer>();
  #streams = 0;

  constructor(builder: ProgramBuilder, { keeps, drops }: EmissionOptions) {
    this.builder = builder;
    this.tape = new Tape(builder);
    this.keeps = keeps;
    this.drops = drops;
  }

  /** A random stream that no use of a layer begins with. */
  drawStream(): number {
    return FURTHER_STREAMS + this.#streams++;
  }

  /** A value as floats: its rows are expanded, or its activation computed, when it is first asked for. */
  floatsOf(value: Value): PlannedBuffer {
    const { form } = value;
    if (form.kind === 'floats') return form.buffer;
    if (form.kind === 'input' && form.floats) return form.floats;
    let buffer = this.#expanded.get(value);
    if (!buffer) {
      buffer = this.#expand(value);
      this.#expanded.set(value, buffer);
    }
    return buffer;
  }

  /** The inputs of a use without the mask that was given as the last of them: the first has it. */
  withMaskArgument(inputs: readonly Value[], { mask }: CallConfig): readonly Value[] {
    if (!mask) return inputs;
    const [first, ...others] = inputs as readonly [Value, ...Value[]];
    const { form } = others.pop() as Value;
    const masked: Value = { ...first, mask: form.kind === 'input' ? form.ids : null };
    this.tape.alias(masked, first);
    return [masked, ...others];
  }

  /** Emits what makes floats of a value of another form, and notes how its gradient passes on. */
  #expand(value: Value): PlannedBuffer {
    const { builder, tape } = this;
    const { form } = value;
    const rows = matrixRows(value);
    const features = featuresOf(value);
    const y = builder.floats(form.kind, rows * features);
    switch (form.kind) {
      case 'rows': {
        const { ids, table } = form;
        if (!table) {
          builder.call('oneHotForward', { rows, features, ids, y });
          return y;
        }
        const shared = { rows, vocabulary: table.shape[0] as number, features, ids };
        builder.call('embeddingForward', { ...shared, table: builder.weight(table), y });
        tape.note([value], (gradients) => {
          const dY = gradients.of(value);
          if (dY) builder.call('embeddingBackward', { ...shared, dY, dTable: gradients.toWeight(table) });
        });
        return y;
      }
      case 'activation': {
        const { scores } = form;
        const shared = { rows, units: features, activation: ACTIVATIONS[form.activation] };
        builder.call('activationForward', { ...shared, x: this.floatsOf(scores), y });
        tape.note([value], (gradients) => {
          const dY = gradients.of(value);
          const dX = dY && gradients.to(scores);
          if (dY && dX) builder.call('activationBackward', { ...shared, y, dY, dX });
        });
        return y;
      }
      default:
        throw new InternalError(`a value of ${form.kind} reached a layer that takes floats: building the graph checks this`);
    }
  }
}
