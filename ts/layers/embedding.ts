import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { checkFinite } from '../core/finite.ts';
import { booleanOption } from '../core/options.ts';
import { formatShape, positiveInteger, type Shape, sameShape } from '../core/shape.ts';
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts';
import { type InitializerLike, resolveInitializer, type StartValues } from './initializers.ts';
import { idsOf, Layer, type LayerConfig, type LayerOptions, requireIds } from './layer.ts';
import type { Scope } from './scope.ts';
import { lengthOf, type Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type ConstraintLike, type RegularizerLike, ruleOptions, WeightRules } from './weightRules.ts';

export interface EmbeddingOptions extends LayerOptions {
  /**
   * Treat id 0 as padding: recurrent layers skip such steps, and losses and metrics do not count
   * them. Default false.
   */
  maskZero?: boolean;
  /** The initializer of the vectors. Default 'uniform': between -0.05 and 0.05. */
  embeddingsInitializer?: InitializerLike;
  /**
   * Pretrained vectors, in an array of one table `[inputDim, outputDim]`; with `trainable: false`
   * training does not change them. Files hold the values of the layer, not this option. Default:
   * the initializer.
   */
  weights?: readonly [TensorLike];
  /** A penalty on the table of vectors, added to the loss. Default none. */
  embeddingsRegularizer?: RegularizerLike | null;
  /** A constraint on the table, applied after each update. Default none. */
  embeddingsConstraint?: ConstraintLike | null;
}

/**
 * Turns ids `[T]` into vectors `[T, outputDim]`, which are rows of a trained table.
 *
 * Weight: embeddings `[inputDim, outputDim]`. https://keras.io/api/layers/core_layers/embedding/
 */
export class Embedding extends Layer {
  readonly className = 'Embedding';
  override readonly inputKind = 'ids';
  override readonly idLimit: number;
  readonly inputDim: number;
  readonly outputDim: number;
  readonly maskZero: boolean;
  readonly #initializer: StartValues;
  readonly #rules: WeightRules;
  /** The pretrained vectors; null for the initializer. */
  #given: Tensor | null;

  /**
   * @param inputDim size of the vocabulary, including id 0: ids are 0 to inputDim - 1
   * @param outputDim size of each vector
   * @throws {ArgumentError} for an unknown option or a value outside its range
   * @throws {ShapeError} for `weights` of another shape
   * @throws {DataError} for a value of `weights` that is not finite
   */
  constructor(inputDim: number, outputDim: number, options?: EmbeddingOptions) {
    super(options, ['maskZero', 'embeddingsInitializer', 'weights', ...ruleOptions(['embeddings'])], 'Embedding');
    this.inputDim = positiveInteger(inputDim, 'Embedding: inputDim', 'new Embedding(inputDim, outputDim, options)');
    this.outputDim = positiveInteger(outputDim, 'Embedding: outputDim', 'new Embedding(inputDim, outputDim, options)');
    this.idLimit = this.inputDim;
    this.maskZero = booleanOption(options?.maskZero, false, 'Embedding: maskZero');
    this.#initializer = resolveInitializer(options?.embeddingsInitializer ?? 'uniform', 2, 'Embedding: embeddingsInitializer');
    this.#rules = new WeightRules(options, ['embeddings'], 'Embedding');
    this.#given = options?.weights === undefined ? null : checkGiven(options.weights, [this.inputDim, this.outputDim]);
  }

  override get needsSequences(): null {
    return null;
  }

  protected override checkInputShape(inputShape: readonly (number | null)[]): number {
    requireIds(this, inputShape);
    return this.inputDim;
  }

  protected override declareWeights(): void {
    const table = this.addWeight('embeddings', [this.inputDim, this.outputDim], this.#initializer, this.#rules.of('embeddings'));
    if (this.#given) table.write(this.#given.data);
    this.#given = null;
  }

  protected override copyBuild(copy: Layer): void {
    (copy as Embedding).#given = this.#given;
    super.copyBuild(copy);
  }

  override outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[] {
    return [...inputShape, this.outputDim];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const ids = idsOf(this, input);
    const [table] = this.weights as [Weight];
    let mask = null;
    if (this.maskZero) {
      const rows = lengthOf(input);
      mask = scope.ints('mask', rows);
      scope.call('maskFromIds', { rows, ids, mask });
    }
    const shape = [...input.shape, this.outputDim];
    // A recurrent layer above gathers the rows itself and writes the table's gradient, so they are
    // not expanded here.
    return [{ ...input, shape, form: { kind: 'rows', ids, table }, mask, needsGradient: scope.isTrainable(table) }];
  }

  override getConfig(): LayerConfig {
    const { inputDim, outputDim, maskZero } = this;
    return {
      ...super.getConfig(),
      inputDim,
      outputDim,
      maskZero,
      embeddingsInitializer: this.#initializer.saved,
      ...this.#rules.getConfig(),
    };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ inputDim, outputDim, ...options }: LayerConfig): Embedding {
    return new Embedding(inputDim as number, outputDim as number, options as EmbeddingOptions);
  }
}

/**
 * Checks the values of the option `weights`.
 * @throws {ArgumentError} when it is not an array of one table
 * @throws {ShapeError} when the table has another shape
 * @throws {DataError} for a value that is not finite
 */
function checkGiven(weights: unknown, shape: Shape): Tensor {
  if (!Array.isArray(weights) || weights.length !== 1)
    throw new ArgumentError(`Embedding: weights must be an array of one table, weights: [table], got ${describe(weights)}`);
  const table = toTensor(weights[0] as TensorLike, 'Embedding: weights[0]');
  if (!sameShape(table.shape, shape))
    throw new ShapeError(
      `Embedding: weights[0] must have shape ${formatShape(shape)}, inputDim times outputDim, got ${formatShape(table.shape)}`,
    );
  checkFinite(table, 'Embedding: weights[0]');
  // The user's array may change before the model is built.
  return { shape, data: table.data.slice() };
}
