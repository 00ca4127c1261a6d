import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption } from '../core/options.ts';
import { positiveInteger, sizeOf } from '../core/shape.ts';
import { AttentionLayer, type AttentionLayerOptions } from './attentionLayer.ts';
import { emitDropoutOf } from './emit.ts';
import { emitAttentionMask, emitAttentionWeights, emitKept, emitProduct } from './emitMore.ts';
import { type InitializerLike, resolveInitializer, type StartValues } from './initializers.ts';
import type { LayerConfig } from './layer.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { stridesOf } from './strides.ts';
import { featuresOf, matrixRows, type Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type ConstraintLike, type RegularizerLike, ruleOptions, WeightRules } from './weightRules.ts';

// B batch, T steps of the query, S steps of the values, H heads, K features of a head's keys, V of
// a head's values.

/** How the names of the options of all kernels and all biases begin. */
const RULES = ['kernel', 'bias'] as const;

export interface MultiHeadAttentionOptions<ReturnScores extends boolean = boolean> extends AttentionLayerOptions<ReturnScores> {
  /** Number of heads, H. */
  numHeads: number;
  /** Features of each head's queries and keys, K. */
  keyDim: number;
  /** Features of each head's values, V. Default null: `keyDim`. */
  valueDim?: number | null;
  /** Whether there are biases. Default true. */
  useBias?: boolean;
  /** Features of the output, as a number or an array of it. Default null: those of the query. */
  outputShape?: number | readonly [number] | null;
  /** The initializer of the kernels. Default 'glorotUniform'. */
  kernelInitializer?: InitializerLike;
  /** The initializer of the biases. Default 'zeros'. */
  biasInitializer?: InitializerLike;
  /** A penalty on each kernel, added to the loss. Default none. */
  kernelRegularizer?: RegularizerLike | null;
  /** A penalty on each bias. Default none. */
  biasRegularizer?: RegularizerLike | null;
  /** A constraint on each kernel, applied after each update. Default none. */
  kernelConstraint?: ConstraintLike | null;
  /** A constraint on each bias, applied after each update. Default none. */
  biasConstraint?: ConstraintLike | null;
}

/**
 * Attention of several heads. Each projects query, keys and values, and attends by products; their
 * results, side by side, are projected to the output. Its inputs are `[query, value]` or `[query,
 * value, key]`: for a sequence that attends to itself `[x, x]`.
 *
 *     weights = softmax(q · kᵀ / sqrt(K))        output = (weights · v) · outputKernel + outputBias
 *
 * A step attends where query, values and keys are not masked. The output has the mask of the query.
 * A step that attends to none gets the mean of all values, or zeros with `dropout` or
 * `returnAttentionScores`, as in Keras.
 *
 * Weights, each kernel followed by its bias: queryKernel `[D, H, K]`, queryBias `[H, K]`,
 * keyKernel, keyBias, valueKernel `[D, H, V]`, valueBias, outputKernel `[H, V, output]`, outputBias
 * `[output]`. Vaswani et al. 2017.
 * https://keras.io/api/layers/attention_layers/multi_head_attention/
 */
