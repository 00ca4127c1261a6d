import { ShapeError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import { inReverse } from './emitMore.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { OperationLayer } from './operationLayer.ts';
import type { Scope } from './scope.ts';
import type { TensorSpec } from './spec.ts';
import type { Value } from './value.ts';

/**
 * Reverses the steps of sequences. A mask does not change: that of the outputs of a layer with
 * `goBackwards`, which come in reverse, is in the order of the steps.
 */
export class Flip extends OperationLayer {
  readonly className = 'Flip';

  constructor(options?: LayerOptions) {
    super(options, [], 'Flip');
  }

  override get needsSequences(): string {
    return 'begins with the last step';
  }

  override infer([input]: readonly TensorSpec[]): readonly TensorSpec[] {
    const { shape } = input as TensorSpec;
    if (shape.length !== 2)
      throw new ShapeError(`${this.title} takes sequences [steps, features], got samples of shape ${formatShape(shape)}`);
    return [{ shape, kind: 'floats' }];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    return [inReverse(scope, input)];
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): Flip {
    return new Flip(config as LayerOptions);
  }
}
