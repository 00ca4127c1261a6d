import type { Expression } from '../layers/expression.ts';
import { LOSS_EMISSION } from './emissionPart.ts';
import { Loss, type LossEmission } from './loss.ts';
import { ownName } from './ownName.ts';

/**
 * A custom loss that is an expression of a target and a prediction. The loss of a row is the
 * mean over the last axis, as in Keras, or the sum. The derivative is made from the expression.
 *
 *     class LogCosh extends ElementwiseLoss {
 *       static className = 'LogCosh';
 *       call(yTrue: Expression, yPred: Expression) {
 *         const error = ops.abs(ops.subtract(yPred, yTrue));
 *         return ops.subtract(ops.add(error, ops.log(ops.add(1, ops.exp(ops.multiply(-2, error))))), Math.log(2));
 *       }
 *     }
 *     model.compile({ optimizer: 'adam', loss: new LogCosh() });
 */
export abstract class ElementwiseLoss extends Loss {
  /** Whether the loss of a row is the mean over the last axis, or the sum. */
  readonly rowReduction: 'mean' | 'sum' = 'mean';

  /** The loss of one element. */
  abstract call(yTrue: Expression, yPred: Expression): Expression | number;

  override get name(): string {
    return ownName(this, 'loss');
  }

  override emit(emission: LossEmission): void {
    LOSS_EMISSION.loaded.emitElementwiseLoss(emission, this);
  }
}