export class MultiHeadAttention<ReturnScores extends boolean = false> extends AttentionLayer<ReturnScores> {
  readonly className = 'MultiHeadAttention';
  readonly numHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  readonly useBias: boolean;
  /** Features of the output; null for those of the query. */
  readonly outputFeatures: number | null;
  readonly #kernelInitializer: StartValues;
  readonly #biasInitializer: StartValues;
  readonly #rules: WeightRules;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: MultiHeadAttentionOptions<ReturnScores>) {
    const own = ['numHeads', 'keyDim', 'valueDim', 'useBias', 'outputShape', 'kernelInitializer', 'biasInitializer', ...ruleOptions(RULES)];
    super(options, own, 'MultiHeadAttention');
    const form = 'new MultiHeadAttention({ numHeads, keyDim })';
    this.numHeads = positiveInteger(options?.numHeads, 'MultiHeadAttention: numHeads', form);
    this.keyDim = positiveInteger(options.keyDim, 'MultiHeadAttention: keyDim', form);
    this.valueDim = positiveInteger(options.valueDim ?? this.keyDim, 'MultiHeadAttention: valueDim');
    this.useBias = booleanOption(options.useBias, true, 'MultiHeadAttention: useBias');
    const sizes = [options.outputShape ?? []].flat();
    if (sizes.length > 1)
      throw new ArgumentError(`MultiHeadAttention: outputShape must be a number or an array of one, got ${describe(options.outputShape)}`);
    this.outputFeatures = sizes.length === 0 ? null : positiveInteger(sizes[0], 'MultiHeadAttention: outputShape');
    this.#kernelInitializer = resolveInitializer(options.kernelInitializer ?? 'glorotUniform', 2, 'MultiHeadAttention: kernelInitializer');
    this.#biasInitializer = resolveInitializer(options.biasInitializer ?? 'zeros', 1, 'MultiHeadAttention: biasInitializer');
    this.#rules = new WeightRules(options, RULES, 'MultiHeadAttention');
  }

  override infer(inputs: readonly TensorSpec[]): readonly TensorSpec[] {
    const [query, value] = this.shapesOf(inputs);
    const output: TensorSpec = { shape: [query[0] as number | null, this.outputFeatures ?? (query[1] as number)], kind: 'floats' };
    const scores: SampleShape = [this.numHeads, query[0] as number | null, value[0] as number | null];
    return this.returnAttentionScores ? [output, { shape: scores, kind: 'floats' }] : [output];
  }

  protected override declareWeights(): void {
    const { numHeads: H, keyDim: K, valueDim: V } = this;
    const [ofQuery, ofValue, ofKey] = this.features as readonly [number, number, number];
    const project = (name: string, kernel: readonly number[], bias: readonly number[]) => {
      this.addWeight(`${name}Kernel`, kernel, this.#kernelInitializer, this.#rules.of('kernel'));
      if (this.useBias) this.addWeight(`${name}Bias`, bias, this.#biasInitializer, this.#rules.of('bias'));
    };
    project('query', [ofQuery, H, K], [H, K]);
    project('key', [ofKey, H, K], [H, K]);
    project('value', [ofValue, H, V], [H, V]);
    const output = this.outputFeatures ?? ofQuery;
    project('output', [H, V, output], [output]);
  }

  override emit(scope: Scope, inputs: readonly Value[]): readonly Value[] {
    const [query, value, key = value] = inputs as [Value, Value, Value?];
    const { numHeads: H, keyDim: K, valueDim: V } = this;
    const B = query.rows;
    const [T, S] = [query.shape[0] as number, value.shape[0] as number];
    const perWeight = this.useBias ? 2 : 1;
    const project = (input: Value, place: number, mask: PlannedBuffer | null = null) => {
      const [kernel, bias] = this.ownWeights.slice(place * perWeight, (place + 1) * perWeight) as [Weight, Weight?];
      return emitProjection(scope, input, kernel, bias, mask);
    };
    const [q, k, v] = [project(query, 0), project(key, 1), project(value, 2)];
    // In [T, B, H*K] the matrix of a head and a sample has rows that are B*H*K apart.
    const headsOf = (features: number) => ({ strides: [features, H * features] as [number, number], rowStride: B * H * features });
    const shape = [H, T, S];
    const { rows: between, axes } = stridesOf(shape, B);
    const ofScores = { strides: [axes[0] as number, between] as [number, number], rowStride: axes[1] as number };
    const scores = emitProduct(scope, {
      counts: [H, B],
      rows: T,
      depth: K,
      columns: S,
      left: { value: q, ...headsOf(K) },
      right: { value: k, ...headsOf(K), transposed: true },
      places: ofScores,
      output: { shape, rows: B, mask: null },
    });
    const masks = [value.mask, key.mask].filter((mask) => mask !== null);
    const mask = emitAttentionMask(scope, scores, { query: query.mask, values: masks, causal: this.useCausalMask });
    const softmax = emitAttentionWeights(scope, scores, mask, 1 / Math.sqrt(K));
    const weights = mask && (this.dropout > 0 || this.returnAttentionScores) ? emitKept(scope, softmax, mask) : softmax;
    const sums = emitProduct(scope, {
      counts: [H, B],
      rows: T,
      depth: S,
      columns: V,
      left: { value: emitDropoutOf(scope, weights, { rate: this.dropout, seed: this.seed }, false), ...ofScores },
      right: { value: v, ...headsOf(V) },
      places: headsOf(V),
      output: { shape: [T, H * V], rows: B, mask: null },
    });
    const output = project(sums, 3, query.mask);
    return this.returnAttentionScores ? [output, weights] : [output];
  }

  override getConfig(): LayerConfig {
    const { numHeads, keyDim, valueDim, useBias } = this;
    return {
      ...super.getConfig(),
      numHeads,
      keyDim,
      valueDim,
      useBias,
      outputShape: this.outputFeatures,
      kernelInitializer: this.#kernelInitializer.saved,
      biasInitializer: this.#biasInitializer.saved,
      ...this.#rules.getConfig(),
    };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): MultiHeadAttention<boolean> {
    return new MultiHeadAttention<boolean>(config as unknown as MultiHeadAttentionOptions);
  }
}

/** Emits the product of each step with a kernel of any axes after the first, and adds the bias. */
function emitProjection(scope: Scope, input: Value, kernel: Weight, bias: Weight | undefined, mask: PlannedBuffer | null): Value {
  const [rows, features] = [matrixRows(input), featuresOf(input)];
  const units = sizeOf(kernel.shape) / features;
  const y = scope.floats('y', rows * units);
  const shared = {
    rows,
    features,
    units,
    activation: ACTIVATIONS.linear,
    x: scope.floatsOf(input),
    ids: null,
    kernel: scope.weight(kernel),
  };
  scope.call('denseForward', { ...shared, bias: bias && scope.weight(bias), y });
  const output: Value = {
    shape: [...input.shape.slice(0, -1), units],
    rows: input.rows,
    form: { kind: 'floats', buffer: y },
    mask,
    needsGradient: input.needsGradient || scope.isTrainable(kernel),
  };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    if (!dY) return;
    const dKernel = gradients.toWeight(kernel);
    scope.call('denseBackward', { ...shared, y, dY, dKernel, dBias: bias && gradients.toWeight(bias), dX: gradients.to(input) });
  });
  return output;
}
