import type { OPERATIONS } from '../backend/kernels.generated.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';

/** The operations of one, two and three numbers that expressions are made of. */
export type Operation = Exclude<keyof typeof OPERATIONS, 'load' | 'constant' | 'store'>;

/**
 * An elementwise function as data: numbers, inputs, and operations on them. Kernels of both
 * backends compute it, and its derivatives are made from it. The functions below make expressions
 * of expressions and numbers; they have the names of `keras.ops`.
 */
export class Expression {
  readonly kind: Operation | 'input' | 'constant';
  /** The number of an input, the value of a constant. */
  readonly value: number;
  readonly operands: readonly Expression[];
  /** Expressions that are equal and have equal derivatives have the same. */
  readonly key: string;
  /**
   * The derivatives for the operands, where they are shorter than what the operation's rule makes,
   * or others at single points; null: the rule's.
   */
  readonly derivatives: readonly ExpressionLike[] | null;

  constructor(
    kind: Expression['kind'],
    value: number,
    operands: readonly Expression[],
    derivatives: readonly ExpressionLike[] | null = null,
  ) {
    this.derivatives = derivatives;
    this.kind = kind;
    this.value = value;
    this.operands = operands;
    const keys = (of: readonly ExpressionLike[]) => of.map((each) => expression(each).key).join();
    this.key = `${kind}${operands.length === 0 ? value : ''}(${keys(operands)}${derivatives ? `;${keys(derivatives)}` : ''})`;
  }
}

/** An operand of an expression: itself, or a number. */
export type ExpressionLike = Expression | number;

/** An input of an elementwise function, by its number from 0 on. */
export function input(index: number): Expression {
  return new Expression('input', index, []);
}

/** @throws {ArgumentError} when it is neither an expression nor a number */
export function expression(value: ExpressionLike): Expression {
  if (value instanceof Expression) return value;
  if (typeof value !== 'number') throw new ArgumentError(`an elementwise function takes expressions and numbers, got ${describe(value)}`);
  return new Expression('constant', value, []);
}

/** Whether it is this number, whatever the inputs are. */
export const isNumber = (value: Expression, number: number) => value.kind === 'constant' && value.value === number;
const make = (kind: Operation, ...operands: readonly ExpressionLike[]) => new Expression(kind, 0, operands.map(expression));

export function add(a: ExpressionLike, b: ExpressionLike): Expression {
  const [left, right] = [expression(a), expression(b)];
  return isNumber(left, 0) ? right : isNumber(right, 0) ? left : make('add', left, right);
}

export function subtract(a: ExpressionLike, b: ExpressionLike): Expression {
  const [left, right] = [expression(a), expression(b)];
  return isNumber(right, 0) ? left : isNumber(left, 0) ? negative(right) : make('subtract', left, right);
}

export function multiply(a: ExpressionLike, b: ExpressionLike): Expression {
  const [left, right] = [expression(a), expression(b)];
  if (isNumber(left, 0) || isNumber(right, 0)) return expression(0);
  return isNumber(left, 1) ? right : isNumber(right, 1) ? left : make('multiply', left, right);
}

export function divide(a: ExpressionLike, b: ExpressionLike): Expression {
  const [left, right] = [expression(a), expression(b)];
  return isNumber(left, 0) ? left : isNumber(right, 1) ? left : make('divide', left, right);
}

/** The larger of two; where they are equal, the gradient goes to the first. */
export function maximum(a: ExpressionLike, b: ExpressionLike): Expression {
  return make('maximum', a, b);
}

/** The smaller of two; where they are equal, the gradient goes to the first. */
export function minimum(a: ExpressionLike, b: ExpressionLike): Expression {
  return make('minimum', a, b);
}

/** 1 where `a < b`, else 0. Its derivative is 0. */
export function less(a: ExpressionLike, b: ExpressionLike): Expression {
  return make('less', a, b);
}

/** `b` where the condition, which `less` makes, is 1; else `c`. */
export function where(condition: ExpressionLike, b: ExpressionLike, c: ExpressionLike): Expression {
  const [yes, no] = [expression(b), expression(c)];
  return yes.key === no.key ? yes : make('select', condition, yes, no);
}

export function negative(a: ExpressionLike): Expression {
  const value = expression(a);
  return value.kind === 'constant' ? expression(-value.value) : make('negative', value);
}

/** The absolute value, with derivative 0 at 0. */
export function abs(a: ExpressionLike): Expression {
  return make('absolute', a);
}

export function sqrt(a: ExpressionLike): Expression {
  return make('sqrt', a);
}

export function exp(a: ExpressionLike): Expression {
  return make('exp', a);
}

export function log(a: ExpressionLike): Expression {
  return make('log', a);
}

export function tanh(a: ExpressionLike): Expression {
  return make('tanh', a);
}

export function sigmoid(a: ExpressionLike): Expression {
  return make('sigmoid', a);
}

export function square(a: ExpressionLike): Expression {
  const value = expression(a);
  return multiply(value, value);
}
