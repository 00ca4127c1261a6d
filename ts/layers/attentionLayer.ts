import { ShapeError } from '../core/errors.ts';
import { booleanOption, dropRate } from '../core/options.ts';
import { layerSeed } from '../core/seed.ts';
import { formatShape } from '../core/shape.ts';
import { Layer, type LayerConfig, type LayerOptions } from './layer.ts';
import type { SampleShape, TensorSpec } from './spec.ts';

/** Options of every layer of attention. */
export interface AttentionLayerOptions<ReturnScores extends boolean> extends LayerOptions {
  /** Fraction of the attention weights to drop in training. Default 0. */
  dropout?: number;
  /**
   * The seed of the layer's dropout, an integer of at most 53 bits. Default null: the model's seed.
   */
  seed?: number | null;
  /**
   * Whether a step attends only to itself and to earlier ones: Keras's call argument
   * `use_causal_mask`. Default false.
   */
  useCausalMask?: boolean;
  /**
   * Whether the weights of the values are a second output: Keras's call argument
   * `return_attention_scores`. Default false.
   */
  returnAttentionScores?: ReturnScores;
}

/** The options that an {@link AttentionLayer} reads. */
const OPTIONS = ['dropout', 'seed', 'useCausalMask', 'returnAttentionScores'] as const;

/**
 * The base of layers of attention. Their inputs are the query `[T, D]`, the values `[S, V]` and, if
 * they are not the values, the keys `[S, D]`. Masked steps are not attended to; the output has the
 * mask of the query.
 */
export abstract class AttentionLayer<ReturnScores extends boolean> extends Layer {
  readonly dropout: number;
  readonly seed: number | null;
  readonly useCausalMask: boolean;
  readonly returnAttentionScores: ReturnScores;
  /** The features of query, values and keys that the weights are for; empty before. */
  protected features: readonly number[] = [];

  protected constructor(options: AttentionLayerOptions<ReturnScores> | undefined, known: readonly string[], className: string) {
    super(options, [...known, ...OPTIONS], className);
    this.dropout = dropRate(options?.dropout ?? 0, `${className}: dropout`);
    this.seed = layerSeed(options?.seed, `${className}: seed`);
    this.useCausalMask = booleanOption(options?.useCausalMask, false, `${className}: useCausalMask`);
    this.returnAttentionScores = booleanOption(
      options?.returnAttentionScores,
      false,
      `${className}: returnAttentionScores`,
    ) as ReturnScores;
  }

  override get needsSequences(): string {
    return 'attends to whole sequences';
  }

  protected override checkInputShape(shape: SampleShape): number {
    return shape[shape.length - 1] as number;
  }

  override usesOf(): readonly [{ readonly kind: 'floats'; readonly layer: null }] {
    return [{ kind: 'floats', layer: null }];
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape;
  }

  /** The shapes of query, values and keys. @throws {ShapeError} when they do not fit each other */
  protected shapesOf(inputs: readonly TensorSpec[]): readonly [query: SampleShape, value: SampleShape, key: SampleShape] {
    const shapes = inputs.map(({ shape }) => shape);
    if (shapes.length < 2 || shapes.length > 3)
      throw new ShapeError(`${this.title} takes an array of query and value, or of query, value and key, got ${shapes.length} inputs`);
    const [query, value, key = value] = shapes as [SampleShape, SampleShape, SampleShape?];
    const areSequences = shapes.every((shape) => shape.length === 2 && shape[1] !== null);
    const stepsFit = value[0] === key[0] || value[0] === null || key[0] === null;
    if (!areSequences || !stepsFit)
      throw new ShapeError(
        `${this.title} takes a query [steps, features], values and keys [other steps, features] of the same steps, got ${shapes.map(formatShape).join(' and ')}`,
      );
    const features = [query, value, key].map((shape) => shape[1] as number);
    if (this.ownWeights.length > 0 && this.features.some((size, index) => size !== features[index]))
      throw new ShapeError(
        `${this.title} was built for a query, values and keys with ${this.features.join(', ')} features, got ${features.join(', ')}`,
      );
    return [query, value, key];
  }

  override declare(inputs: readonly TensorSpec[]): void {
    if (this.built) return;
    this.features = this.shapesOf(inputs).map((shape) => shape[1] as number);
    super.declare(inputs);
  }

  protected override copyBuild(copy: Layer): void {
    (copy as AttentionLayer<boolean>).features = this.features;
    super.copyBuild(copy);
  }

  override getConfig(): LayerConfig {
    const { dropout, seed, useCausalMask, returnAttentionScores } = this;
    return { ...super.getConfig(), dropout, seed, useCausalMask, returnAttentionScores };
  }
}
