import type { KernelName } from '../backend/kernels.generated.ts';
import type { SeedWords } from '../core/seed.ts';
import type { CarriedState, EmittedArguments, Emitter, PackedBuffers } from '../layers/emitter.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { L1L2 } from '../layers/regularizers.ts';
import type { CellWeights, Gradients, InnerScopeOptions, NativeFunction, ReplicaSumOptions, Scope, ScopeMemory } from '../layers/scope.ts';
import type { Value } from '../layers/value.ts';
import type { Weight } from '../layers/weight.ts';
import type { Emission } from './emission.ts';

/** The properties of one use of a layer. */
export interface ScopeOptions {
  readonly name: string;
  /** The first random subsequence of the use. */
  readonly subsequence: number;
  readonly scoresWanted: string | null;
  /** Whether dropout is active; null: as in the rest of the program. */
  readonly training: boolean | null;
  /** The memory of its buffers; absent: each is a buffer of the program. */
  readonly memory?: ScopeMemory | null | undefined;
  /** The buffers of a state; null where sequences begin with zeros. */
  readonly state: (name: string, length: number, stateful: boolean) => CarriedState | null;
  /** The packed weights of a stream; absent in other programs. */
  readonly streamWeights?: ((weights: CellWeights) => PlannedBuffer) | undefined;
}

/** A program under construction, as one use of a layer sees it. */
export class NodeScope implements Scope {
  readonly name: string;
  readonly scoresWanted: string | null;
  readonly #emission: Emission;
  readonly #options: ScopeOptions;
  /** Whether the use has drawn its first subsequence; the layers inside it share it. */
  #draws = { begun: false };

  constructor(emission: Emission, options: ScopeOptions) {
    this.#emission = emission;
    this.#options = options;
    this.name = options.name;
    this.scoresWanted = options.scoresWanted;
  }

  get batch(): number {
    return this.#emission.builder.batch;
  }

  get drops(): boolean {
    return this.#options.training ?? this.#emission.drops;
  }

  get keeps(): boolean {
    return this.#emission.keeps;
  }

  get seed(): SeedWords {
    return this.#emission.builder.seed;
  }

  get counter(): PlannedBuffer {
    return this.#emission.builder.counter;
  }

  get stepCounter(): PlannedBuffer {
    return this.#emission.builder.stepCounter;
  }

  /** The memory of the buffers. */
  get #memory(): Pick<Emitter, 'floats' | 'ints' | 'constants' | 'zeros'> {
    return this.#options.memory ?? this.#emission.builder;
  }

  drawSubsequence(): number {
    return this.#options.memory?.drawSubsequence(() => this.#drawSubsequence()) ?? this.#drawSubsequence();
  }

  #drawSubsequence(): number {
    if (this.#draws.begun) return this.#emission.drawSubsequence();
    this.#draws.begun = true;
    return this.#options.subsequence;
  }

  floats(name: string, length: number): PlannedBuffer {
    return this.#memory.floats(`${this.name}.${name}`, length);
  }

  ints(name: string, length: number): PlannedBuffer {
    return this.#memory.ints(`${this.name}.${name}`, length);
  }

  constants(name: string, values: Int32Array): PlannedBuffer {
    return this.#memory.constants(`${this.name}.${name}`, values);
  }

  zeros(length: number): PlannedBuffer {
    return this.#memory.zeros(length);
  }

  slice(buffer: PlannedBuffer, start: number, length: number): PlannedBuffer {
    return this.#emission.builder.slice(buffer, start, length);
  }

  weight(weight: Weight): PlannedBuffer {
    return this.#emission.builder.weight(weight);
  }

  packed(weight: Weight, gates: number): PackedBuffers | null {
    return this.#emission.builder.packed(weight, gates);
  }

  isTrainable(weight: Weight): boolean {
    return this.#emission.builder.isTrainable(weight);
  }

  state(name: string, length: number, stateful: boolean): CarriedState | null {
    return this.#options.state(name, length, stateful);
  }

  call<K extends KernelName>(kernel: K, args: EmittedArguments<K>): void {
    this.#emission.builder.call(kernel, args, this.#options.memory);
  }

  penalize(regularizer: L1L2, outputs: readonly Value[]): void {
    for (const output of outputs) this.#emission.penalized.push({ regularizer, output });
  }

  sumOverReplicas(buffer: PlannedBuffer, { ofGradients = false }: ReplicaSumOptions = {}): void {
    this.#emission.builder.sumOverReplicas({ buffer, ofGradients });
  }

  native({ reads, writes, run }: NativeFunction): void {
    this.#emission.builder.native([...reads, ...writes], run);
  }

  backward(outputs: readonly Value[], emit: (gradients: Gradients) => void): void {
    const { memory } = this.#options;
    memory?.made(outputs);
    this.#emission.tape.note(outputs, emit, memory);
  }

  inner(name: string, { keepsStates = true, training = null, scoresWanted = null, memory }: InnerScopeOptions = {}): Scope {
    const { state, ...options } = this.#options;
    const inner = new NodeScope(this.#emission, {
      ...options,
      name: `${this.name}.${name}`,
      scoresWanted,
      training: training ?? options.training,
      memory: memory ?? options.memory,
      state: (own, length, stateful) => (keepsStates ? state(`${name}/${own}`, length, stateful) : null),
    });
    inner.#draws = this.#draws;
    return inner;
  }

  streamWeights(weights: CellWeights): PlannedBuffer | null {
    return this.#options.streamWeights?.(weights) ?? null;
  }

  view(value: Value, as: Pick<Value, 'shape' | 'rows' | 'mask'>): Value {
    // The view is read as floats, so a value that was not computed yet is computed here.
    const form: Value['form'] = 'scores' in value.form ? { kind: 'floats', buffer: this.floatsOf(value) } : value.form;
    const view = { ...value, ...as, form };
    this.#emission.tape.alias(view, value);
    return view;
  }

  floatsOf(value: Value): PlannedBuffer {
    return this.#emission.floatsOf(value);
  }
}
