import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { derivatives, Expression, expression, input, programOf } from './expression.ts';

/**
 * The result of a user's elementwise function, checked.
 * @param derived the inputs by which it is derived
 * @throws {ArgumentError} when it is no expression of the inputs, or it or its derivatives need
 *   more registers than the kernel has
 */
export function formulaOf(
  formula: (...inputs: readonly Expression[]) => unknown,
  inputs: number,
  derived: readonly number[],
  where: string,
): Expression {
  const result = checkedExpression(formula(...Array.from({ length: inputs }, (_, index) => input(index))), inputs, where);
  requireSmall([result, ...derivatives(result, derived, input(inputs))], where);
  return result;
}

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

/** @throws {ArgumentError} when the results need more registers than the kernel has */
export function requireSmall(results: readonly Expression[], where: string): void {
  try {
    programOf(results);
  } catch (cause) {
    throw new ArgumentError(`${where} is too large: it, or its derivative, holds more than 16 intermediate results at once`, { cause });
  }
}
