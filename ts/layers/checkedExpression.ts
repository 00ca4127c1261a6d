import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { Expression, expression } from './expression.ts';

/**
 * Checks what a user's function returned.
 * @param inputs the number of inputs that it was given
 * @throws {ArgumentError} when it is neither an expression of these inputs nor a finite number
 */
export function checkedExpression(value: unknown, inputs: number, where: string): Expression {
  const isNumber = typeof value === 'number' && Number.isFinite(value);
  if (!(value instanceof Expression) && !isNumber)
    throw new ArgumentError(
      `${where} must return an expression, which the functions of ops make of its arguments, got ${describe(value)}: ` +
        'write ops.multiply(x, x), as x * x is not a number',
    );
  const result = expression(value);
  const uses = (node: Expression): boolean => (node.kind === 'input' ? node.value >= inputs : node.operands.some(uses));
  if (uses(result)) throw new ArgumentError(`${where} uses an argument of another function`);
  return result;
}
