import { ShapeError } from '../core/errors.ts';
import { booleanOption } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import type { Emitter } from './emitter.ts';
import { type Initializer, type InitializerName, initializer } from './initializers.ts';
import { type Emitted, Layer, type LayerConfig, type LayerOptions, requireIds } from './layer.ts';
import { rowsOf, type Value } from './value.ts';
import type { Weight } from './weight.ts';

export interface EmbeddingOptions extends LayerOptions {
  /** Steps whose id is 0 are padding: recurrent layers skip them, losses and metrics do not count them. Default false. */
  maskZero?: boolean;
  /** Default 'uniform': between -0.05 and 0.05. */
  embeddingsInitializer?: InitializerName;
}

/**
 * Turns ids `[T]` into vectors `[T, outputDim]`, rows of a trained table.
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
  readonly #initializer: Initializer;

  /**
   * @param inputDim size of the vocabulary, index 0 included: ids are 0 to inputDim - 1
   * @param outputDim size of each vector
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(inputDim: number, outputDim: number, options?: EmbeddingOptions) {
    super(options, ['maskZero', 'embeddingsInitializer'], 'Embedding');
    this.inputDim = positiveInteger(inputDim, 'Embedding: inputDim');
    this.outputDim = positiveInteger(outputDim, 'Embedding: outputDim');
    this.idLimit = this.inputDim;
    this.maskZero = booleanOption(options?.maskZero, false, 'Embedding: maskZero');
    this.#initializer = initializer(options?.embeddingsInitializer ?? 'uniform', 2, 'Embedding: embeddingsInitializer');
  }

  protected override checkInputShape(inputShape: readonly (number | null)[]): number {
    requireIds(this, inputShape);
    return this.inputDim;
  }

  protected override declareWeights(): void {
    this.addWeight('embeddings', [this.inputDim, this.outputDim], this.#initializer);
  }

  override outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[] {
    return [...inputShape, this.outputDim];
  }

  override emit(emitter: Emitter, input: Value): Emitted {
    if (input.content.kind !== 'ids') throw new ShapeError(`layer ${this.name} (Embedding) takes ids, got ${input.content.kind}`);
    const { ids } = input.content;
    const [table] = this.weights as [Weight];
    const rows = rowsOf({ ...input, shape: [...input.shape, 1] }, emitter.batch);
    let mask = null;
    if (this.maskZero) {
      mask = emitter.ints(`${this.name}.mask`, rows);
      emitter.call('maskFromIds', { rows, ids, mask });
    }
    return {
      output: {
        shape: [...input.shape, this.outputDim],
        content: { kind: 'embedding', ids, table },
        mask,
        needsGradient: emitter.isTrainable(table),
      },
      // A recurrent layer above has written the table's gradient itself and passes none.
      backward: (dY) => {
        if (dY) {
          emitter.call('embeddingBackward', {
            rows,
            vocabulary: this.inputDim,
            features: this.outputDim,
            ids,
            dY,
            dTable: emitter.gradient(table),
          });
        }
        return null;
      },
    };
  }

  override getConfig(): LayerConfig {
    const { inputDim, outputDim, maskZero } = this;
    return { ...super.getConfig(), inputDim, outputDim, maskZero, embeddingsInitializer: this.#initializer.name };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ inputDim, outputDim, ...options }: LayerConfig): Embedding {
    return new Embedding(inputDim as number, outputDim as number, options as EmbeddingOptions);
  }
}
