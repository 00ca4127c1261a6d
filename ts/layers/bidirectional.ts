import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { oneOf } from '../core/options.ts';
import { formatShape } from '../core/shape.ts';
import type { ActivationLike } from './activationFunction.ts';
import { emitFunction, emitMove } from './emit.ts';
import { inReverse } from './emitMore.ts';
import { add, divide, type Expression, input as inputOf, multiply } from './expression.ts';
import { GRU, type GRUOptions } from './gru.ts';
import { type InputUse, Layer, type LayerConfig, type LayerOptions, requireFeatures, snakeCase } from './layer.ts';
import { LSTM, type LSTMOptions } from './lstm.ts';
import { Recurrent } from './recurrent.ts';
import type { RNN } from './rnn.ts';
import type { Scope } from './scope.ts';
import { SimpleRNN, type SimpleRNNOptions } from './simpleRNN.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { type CallConfig, PLAIN_CALL } from './symbolicTensor.ts';
import { featuresOf, matrixRows, type Value } from './value.ts';
import { type MakeLayer, Wrapper } from './wrapper.ts';

/**
 * How the outputs of both directions are combined: concatenated, their sum, their product or their
 * mean; null returns both.
 */
export type MergeMode = 'concat' | 'sum' | 'mul' | 'ave' | null;

export interface BidirectionalOptions extends LayerOptions {
  /** How the outputs are combined. Default 'concat'. */
  mergeMode?: MergeMode;
  /** The layer that goes backwards, with `goBackwards: true`. Default: one like the first. */
  backwardLayer?: AnyRecurrent;
}

type AnyRecurrent = Recurrent<boolean> | RNN<boolean>;

/** RNN is known by its method, so that programs without it do not load it. */
function isRecurrent(layer: unknown): layer is AnyRecurrent {
  return layer instanceof Recurrent || (layer instanceof Layer && 'copyWith' in layer);
}

const MODES = ['concat', 'sum', 'mul', 'ave', null] as const;
const [FIRST, SECOND] = [inputOf(0), inputOf(1)];
const FORMULAS: Readonly<Record<'sum' | 'mul' | 'ave', Expression>> = {
  sum: add(FIRST, SECOND),
  mul: multiply(FIRST, SECOND),
  ave: divide(add(FIRST, SECOND), 2),
};

/**
 * A recurrent layer over a sequence from its first step to its last, and another from its last to
 * its first. Outputs of every step are in the order of the steps. Weights: those of the forward
 * layer, then those of the backward one. Schuster & Paliwal 1997.
 * https://keras.io/api/layers/recurrent_layers/bidirectional/
 */
export class Bidirectional<ReturnState extends boolean = false> extends Wrapper {
  readonly className = 'Bidirectional';
  readonly mergeMode: MergeMode;
  readonly forwardLayer: AnyRecurrent;
  readonly backwardLayer: AnyRecurrent;
  readonly returnState: ReturnState;

  /**
   * @param layer a SimpleRNN, LSTM, GRU or RNN; the wrapper has copies of it, called `forward_` and
   *   `backward_` and its name
   * @throws {ArgumentError} for an unknown option, or when the layers do not go in opposite
   *   directions and give the same outputs
   */
  constructor(layer: Recurrent<ReturnState> | RNN<ReturnState>, options?: BidirectionalOptions) {
    if (!isRecurrent(layer)) throw new ArgumentError(`Bidirectional takes a SimpleRNN, LSTM, GRU or RNN, got ${describe(layer)}`);
    const backward = options?.backwardLayer ?? null;
    if (backward !== null && !isRecurrent(backward))
      throw new ArgumentError(`Bidirectional: backwardLayer must be a SimpleRNN, LSTM, GRU or RNN, got ${describe(backward)}`);
    const forwardLayer = directed(layer, layer.goBackwards, 'forward');
    const backwardLayer = directed(backward ?? layer, backward ? backward.goBackwards : !layer.goBackwards, 'backward');
    super(options, ['mergeMode', 'backwardLayer'], 'Bidirectional', [forwardLayer, backwardLayer]);
    this.mergeMode = oneOf(options?.mergeMode === undefined ? 'concat' : options.mergeMode, MODES, 'Bidirectional: mergeMode');
    this.forwardLayer = forwardLayer;
    this.backwardLayer = backwardLayer;
    this.returnState = layer.returnState;
    if (forwardLayer.goBackwards === backwardLayer.goBackwards)
      throw new ArgumentError('Bidirectional: backwardLayer must go in the other direction: give it goBackwards: true');
    for (const name of ['returnSequences', 'returnState', 'stateful'] as const) {
      if (forwardLayer[name] !== backwardLayer[name])
        throw new ArgumentError(`Bidirectional: both layers need the same ${name}, got ${forwardLayer[name]} and ${backwardLayer[name]}`);
    }
  }

