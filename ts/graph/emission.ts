import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import { InternalError } from '../core/errors.ts';
import type { CarriedState } from '../layers/emitter.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { L1L2 } from '../layers/regularizers.ts';
import type { Node } from '../layers/symbolicTensor.ts';
import { featuresOf, matrixRows, type Value } from '../layers/value.ts';
import type { ProgramState } from '../program/batchStates.ts';
import type { ProgramBuilder } from '../program/programBuilder.ts';
import { Tape } from './tape.ts';

/**
 * The first of the further random subsequences of uses of layers, behind the first subsequences of
 * all uses.
 */
const FURTHER_SUBSEQUENCES = 2 ** 20;

/** The options of a program for a graph. */
export interface EmissionOptions {
  /** Whether a backward pass follows. */
  readonly keeps: boolean;
  /** Whether dropout is active. */
  readonly drops: boolean;
}

/**
 * The emission of a graph into a program: the calls, the backward pass, and everything that all
 * uses of layers share.
 */
export class Emission implements EmissionOptions {
  readonly builder: ProgramBuilder;
  readonly tape: Tape;
  readonly keeps: boolean;
  readonly drops: boolean;
  /** The states that are kept from batch to batch, or from window to window. */
  readonly states: ProgramState[] = [];
  /** The outputs of layers with a penalty on them. */
  readonly penalized: { readonly regularizer: L1L2; readonly output: Value }[] = [];
  readonly #expanded = new Map<Value, PlannedBuffer>();
  #subsequences = 0;

  constructor(builder: ProgramBuilder, { keeps, drops }: EmissionOptions) {
    this.builder = builder;
    this.tape = new Tape(builder);
    this.keeps = keeps;
    this.drops = drops;
  }

  /** A random subsequence that is not the first subsequence of a use. */
  drawSubsequence(): number {
    return FURTHER_SUBSEQUENCES + this.#subsequences++;
  }

  /**
   * The buffers of a state that is kept: from batch to batch in a stateful layer, else from window
   * to window where there are windows. null for one that is not kept.
   */
  keptState(node: Node, name: string, length: number, stateful: boolean, inWindows = false): CarriedState | null {
    if (!stateful && !inWindows) return null;
    const buffer = (when: string) => this.builder.persistent(`${name} ${when}`, 'float', length);
    const state = { node, name, stateful, before: buffer('before'), after: buffer('after') };
    this.states.push(state);
    return { from: 'batch', ...state };
  }

  /** A value as floats. The first request expands its rows or computes its activation. */
  floatsOf(asked: Value): PlannedBuffer {
    // Views share the expansion, because two expansions of one value would pass its gradient back
    // twice.
    const value = asked.form.kind === 'floats' ? asked : this.tape.rootOf(asked);
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

  /** Emits the conversion of a value to floats, and registers its backward calls. */
  #expand(value: Value): PlannedBuffer {
    const { builder, tape } = this;
    const { form } = value;
    if (form.kind === 'tags') return form.decode();
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
        throw new InternalError(`a layer that takes floats got a value of kind ${form.kind}`);
    }
  }
}
