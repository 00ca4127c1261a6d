import { ArgumentError, FormatError } from '../../core/errors.ts';
import { describe } from '../../core/shape.ts';
import { suggest } from '../../core/suggestion.ts';
import { Adam, type AdamOptions } from './adam.ts';
import { Optimizer, type OptimizerConfig } from './optimizer.ts';
import { RMSprop, type RMSpropOptions } from './rmsProp.ts';
import { SGD, type SGDOptions } from './sgd.ts';

/** Names that `compile` takes for an optimizer with its defaults. Capitals do not matter, as in Keras. */
export type OptimizerName = 'sgd' | 'rmsprop' | 'adam' | 'SGD' | 'RMSprop' | 'Adam';

/** Every optimizer by class name: a new one adds its line here. */
const OPTIMIZERS: Record<string, (config?: OptimizerConfig) => Optimizer> = {
  SGD: (config) => new SGD(config as SGDOptions),
  RMSprop: (config) => new RMSprop(config as RMSpropOptions),
  Adam: (config) => new Adam(config as AdamOptions),
};

/**
 * The optimizer of a name, in capitals or not, or the one given.
 * @throws {ArgumentError} listing the names
 */
export function resolveOptimizer(value: OptimizerName | Optimizer): Optimizer {
  if (value instanceof Optimizer) return value;
  const className =
    typeof value === 'string' ? Object.keys(OPTIMIZERS).find((name) => name.toLowerCase() === value.toLowerCase()) : undefined;
  if (!className) {
    const names = Object.keys(OPTIMIZERS).map((name) => name.toLowerCase());
    const given: unknown = value;
    const isClass = typeof given === 'function' && given.prototype instanceof Optimizer;
    const hint = isClass ? `: make one, new ${given.name}()` : suggest(given, names);
    throw new ArgumentError(
      `compile: optimizer must be one of ${names.map((name) => `'${name}'`).join(', ')} or an Optimizer, got ${describe(given)}${hint}`,
    );
  }
  return (OPTIMIZERS[className] as () => Optimizer)();
}

/** The optimizer that a saved model describes. @throws {FormatError} when no optimizer has that name */
export function optimizerFromConfig(className: string, config: OptimizerConfig): Optimizer {
  const make = Object.hasOwn(OPTIMIZERS, className) ? OPTIMIZERS[className] : undefined;
  if (!make) throw new FormatError(`no optimizer class is called '${className}'; known are ${Object.keys(OPTIMIZERS).join(', ')}`);
  return make(config);
}
