import { describe } from '../../core/describe.ts';
import { ArgumentError, FormatError } from '../../core/errors.ts';
import type { CompileOptions } from '../../model/compilation.ts';
import type { Model } from '../../model/model.ts';
import { optimizerFromConfig } from '../../optimizers/registry.ts';
import { isPlain, kerasObject } from '../keras/kerasObject.ts';
import { camelCase } from '../keras/names.ts';
import { readOptimizer } from '../keras/optimizers.ts';

const REMEDY = 'load it with compile: false, and compile it yourself';

/** Optimizers that TF.js calls otherwise. */
const OPTIMIZERS: Readonly<Record<string, string>> = { RMSProp: 'RMSprop', Momentum: 'SGD' };

/** Options that TF.js calls otherwise, by the class of the optimizer. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  RMSProp: { decay: 'rho' },
  Momentum: { useNesterov: 'nesterov' },
};

/**
 * Compiles a model as TF.js had compiled it. The state of the optimizer begins anew.
 * @throws {FormatError} naming what Backtime does not have, with the remedy
 */
export function compileAsTrained(model: Model, given: unknown): void {
  if (!isPlain(given)) throw new FormatError(`trainingConfig should be an object, but is ${describe(given)}`);
  try {
    model.compile({
      optimizer: optimizerOf(given.optimizer_config),
      loss: named(given.loss, 'trainingConfig: loss') as CompileOptions['loss'],
      metrics: metricsOf(given.metrics) as NonNullable<CompileOptions['metrics']>,
    });
  } catch (error) {
    if (error instanceof ArgumentError || error instanceof FormatError)
      throw new FormatError(`the model cannot be compiled as it was: ${error.message}. Or ${REMEDY}`, { cause: error });
    throw error;
  }
}

function optimizerOf(given: unknown): ReturnType<typeof optimizerFromConfig> {
  const where = 'trainingConfig: optimizer_config';
  const { className, config, whole } = kerasObject(given, where);
  const names = Object.hasOwn(OPTIONS, className) ? (OPTIONS[className] as Readonly<Record<string, string>>) : {};
  const options = Object.entries(config).map(([option, value]) => [Object.hasOwn(names, option) ? names[option] : option, value]);
  const name = Object.hasOwn(OPTIMIZERS, className) ? OPTIMIZERS[className] : className;
  const described = readOptimizer({ ...whole, class_name: name, config: Object.fromEntries(options) }, where);
  return optimizerFromConfig(described.className, described.config);
}

/** The metrics. Those of a single output may be in an array of their own, as Keras 2 has them. */
function metricsOf(given: unknown): unknown {
  const metrics = named(given ?? [], 'trainingConfig: metrics');
  return Array.isArray(metrics) && metrics.length === 1 && Array.isArray(metrics[0]) ? metrics[0] : metrics;
}

/** Names in camelCase: one, or arrays and objects of them. Objects are what Keras 2 writes. */
function named(value: unknown, where: string, depth = 0): unknown {
  if (depth > 4) throw new FormatError(`${where} has too many arrays inside each other`);
  if (typeof value === 'string') return camelCase(value);
  if (Array.isArray(value)) return value.map((each) => named(each, where, depth + 1));
  if (!isPlain(value)) throw new FormatError(`${where} should be names, but has ${describe(value)}`);
  // An object of Keras: only its name is taken.
  if (typeof value.class_name === 'string') return camelCase(String(isPlain(value.config) ? (value.config.fn ?? value.config.name) : ''));
  return Object.fromEntries(Object.entries(value).map(([output, each]) => [output, named(each, where, depth + 1)]));
}
