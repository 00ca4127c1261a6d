import { ACTIVATIONS, CELLS } from '../backend/kernels.generated.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, numberInRange } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { type ActivationName, cellActivationName } from './activations.ts';
import { emitDropout } from './emitDropout.ts';
import type { EmittedArguments, Emitter } from './emitter.ts';
import { type Initializer, type InitializerName, initializer } from './initializers.ts';
import { type Emitted, Layer, type LayerConfig, type LayerOptions, requireFeatures, type StateDeclaration } from './layer.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import { asFloats, type Value } from './value.ts';
import type { Weight } from './weight.ts';

/** Options that every recurrent layer takes. https://keras.io/api/layers/recurrent_layers/ */
export interface RecurrentOptions extends LayerOptions {
  /** Of the candidate and of the output. Default 'tanh'. */
  activation?: ActivationName;
  /** Default true. */
  useBias?: boolean;
  /** Default 'glorotUniform', over the fused kernel `[D, G*H]`. */
  kernelInitializer?: InitializerName;
  /** Default 'orthogonal', over the fused kernel `[H, G*H]`. */
  recurrentInitializer?: InitializerName;
  /** Default 'zeros'. */
  biasInitializer?: InitializerName;
  /** Fraction of the input's features to drop while training, the same ones at every step of a batch. Default 0. */
  dropout?: number;
  /** Return the output of every step, `[T, H]`, instead of the last one's, `[H]`. Default false. */
  returnSequences?: boolean;
  /** Process the steps from last to first; returned sequences are in the order of processing. Default false. */
  goBackwards?: boolean;
  /** With a mask: outputs of skipped steps are zeros instead of the previous output. Default false. */
  zeroOutputForMask?: boolean;
  /**
   * Truncated back-propagation through time: the sequence is cut, counted from its end, into chunks of this many steps, and
   * no gradient flows from one chunk into the one before. A loss on the last output then trains on the last `truncate`
   * steps only. Default null: through the whole sequence. (Not in Keras.)
   */
  truncate?: number | null;
}

export const RECURRENT_OPTIONS = [
  'activation',
  'useBias',
  'kernelInitializer',
  'recurrentInitializer',
  'biasInitializer',
  'dropout',
  'returnSequences',
  'goBackwards',
  'zeroOutputForMask',
  'truncate',
] as const;

/** The base of SimpleRNN, LSTM and GRU: everything but the cell's name, its bias and its gate activation. */
export abstract class Recurrent extends Layer {
  readonly units: number;
  readonly activation: ActivationName;
  readonly useBias: boolean;
  readonly dropout: number;
  readonly returnSequences: boolean;
  readonly goBackwards: boolean;
  readonly zeroOutputForMask: boolean;
  readonly truncate: number | null;
  readonly #kernelInitializer: Initializer;
  readonly #recurrentInitializer: Initializer;
  readonly #biasInitializer: Initializer;
  #stream = 0;

  /** @param biasAxes how many axes the bias has */
  protected constructor(
    units: number,
    options: RecurrentOptions | undefined,
    known: readonly string[],
    className: string,
    biasAxes: 1 | 2 = 1,
  ) {
    super(options, [...RECURRENT_OPTIONS, ...known], className);
    this.units = positiveInteger(units, `${className}: units`);
    this.activation = cellActivationName(options?.activation ?? 'tanh', `${className}: activation`);
    this.useBias = booleanOption(options?.useBias, true, `${className}: useBias`);
    this.dropout = numberInRange(options?.dropout ?? 0, 0, 1, `${className}: dropout`);
    this.returnSequences = booleanOption(options?.returnSequences, false, `${className}: returnSequences`);
    this.goBackwards = booleanOption(options?.goBackwards, false, `${className}: goBackwards`);
    this.zeroOutputForMask = booleanOption(options?.zeroOutputForMask, false, `${className}: zeroOutputForMask`);
    this.truncate = options?.truncate == null ? null : positiveInteger(options.truncate, `${className}: truncate`);
    this.#kernelInitializer = initializer(options?.kernelInitializer ?? 'glorotUniform', 2, `${className}: kernelInitializer`);
    this.#recurrentInitializer = initializer(options?.recurrentInitializer ?? 'orthogonal', 2, `${className}: recurrentInitializer`);
    this.#biasInitializer = initializer(options?.biasInitializer ?? 'zeros', biasAxes, `${className}: biasInitializer`);
    if (this.zeroOutputForMask && !this.returnSequences) {
      throw new ArgumentError(`${className}: zeroOutputForMask has a meaning only with returnSequences: true`);
    }
  }

  /** Which of the kernels' cells this layer runs. */
  protected abstract get cell(): keyof typeof CELLS;

  /** Activation of the gates; cells without gates ignore it. */
  protected get gateActivation(): ActivationName {
    return 'sigmoid';
  }

  override get states(): readonly StateDeclaration[] {
    return ['h', 'c'].slice(0, CELLS[this.cell].states).map((name) => ({ name, length: this.units }));
  }

  protected biasShape(gates: number): readonly number[] {
    return [gates * this.units];
  }

  protected biasStart(initial: Initializer): Initializer {
    return initial;
  }

  override setStream(stream: number): void {
    this.#stream = stream;
  }

  protected override checkInputShape(inputShape: readonly (number | null)[]): number {
    return requireFeatures(this, inputShape, [2], 'sequences [steps, features]');
  }

