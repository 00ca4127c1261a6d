import { ElementwiseLayer } from './elementwiseLayer.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/**
 * Returns its input: Keras's layer `Identity`, its name in files. The export `Identity` is the
 * initializer. https://keras.io/api/layers/core_layers/identity/
 */
export class IdentityLayer extends ElementwiseLayer {
  readonly className = 'Identity';

  /** @throws {ArgumentError} for an unknown option */
  constructor(options?: LayerOptions) {
    super(options, [], 'Identity');
  }

  override emit(_scope: Scope, [input]: readonly [Value]): readonly Value[] {
    return [input];
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): IdentityLayer {
    return new IdentityLayer(config as LayerOptions);
  }
}
