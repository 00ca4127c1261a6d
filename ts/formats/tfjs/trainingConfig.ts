import { isPlain, type Plain } from '../keras/kerasObject.ts';

/** Optimizers that TF.js calls otherwise. */
const OPTIMIZERS: Readonly<Record<string, string>> = { RMSProp: 'RMSprop', Momentum: 'SGD' };

/** Options that TF.js calls otherwise, by the class of the optimizer. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  RMSProp: { decay: 'rho' },
  Momentum: { useNesterov: 'nesterov' },
};

/** How a model was trained in TF.js, as the `training_config` of Keras 2. */
export function adaptTraining(given: unknown): unknown {
  if (!isPlain(given) || !isPlain(given.optimizer_config)) return given;
  return { ...given, optimizer_config: adaptOptimizer(given.optimizer_config) };
}

function adaptOptimizer(given: Plain): Plain {
  const { class_name: name, config } = given;
  if (typeof name !== 'string' || !isPlain(config)) return given;
  const names = Object.hasOwn(OPTIONS, name) ? (OPTIONS[name] as Readonly<Record<string, string>>) : {};
  const options = Object.entries(config).map(([option, value]) => [Object.hasOwn(names, option) ? names[option] : option, value]);
  return {
    ...given,
    class_name: Object.hasOwn(OPTIMIZERS, name) ? OPTIMIZERS[name] : name,
    config: Object.fromEntries(options),
  };
}
