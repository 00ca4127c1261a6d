import { booleanOption } from '../core/options.ts';
import { emitPairs, OneHeadAttention } from './attention.ts';
import type { AttentionLayerOptions } from './attentionLayer.ts';
import { emitFunction } from './emit.ts';
import { emitBroadcast, emitReduce, emitWeight } from './emitMore.ts';
import { add, input as inputOf, multiply, tanh } from './expression.ts';
import { resolveInitializer } from './initializers.ts';
import type { LayerConfig } from './layer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

const [X, Z, SCALE] = [inputOf(0), inputOf(1), inputOf(2)];

export interface AdditiveAttentionOptions<ReturnScores extends boolean = boolean> extends AttentionLayerOptions<ReturnScores> {
  /** Whether a weight scales the features. Default true. */
  useScale?: boolean;
}

/**
 * Attention by sums: the score of a step of the query with a step of the keys is the sum of
 * `scale * tanh(q + k)` over the features. Inputs, masks and outputs are those of `Attention`.
 *
 * Weights: scale `[D]` with `useScale`. Bahdanau et al. 2015.
 * https://keras.io/api/layers/attention_layers/additive_attention/
 */
export class AdditiveAttention<ReturnScores extends boolean = false> extends OneHeadAttention<ReturnScores> {
  readonly className = 'AdditiveAttention';
  readonly useScale: boolean;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: AdditiveAttentionOptions<ReturnScores>) {
    super(options, ['useScale'], 'AdditiveAttention');
    this.useScale = booleanOption(options?.useScale, true, 'AdditiveAttention: useScale');
  }

  protected override declareWeights(features: number): void {
    if (this.useScale) this.addWeight('scale', [features], resolveInitializer('glorotUniform', 1, 'AdditiveAttention'));
  }

  protected override emitScores(scope: Scope, query: Value, key: Value): Value {
    const [q, k] = emitPairs(scope, query, key);
    const [scale] = this.ownWeights;
    const factor = scale && emitBroadcast(scope, emitWeight(scope, scale), q.shape, q.rows);
    const terms = factor
      ? emitFunction(scope, multiply(SCALE, tanh(add(X, Z))), [q, k, factor], q)
      : emitFunction(scope, tanh(add(X, Z)), [q, k], q);
    return emitReduce(scope, 'sum', terms, 2, false);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), useScale: this.useScale };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): AdditiveAttention<boolean> {
    return new AdditiveAttention<boolean>(config as AdditiveAttentionOptions);
  }
}
