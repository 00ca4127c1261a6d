import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import { oneOf } from '../core/options.ts';
import { isRegisteredName, type RegisteredName, registered, registeredFunctionName } from '../core/registerClass.ts';
import { type ActivationName, ELEMENTWISE_NAMES, type ElementwiseName, LOG_SOFTMAX } from './activations.ts';
import { checkedExpression } from './checkedExpression.ts';
import { EMISSION_PARTS, MORE_EMISSION } from './emissionPart.ts';
import { type Expression, input } from './expression.ts';

/**
 * A custom activation: an expression of the input's elements. A model with it can be saved,
 * and run in workers, once it has a registered name.
 *
 *     const cubeOf = (x: Expression) => ops.multiply(x, ops.square(x));
 *     const cube = registerClass(cubeOf, { name: 'cube' });
 *     new Dense(8, { activation: cube });
 */
export type ActivationFunction = (x: Expression) => Expression;

/** An activation: a name, a custom function, or the registered name of one. */
export type ActivationLike = ActivationName | ElementwiseName | typeof LOG_SOFTMAX | ActivationFunction | RegisteredName;

/** An activation, resolved. */
export interface ResolvedActivation {
  /** The activation that was given. */
  readonly given: ActivationLike;
  /** The kernels' name; null where no kernel computes the activation. */
  readonly kernelName: ActivationName | null;
  /** A custom function; null for the name of an activation of the package. */
  readonly own: ActivationFunction | null;
}

const KERNEL_NAMES = Object.keys(ACTIVATIONS) as ActivationName[];
const NAMES = [...KERNEL_NAMES, ...ELEMENTWISE_NAMES, LOG_SOFTMAX] as const;

/**
 * Finds the activation with a name, or checks one of a user's own.
 * @throws {ArgumentError} for an unknown name, and for a function that returns no expression of its
 *   argument
 * @throws {FormatError} when nothing is registered under a registered name
 */
export function resolveActivation(value: unknown, where: string): ResolvedActivation {
  if (isRegisteredName(value) || typeof value === 'function') {
    const own = (typeof value === 'function' ? value : registered(value, 'activation')) as ActivationFunction;
    checkedExpression(own(input(0)), 1, where);
    return { given: value as ActivationLike, kernelName: null, own };
  }
  const given = oneOf(value, NAMES, where);
  if (given === LOG_SOFTMAX) EMISSION_PARTS.add(MORE_EMISSION);
  return { given, kernelName: given in ACTIVATIONS ? (given as ActivationName) : null, own: null };
}

/**
 * The name of an activation in a configuration.
 * @throws {ArgumentError} for a function without a registered name
 */
export function activationConfig({ given }: ResolvedActivation, where: string): string {
  return typeof given === 'string' ? given : registeredFunctionName(given, where, 'activation');
}
