import { describe } from '../../core/describe.ts';
import { ArgumentError, FormatError } from '../../core/errors.ts';
import { INITIALIZER_NAMES } from '../../layers/initializers.ts';
import type { LayerConfig, LayerConfigValue } from '../../layers/layerConfig.ts';
import { isKerasObject, kerasObject, type Plain } from './kerasObject.ts';
import { camelCase, lowerFirst, snakeOption, upperFirst } from './names.ts';

// Activations, initializers, regularizers and constraints of layers, from Keras's form to
// Backtime's and back.

/** A value as Backtime holds it: `{ className, config }`. */
interface Described {
  readonly className: string;
  readonly config: LayerConfig;
}

/** Entries of configurations that only tell Keras how to compute. */
const NOT_OURS: readonly string[] = ['dtype', 'input_axes', 'output_axes'];

/** Names of a class that is called otherwise. */
const INITIALIZERS: Readonly<Record<string, string>> = {
  Uniform: 'RandomUniform',
  Normal: 'RandomNormal',
  Zero: 'Zeros',
  One: 'Ones',
  IdentityInitializer: 'Identity',
  OrthogonalInitializer: 'Orthogonal',
};

/** The meaning of names of activations in files of Keras 2. */
const ACTIVATIONS_2: Readonly<Record<string, string>> = { hard_sigmoid: 'hardSigmoid02' };

/** Activations that Keras calls otherwise. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  hard_swish: 'hardSilu',
  swish: 'silu',
  softmax_v2: 'softmax',
  softplus_v2: 'softplus',
};

/**
 * Reads an activation.
 * @param version of Keras: 2 or 3
 * @throws {FormatError} when it is a layer or code
 */
export function readActivation(value: unknown, where: string, version: 2 | 3): string {
  if (value === null) return 'linear';
  if (isKerasObject(value)) {
    const { className, registeredName, whole } = kerasObject(value, where);
    // A function is an object of the class 'function', whose configuration is its name.
    const name = className === 'function' ? (whole.config as unknown) : null;
    if (registeredName) return registeredName;
    if (typeof name === 'string') return readActivation(name, where, version);
    throw new FormatError(
      `${where} is ${describe(className)}, an object, but Backtime takes the names of activations: use the layer after this one instead`,
    );
  }
  if (typeof value !== 'string') throw new FormatError(`${where} should be the name of an activation, but is ${describe(value)}`);
  if (value.includes('>')) return value;
  const renamed = (version === 2 ? ACTIVATIONS_2[value] : undefined) ?? ACTIVATIONS[value];
  return renamed ?? camelCase(value);
}

/** Writes an activation. @throws {ArgumentError} for one that Keras does not have */
export function writeActivation(value: LayerConfigValue, where: string): unknown {
  const name = value as string;
  if (name.includes('>')) {
    const [, second] = name.split('>');
    return { module: null, class_name: 'function', config: second, registered_name: name };
  }
  if (name === 'hardSigmoid02' || name === 'geluTanh')
    throw new ArgumentError(`${where} is '${name}', which Keras 3 has no name for: save the model as .safetensors`);
  return name === 'hardSwish' ? 'hard_silu' : snakeOption(name);
}

/** The class of an initializer here. A file may name `__proto__`, which every table has. */
function ownName(className: string): string {
  return Object.hasOwn(INITIALIZERS, className) ? (INITIALIZERS[className] as string) : className;
}

/** Reads an initializer. @throws {FormatError} when it is none */
export function readInitializer(value: unknown, where: string): LayerConfigValue {
  if (value === null) return null;
  if (typeof value === 'string') {
    if (value.includes('>')) return value;
    const name = camelCase(value);
    return lowerFirst(ownName(upperFirst(name)));
  }
  const { className, registeredName, config } = kerasObject(value, where);
  if (className === 'function') return registeredName;
  const made = readConfig(config, where);
  if (registeredName) return { className: registeredName, config: made };
  const known = ownName(className);
  const name = lowerFirst(known);
  const isPlainName = Object.values(made).every((each) => each === null) && INITIALIZER_NAMES.some((one) => one === name);
  for (const option of ['mode', 'distribution']) if (typeof made[option] === 'string') made[option] = camelCase(made[option]);
  return isPlainName ? name : { className: known, config: made };
}

/** Writes an initializer. */
export function writeInitializer(value: LayerConfigValue): unknown {
  if (typeof value === 'string') {
    if (value.includes('>')) return { module: null, class_name: 'function', config: value.split('>')[1], registered_name: value };
    const name = value === 'uniform' ? 'RandomUniform' : upperFirst(value);
    return written('keras.initializers', name, {});
  }
  const { className, config } = value as unknown as Described;
  const texts = Object.entries(config).map(([key, option]) => [key, typeof option === 'string' ? snakeOption(option) : option]);
  return written('keras.initializers', className, Object.fromEntries(texts) as LayerConfig);
}

/** Reads a regularizer or a constraint; null for none. @throws {FormatError} when it is none */
export function readRule(value: unknown, where: string): LayerConfigValue {
  if (value === null) return null;
  if (typeof value === 'string') return camelCase(value).replace('_', '');
  const { className, registeredName, config } = kerasObject(value, where);
  return { className: registeredName ?? className, config: readConfig(config, where) };
}

/** Writes a regularizer or a constraint. */
export function writeRule(value: LayerConfigValue, module: 'keras.regularizers' | 'keras.constraints'): unknown {
  if (value === null) return null;
  const { className, config } = value as unknown as Described;
  return written(module, className, config);
}

/** An object of one of Keras's classes, or of a user's. */
export function written(module: string, className: string, config: LayerConfig): Plain {
  const isOwn = className.includes('>');
  return {
    module: isOwn ? null : module,
    class_name: isOwn ? className.split('>')[1] : className,
    config: Object.fromEntries(Object.entries(config).map(([key, value]) => [snakeOption(key), value])),
    registered_name: isOwn ? className : null,
  };
}

/**
 * The configuration of an initializer, a regularizer or a constraint.
 * @throws {FormatError} for a value that only Keras has
 */
function readConfig(config: Plain, where: string): Record<string, LayerConfigValue> {
  const made: Record<string, LayerConfigValue> = {};
  for (const [key, value] of Object.entries(config)) {
    if (NOT_OURS.includes(key)) {
      if (key !== 'dtype' && value !== null)
        throw new FormatError(`${where} has ${key}: ${describe(value)}, which Backtime does not have: leave it out in Keras`);
      continue;
    }
    if (key === '__proto__') throw new FormatError(`${where} has a key '__proto__'`);
    made[camelCase(key)] = value as LayerConfigValue;
  }
  return made;
}
