import { ArgumentError } from '../core/errors.ts';
import { emitMove } from '../layers/emitMove.ts';
import { emitPointwise } from '../layers/emitPointwise.ts';
import { divide, type Expression, input, less, multiply, where } from '../layers/expression.ts';
import { derivatives } from '../layers/expressionProgram.ts';
import { formulaOf } from '../layers/formula.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { ElementwiseLoss } from './elementwiseLoss.ts';
import type { LossEmission } from './loss.ts';
import { emitRowFactors } from './rowFactors.ts';

/**
 * Emits a loss that is an expression of a target and a prediction, and its gradient if it is
 * wanted.
 * @throws {ArgumentError} when the targets are labels, and when the loss returns no expression of
 *   its arguments, or one that is too large
 */
export function emitElementwiseLoss(emission: LossEmission, loss: ElementwiseLoss): void {
  const { builder, rows, classes, prediction, target, mask, dPrediction, result } = emission;
  if (!target)
    throw new ArgumentError(`loss '${loss.name}' is elementwise and takes targets of the shape of the output: targetKind 'floats'`);
  const formula = formulaOf((yTrue, yPred) => loss.call(yTrue as Expression, yPred as Expression), 2, [1], `${loss.name}: call`);
  const factors = expanded(emission, emitRowFactors(emission, false));
  const factor = divide(input(2), loss.rowReduction === 'mean' ? classes : 1);
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

/** The factors of rows `[N]` as those of all elements `[N, C]`. */
function expanded({ builder, rows, classes }: LossEmission, factors: PlannedBuffer): PlannedBuffer {
  if (classes === 1) return factors;
  const all = builder.floats('factorsOfElements', rows * classes);
  emitMove(builder, { counts: [rows, classes], width: 1, x: factors, from: { strides: [1, 0] }, y: all, to: { strides: [classes, 1] } });
  return all;
}