  override usesOf(place: number): readonly InputUse[] {
    return this.forwardLayer.usesOf(place);
  }

  override infer(inputs: readonly TensorSpec[], call: CallConfig): readonly TensorSpec[] {
    const [first, ...states] = inputs as readonly [TensorSpec, ...TensorSpec[]];
    requireFeatures(this, first.shape, [2], 'sequences [steps, features]');
    const each = [this.forwardLayer, this.backwardLayer];
    const count = each.reduce((sum, layer) => sum + layer.stateCount, 0);
    if (states.length > 0 && states.length !== count)
      throw new ShapeError(`${this.title}: initialState must be ${count} tensors, those of the forward layer first, got ${states.length}`);
    const split = this.#split(states);
    const [forward, backward] = each.map((layer, index) =>
      layer.infer([first, ...(split[index] as TensorSpec[])], { ...call, states: (split[index] as TensorSpec[]).length }),
    ) as [readonly TensorSpec[], readonly TensorSpec[]];
    const [a, b] = [forward[0] as TensorSpec, backward[0] as TensorSpec];
    const finalStates = [...forward.slice(1), ...backward.slice(1)];
    if (this.mergeMode === null) return [a, b, ...finalStates];
    if (this.mergeMode === 'concat') {
      const features = (a.shape.at(-1) as number) + (b.shape.at(-1) as number);
      return [{ shape: [...a.shape.slice(0, -1), features], kind: 'floats' }, ...finalStates];
    }
    if (formatShape(a.shape) !== formatShape(b.shape))
      throw new ShapeError(
        `${this.title}: mergeMode '${this.mergeMode}' needs outputs of one shape, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      );
    return [a, ...finalStates];
  }

  protected override buildInside([first]: readonly [TensorSpec]): void {
    this.forwardLayer.declare([first]);
    this.backwardLayer.declare([first]);
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return (this.infer([{ shape: inputShape, kind: 'floats' }], PLAIN_CALL)[0] as TensorSpec).shape;
  }

  override emit(scope: Scope, [input, ...states]: readonly [Value, ...Value[]]): readonly Value[] {
    const [ofForward, ofBackward] = this.#split(states) as [readonly Value[], readonly Value[]];
    const run = (layer: AnyRecurrent, initial: readonly Value[]) => layer.emitUse(scope.inner(layer.name), [input, ...initial], PLAIN_CALL);
    const [forward, ...forwardStates] = run(this.forwardLayer, ofForward) as readonly [Value, ...Value[]];
    const [backward, ...backwardStates] = run(this.backwardLayer, ofBackward) as readonly [Value, ...Value[]];
    const finalStates = [...forwardStates, ...backwardStates];
    const reversed = (value: Value, layer: AnyRecurrent) => (layer.goBackwards && layer.returnSequences ? inReverse(scope, value) : value);
    const [a, b] = [reversed(forward, this.forwardLayer), reversed(backward, this.backwardLayer)];
    if (this.mergeMode === null) return [a, b, ...finalStates];
    if (this.mergeMode === 'concat') return [sideBySide(scope, a, b), ...finalStates];
    return [emitFunction(scope, FORMULAS[this.mergeMode], [a, b], a), ...finalStates];
  }

  /** The states of each direction. */
  #split<T>(states: readonly T[]): readonly [readonly T[], readonly T[]] {
    const half = states.length === 0 ? 0 : this.forwardLayer.stateCount;
    return [states.slice(0, half), states.slice(half)];
  }

  override getConfig(): LayerConfig {
    const { forwardLayer, backwardLayer, mergeMode } = this;
    return { ...super.getConfig(), layer: this.configOf(forwardLayer), backwardLayer: this.configOf(backwardLayer), mergeMode };
  }

  protected override copyOf(options: LayerOptions): this {
    const { forwardLayer, backwardLayer, mergeMode } = this;
    return new Bidirectional<boolean>(forwardLayer, { ...options, mergeMode, backwardLayer }) as this;
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ layer, backwardLayer, ...options }: LayerConfig, make: MakeLayer): Bidirectional<boolean> {
    return new Bidirectional<boolean>(
      make(layer) as AnyRecurrent,
      { ...options, backwardLayer: make(backwardLayer) as AnyRecurrent } as BidirectionalOptions,
    );
  }
}

/**
 * A copy of a recurrent layer, without its weights, that goes in a direction and is called by it.
 */
function directed(layer: AnyRecurrent, goBackwards: boolean, direction: 'forward' | 'backward'): AnyRecurrent {
  const name = layer.hasName ? layer.name : snakeCase(layer.className);
  const prefix = `${direction}_`;
  const own = name.startsWith(prefix) ? name : prefix + name;
  // Keras: outputs of skipped steps are zeros, so that both directions agree on them.
  const zeroOutputForMask = layer.returnSequences;
  if (!(layer instanceof Recurrent)) return layer.copyWith({ name: own, trainable: layer.trainable, goBackwards, zeroOutputForMask });
  const named = layer.hasName;
  if (!named) layer.setName(name);
  const { units, ...config }: LayerConfig = { ...layer.getConfig(), zeroOutputForMask };
  if (!named) layer.setName(null);
  // As they were given: a custom function need not be found by its name.
  const { activation, recurrentActivation } = layer as Recurrent<boolean> & { recurrentActivation?: ActivationLike };
  const activations = { activation, ...(recurrentActivation !== undefined && { recurrentActivation }) };
  const options = { ...config, ...activations, goBackwards, name: own };
  if (layer instanceof LSTM) return new LSTM<boolean>(units as number, options as LSTMOptions);
  if (layer instanceof GRU) return new GRU<boolean>(units as number, options as GRUOptions);
  return new SimpleRNN<boolean>(units as number, options as SimpleRNNOptions);
}

/** The features of two values next to each other. */
function sideBySide(scope: Scope, a: Value, b: Value): Value {
  const rows = matrixRows(a);
  const widths = [featuresOf(a), featuresOf(b)] as const;
  const total = widths[0] + widths[1];
  const y = scope.floats('y', rows * total);
  const starts = [0, widths[0]] as const;
  for (const [index, value] of [a, b].entries()) {
    const width = widths[index] as number;
    const to = { start: starts[index] as number, strides: [total] };
    emitMove(scope, { counts: [rows], width, x: scope.floatsOf(value), from: { strides: [width] }, y, to });
  }
  const output: Value = {
    ...a,
    shape: [...a.shape.slice(0, -1), total],
    form: { kind: 'floats', buffer: y },
    needsGradient: a.needsGradient || b.needsGradient,
  };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    if (!dY) return;
    for (const [index, value] of [a, b].entries()) {
      const dX = gradients.to(value);
      const width = widths[index] as number;
      const from = { start: starts[index] as number, strides: [total] };
      if (dX) emitMove(scope, { counts: [rows], width, x: dY, from, y: dX, to: { strides: [width] } });
    }
  });
  return output;
}
