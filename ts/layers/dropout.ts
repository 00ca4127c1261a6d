import { dropRate } from '../core/options.ts';
import { layerSeed } from '../core/seed.ts';
import { EMISSION } from './emissionPart.ts';
import { Layer, type LayerConfig, type LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

export interface DropoutOptions extends LayerOptions {
  /**
   * The seed of the layer's dropout, an integer of at most 53 bits. Default null: the model's seed.
   */
  seed?: number | null;
}

/**
 * In training, sets a fraction of the input to zero and scales the rest by `1 / (1 - rate)`;
 * otherwise returns the input. Samples have any shape. The dropped elements depend only on the
 * seed, the step and the position of the element. Srivastava et al. 2014.
 * https://keras.io/api/layers/regularization_layers/dropout/
 */
export class Dropout extends Layer {
  readonly className = 'Dropout';
  readonly rate: number;
  readonly seed: number | null;

  /**
   * @param rate fraction to drop, 0 <= rate < 1
   * @throws {ArgumentError} for an unknown option or a rate outside its range
   */
  constructor(rate: number, options?: DropoutOptions) {
    super(options, ['seed'], 'Dropout');
    this.rate = dropRate(rate, 'Dropout: rate');
    this.seed = layerSeed(options?.seed, 'Dropout: seed');
  }

  override get needsSequences(): null {
    return null;
  }

  protected override checkInputShape(_inputShape: readonly (number | null)[]): number {
    return 0;
  }

  override outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[] {
    return inputShape;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    return [EMISSION.loaded.emitDropoutOf(scope, input, this, false)];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ rate, ...options }: LayerConfig): Dropout {
    return new Dropout(rate as number, options as DropoutOptions);
  }
}
