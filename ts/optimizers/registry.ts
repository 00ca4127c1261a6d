import { describe } from '../core/describe.ts';
import { FormatError } from '../core/errors.ts';
import {
  builtInInstance,
  isRegisteredName,
  loadHint,
  namedInstance,
  type RegisteredName,
  registeredInstance,
  registeredName,
  savedNameOf,
} from '../core/registerClass.ts';
import { knownName, refuseChoice, suggest } from '../core/suggestion.ts';
import { Adam, type AdamOptions } from './adam.ts';
import { LearningRateSchedule, type ScheduleState } from './learningRateSchedule.ts';
import { Optimizer, type OptimizerConfig, ratelessConfig } from './optimizer.ts';
import { RMSprop, type RMSpropOptions } from './rmsProp.ts';
import { SGD, type SGDOptions } from './sgd.ts';

/** The classes of optimizers that have a name in `compile`. */
type OptimizerClass = 'SGD' | 'RMSprop' | 'Adam' | 'Adadelta' | 'Adagrad' | 'Adamax' | 'AdamW' | 'Ftrl' | 'Lion' | 'Nadam';

/**
 * The names of optimizers in `compile`; they have the default options. Case does not matter, as in
 * Keras.
 */
export type OptimizerName = OptimizerClass | Lowercase<OptimizerClass>;

/** The optimizers by class name. A new one adds its line here. */
const OPTIMIZERS: Record<string, (config?: OptimizerConfig) => Optimizer> = {
  SGD: (config) => new SGD(config as SGDOptions),
  RMSprop: (config) => new RMSprop(config as RMSpropOptions),
  Adam: (config) => new Adam(config as AdamOptions),
};

/** Optimizers whose code loads when `compile` has their name. */
const CLASSES = 'Adadelta Adagrad Adamax AdamW Ftrl Lion Nadam';

/**
 * Makes the optimizer with a name, in any case; returns an optimizer unchanged.
 * @throws {ArgumentError} for anything else, listing the known names
 * @throws {ClassNotLoadedError} for the name of a class that has not loaded
 */
export function resolveOptimizer(value: OptimizerName | RegisteredName | Optimizer): Optimizer {
  if (value instanceof Optimizer) {
    value.checkUpdate();
    return value;
  }
  if (isRegisteredName(value)) return optimizerFromConfig(value, {});
  const className = knownName(value, Object.keys(OPTIMIZERS));
  if (!className) {
    const named = namedInstance(value, CLASSES, Optimizer);
    if (named) return named;
    const names = [...Object.keys(OPTIMIZERS), ...CLASSES.split(' ')].map((name) => name.toLowerCase());
    const given: unknown = value;
    const isClass = typeof given === 'function' && given.prototype instanceof Optimizer;
    const hint = isClass ? `: make one, new ${given.name}()` : suggest(given, names);
    const expected = `one of ${names.map((name) => `'${name}'`).join(', ')} or an Optimizer`;
    refuseChoice('compile: optimizer', given, expected, hint);
  }
  return (OPTIMIZERS[className] as () => Optimizer)();
}

/**
 * Makes the optimizer of a saved model.
 * @throws {FormatError} when there is no optimizer class with that name
 */
export function optimizerFromConfig(className: string, given: OptimizerConfig): Optimizer {
  const config = { ...given, ...rateFrom(given.learningRate) } as OptimizerConfig;
  if (isRegisteredName(className)) return resolveOptimizer(registeredInstance(className, config, 'optimizer', Optimizer));
  const make = Object.hasOwn(OPTIMIZERS, className) ? OPTIMIZERS[className] : undefined;
  const found = make ? null : builtInInstance(className, config, Optimizer);
  if (found) return resolveOptimizer(found);
  if (!make)
    throw new FormatError(`there is no optimizer class '${className}'; the classes are ${Object.keys(OPTIMIZERS).join(', ')}${loadHint()}`);
  return make(config);
}

/** The option `learningRate` of a file that has a schedule there. @throws {FormatError} */
function rateFrom(rate: unknown): { learningRate?: LearningRateSchedule } {
  if (typeof rate !== 'object' || rate === null) return {};
  const { className, config } = rate as Partial<ScheduleState>;
  if (typeof className !== 'string' || typeof config !== 'object' || config === null)
    throw new FormatError(`the learning rate of a saved optimizer should be a number or { className, config }, but is ${describe(rate)}`);
  if (isRegisteredName(className))
    return { learningRate: registeredInstance(className, config, 'learning rate schedule', LearningRateSchedule) };
  const learningRate = builtInInstance(className, config, LearningRateSchedule);
  if (!learningRate) throw new FormatError(`there is no learning rate schedule '${className}'${loadHint()}`);
  return { learningRate };
}

/**
 * The name by which a file finds an optimizer's class.
 * @throws {ArgumentError} for a custom class without a registered name, or whose `getConfig`
 *   lacks an option
 */
export function optimizerClassName(optimizer: Optimizer): string {
  const { className } = optimizer;
  if (Object.hasOwn(OPTIMIZERS, className) && registeredName(optimizer.constructor) === null) return className;
  return savedNameOf(optimizer, `optimizer ${className}`, ratelessConfig(optimizer));
}
