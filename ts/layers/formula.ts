import { ArgumentError } from '../core/errors.ts';
import { checkedExpression } from './checkedExpression.ts';
import { type Expression, input } from './expression.ts';
import { derivatives, programOf } from './expressionProgram.ts';

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

/** @throws {ArgumentError} when the results need more registers than the kernel has */
export function requireSmall(results: readonly Expression[], where: string): void {
  try {
    programOf(results);
  } catch (cause) {
    throw new ArgumentError(`${where} is too large: it, or its derivative, holds more than 16 intermediate results at once`, { cause });
  }
}