  protected override declareWeights(features: number): void {
    const { gates } = CELLS[this.cell];
    this.addWeight('kernel', [features, gates * this.units], this.#kernelInitializer);
    this.addWeight('recurrentKernel', [this.units, gates * this.units], this.#recurrentInitializer);
    if (this.useBias) this.addWeight('bias', this.biasShape(gates), this.biasStart(this.#biasInitializer));
  }

  override outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[] {
    return this.returnSequences ? [inputShape[0] as number | null, this.units] : [this.units];
  }

  /**
   * One kernel call runs the whole sequence. One-hot and embedding rows reach it as ids, unless dropout has to see them.
   *
   * Letters: B batch, T steps, D features, H units, S floats saved per unit.
   */
  override emit(emitter: Emitter, input: Value): Emitted {
    const { batch } = emitter;
    const [steps, features] = input.shape as readonly [number, number];
    const { units, name } = this;
    const { states, saved: savedPerUnit } = CELLS[this.cell];
    const drops = emitter.training && this.dropout > 0;
    const dropoutPlan = { name, steps, features, rate: this.dropout, stream: this.#stream, sharedOverSteps: true };

    const carriedH = emitter.carriedState(name, 'h');
    const carriedC = states > 1 ? emitter.carriedState(name, 'c') : null;
    if (carriedH && this.goBackwards) {
      throw new ArgumentError(
        `layer ${name} (${this.className}) has goBackwards: true, so it begins with the last step and cannot be given one step after the other`,
      );
    }

    let x: PlannedBuffer | null = null;
    let ids: PlannedBuffer | null = null;
    let embedding: Weight | null = null;
    if (drops) x = emitDropout(emitter, asFloats(emitter, input), dropoutPlan);
    else if (input.content.kind === 'oneHot') ids = input.content.ids;
    else if (input.content.kind === 'embedding' && !carriedH) {
      // Not for the few rows of a single step: looking for equal ids costs as much as the vocabulary is long.
      ids = input.content.ids;
      embedding = input.content.table;
    } else x = asFloats(emitter, input);

    const [kernel, recurrentKernel, bias] = this.weights as [Weight, Weight, Weight?];
    const stateLength = batch * units;
    const zeroOutput = this.zeroOutputForMask && input.mask !== null;
    const y = zeroOutput ? emitter.floats(`${name}.y`, steps * stateLength) : null;
    const needsGradient = input.needsGradient || emitter.isTrainable(kernel);
    // Without a backward pass nothing of a step is kept but what the layer above reads.
    const keeps = emitter.training && needsGradient;
    const hSteps = keeps || (this.returnSequences && !y) ? steps : 1;
    const cSteps = keeps ? steps : 1;
    const saved = keeps ? emitter.floats(`${name}.saved`, steps * stateLength * savedPerUnit) : null;
    const h = carriedH?.after ?? emitter.floats(`${name}.h`, hSteps * stateLength);
    const c = states > 1 ? (carriedC?.after ?? emitter.floats(`${name}.c`, cSteps * stateLength)) : null;
    const shared = {
      cell: CELLS[this.cell].code,
      activation: ACTIVATIONS[this.activation],
      recurrentActivation: ACTIVATIONS[this.gateActivation],
      steps,
      batch,
      features,
      units,
      vocabulary: embedding ? (embedding.shape[0] as number) : 0,
      reverse: this.goBackwards ? 1 : 0,
      x,
      ids,
      table: embedding && emitter.weight(embedding),
      mask: input.mask,
      kernel: emitter.weight(kernel),
      recurrentKernel: emitter.weight(recurrentKernel),
      initialH: carriedH?.before,
      initialC: carriedC?.before,
      h,
      c,
    } satisfies Partial<EmittedArguments<'sequenceForward'>>;
    emitter.call('sequenceForward', { ...shared, hSteps, cSteps, bias: bias && emitter.weight(bias), saved, y });

    const buffer = this.returnSequences ? (y ?? h) : emitter.slice(h, (hSteps - 1) * stateLength, stateLength);
    return {
      output: {
        shape: this.returnSequences ? [steps, units] : [units],
        content: { kind: 'floats', buffer },
        mask: this.returnSequences ? input.mask : null,
        needsGradient,
      },
      backward: (gradient) => {
        if (!gradient || !saved) return null;
        const dX = x && input.needsGradient ? emitter.floats(`${name}.dX`, steps * batch * features) : null;
        emitter.call('sequenceBackward', {
          ...shared,
          saved,
          truncate: this.truncate ?? 0,
          dOutput: this.returnSequences ? gradient : null,
          dFinalH: this.returnSequences ? null : gradient,
          zeroOutput: zeroOutput ? 1 : 0,
          dKernel: emitter.gradient(kernel),
          dRecurrentKernel: emitter.gradient(recurrentKernel),
          dBias: bias && emitter.gradient(bias),
          dX,
          dTable: embedding && emitter.gradient(embedding),
        });
        return dX && drops ? emitDropout(emitter, dX, dropoutPlan) : dX;
      },
    };
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: this.activation,
      useBias: this.useBias,
      kernelInitializer: this.#kernelInitializer.name,
      recurrentInitializer: this.#recurrentInitializer.name,
      biasInitializer: this.#biasInitializer.name,
      dropout: this.dropout,
      returnSequences: this.returnSequences,
      goBackwards: this.goBackwards,
      zeroOutputForMask: this.zeroOutputForMask,
      truncate: this.truncate,
    };
  }
}
