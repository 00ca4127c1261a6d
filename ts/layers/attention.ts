import { ShapeError } from '../core/errors.ts';
import { booleanOption, oneOf } from '../core/options.ts';
import { formatShape, type Shape } from '../core/shape.ts';
import { AttentionLayer, type AttentionLayerOptions } from './attentionLayer.ts';
import { emitDropoutOf, emitFunction } from './emit.ts';
import {
  emitAttentionMask,
  emitAttentionWeights,
  emitAxes,
  emitBroadcast,
  emitKept,
  emitProduct,
  emitReduce,
  emitWeight,
  maskAsFloats,
} from './emitMore.ts';
import { add, input as inputOf, multiply, tanh } from './expression.ts';
import { ones } from './initializers.ts';
import type { LayerConfig } from './layer.ts';
import type { Scope } from './scope.ts';
import type { TensorSpec } from './spec.ts';
import { stridesOf } from './strides.ts';
import { featuresOf, type Value } from './value.ts';
import type { Weight } from './weight.ts';

// B batch, T steps of the query, S steps of the values, D features.

const [X, Z, SCALE] = [inputOf(0), inputOf(1), inputOf(2)];

/**
 * The base of attention with one head. A class computes by `emitScores` the score of each step of
 * the query with each step of the values.
 */
export abstract class OneHeadAttention<ReturnScores extends boolean> extends AttentionLayer<ReturnScores> {
  /** Emits the scores `[T, S]`. */
  protected abstract emitScores(scope: Scope, query: Value, key: Value): Value;

  override infer(inputs: readonly TensorSpec[]): readonly TensorSpec[] {
    const [query, value, key] = this.shapesOf(inputs);
    if (query[1] !== key[1])
      throw new ShapeError(`${this.title} takes a query and keys of the same features, got ${formatShape(query)} and ${formatShape(key)}`);
    const output: TensorSpec = { shape: [query[0] as number | null, value[1] as number], kind: 'floats' };
    return this.returnAttentionScores
      ? [output, { shape: [query[0] as number | null, value[0] as number | null], kind: 'floats' }]
      : [output];
  }

  override emit(scope: Scope, inputs: readonly Value[]): readonly Value[] {
    const [query, value, key = value] = inputs as [Value, Value, Value?];
    const scores = this.emitScores(scope, query, key);
    // The mask of the query only makes zeros at the end, and the keys have that of the values.
    const masks = { query: null, values: value.mask ? [value.mask] : [], causal: this.useCausalMask };
    const all = emitAttentionWeights(scope, scores, emitAttentionMask(scope, scores, masks));
    const weights = emitDropoutOf(scope, all, { rate: this.dropout, seed: this.seed }, false);
    const sum = emitProduct(scope, {
      ...product(weights, value, false),
      output: { shape: [query.shape[0] as number, featuresOf(value)], rows: query.rows, mask: query.mask },
    });
    const output = query.mask ? emitKept(scope, sum, maskAsFloats(scope, query.mask, sum)) : sum;
    return this.returnAttentionScores ? [output, weights] : [output];
  }
}

/** The product of two sequences, or of one and the transpose of the other. */
function product(left: Value, right: Value, transposed: boolean) {
  const [rows, depth] = left.shape as [number, number];
  const columns = (transposed ? right.shape[0] : right.shape[1]) as number;
  const places = (shape: Shape) => {
    const { rows: between, axes } = stridesOf(shape, left.rows);
    return { strides: [0, between] as [number, number], rowStride: axes[0] as number };
  };
  return {
    counts: [1, left.rows] as [number, number],
    rows,
    depth,
    columns,
    left: { value: left, ...places(left.shape) },
    right: { value: right, ...places(right.shape), transposed },
    places: places([rows, columns]),
  };
}

/** How scores are computed. */
export type ScoreMode = 'dot' | 'concat';

export interface AttentionOptions<ReturnScores extends boolean = boolean> extends AttentionLayerOptions<ReturnScores> {
  /** Whether a weight scales the scores. Default false. */
  useScale?: boolean;
  /**
   * 'dot': the scores are `q · k`; 'concat': a weight times the sum of `tanh(q + k)`. Default
   * 'dot'.
   */
  scoreMode?: ScoreMode;
}

/**
 * Attention by products: each step of the query gets the sum of the values `[S, V]`, weighted by
 * the softmax of its scores with the keys. Its inputs are `[query, value]` or `[query, value,
 * key]`.
 *
 *     scores = scale * q · kᵀ        output = softmax(scores) · v
 *
 * Masked values are not attended to; masked steps of the query give zeros, and the output has the
 * mask of the query. If all values are masked, all have the same weight, as in Keras with float32.
 *
 * Weights: scale `[]` with `useScale`, concatScoreWeight `[]` with `scoreMode: 'concat'`. Luong et
 * al. 2015. https://keras.io/api/layers/attention_layers/attention/
 */
export class Attention<ReturnScores extends boolean = false> extends OneHeadAttention<ReturnScores> {
  readonly className = 'Attention';
  readonly useScale: boolean;
  readonly scoreMode: ScoreMode;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: AttentionOptions<ReturnScores>) {
    super(options, ['useScale', 'scoreMode'], 'Attention');
    this.useScale = booleanOption(options?.useScale, false, 'Attention: useScale');
    this.scoreMode = oneOf(options?.scoreMode ?? 'dot', ['dot', 'concat'] as const, 'Attention: scoreMode');
  }

  protected override declareWeights(): void {
    if (this.useScale) this.addWeight('scale', [], ones);
    if (this.scoreMode === 'concat') this.addWeight('concatScoreWeight', [], ones);
  }

  protected override emitScores(scope: Scope, query: Value, key: Value): Value {
    const [scale, total] = (this.useScale ? this.ownWeights : [null, ...this.ownWeights]) as [Weight | null, Weight?];
    const shape = [query.shape[0] as number, key.shape[0] as number];
    const scaled = (scores: Value, weight: Weight) =>
      emitFunction(scope, multiply(X, Z), [scores, emitBroadcast(scope, emitWeight(scope, weight), scores.shape, scores.rows)], scores);
    if (!total) {
      const scores = emitProduct(scope, { ...product(query, key, true), output: { shape, rows: query.rows, mask: null } });
      return scale ? scaled(scores, scale) : scores;
    }
    const [q, k] = emitPairs(scope, query, key);
    const factor = scale && emitBroadcast(scope, emitWeight(scope, scale), q.shape, q.rows);
    const sums = factor
      ? emitFunction(scope, tanh(multiply(SCALE, add(X, Z))), [q, k, factor], q)
      : emitFunction(scope, tanh(add(X, Z)), [q, k], q);
    return scaled(emitReduce(scope, 'sum', sums, 2, false), total);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), useScale: this.useScale, scoreMode: this.scoreMode };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): Attention<boolean> {
    return new Attention<boolean>(config as AttentionOptions);
  }
}

/** Emits each step of the query beside each step of the keys: both as `[T, S, D]`. */
export function emitPairs(scope: Scope, query: Value, key: Value): [query: Value, key: Value] {
  const shape = [query.shape[0] as number, key.shape[0] as number, featuresOf(query)];
  return [
    emitBroadcast(scope, emitAxes(scope, query, [0, null, 1]), shape, query.rows),
    emitBroadcast(scope, emitAxes(scope, key, [null, 0, 1]), shape, key.rows),
  ];
}
