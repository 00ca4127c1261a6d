import { ArgumentError } from '../core/errors.ts';
import { emitMove } from '../layers/emitMove.ts';
import { emitPointwise } from '../layers/emitPointwise.ts';
import { derivatives, divide, type Expression, input, less, multiply, where } from '../layers/expression.ts';
import { formulaOf } from '../layers/formula.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import { Loss, type LossEmission } from './loss.ts';
import { ownName } from './ownName.ts';
import { emitRowFactors } from './rowFactors.ts';

/**
 * A loss of one's own that is an expression of a target and a prediction. The loss of a row is the
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
    const { builder, rows, classes, prediction, target, mask, dPrediction, result } = emission;
    if (!target)
      throw new ArgumentError(`loss '${this.name}' is elementwise and takes targets of the shape of the output: targetKind 'floats'`);
    const formula = formulaOf((yTrue, yPred) => this.call(yTrue as Expression, yPred as Expression), 2, [1], `${this.name}: call`);
    const factors = expanded(emission, emitRowFactors(emission, false));
    const factor = divide(input(2), this.rowReduction === 'mean' ? classes : 1);
    // At masked rows nothing counts, also what is not finite.
    const counted = (value: Expression) => (mask ? where(less(0, multiply(factor, factor)), value, 0) : value);
    const parts = builder.floats('parts', rows * classes);
    const results = [counted(multiply(formula, factor))];
    const outputs = [parts];
    if (dPrediction) {
      results.push(counted(derivatives(formula, [1], factor)[0] as Expression));
      outputs.push(dPrediction);
    }
    emitPointwise(builder, results, [target, prediction, factors], outputs);
    builder.native([parts, result], ([values, sum]) => {
      let total = 0;
      for (let index = 0; index < values.length; index++) total += values[index];
      sum[0] = total;
    });
  }
}

/** The factors of rows `[N]` as those of all elements `[N, C]`. */
function expanded({ builder, rows, classes }: LossEmission, factors: PlannedBuffer): PlannedBuffer {
  if (classes === 1) return factors;
  const all = builder.floats('factorsOfElements', rows * classes);
  emitMove(builder, { counts: [rows, classes], width: 1, x: factors, from: { strides: [1, 0] }, y: all, to: { strides: [classes, 1] } });
  return all;
}
