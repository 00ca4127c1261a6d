import { describe } from '../../core/describe.ts';
import { ArgumentError, FormatError, ShapeError } from '../../core/errors.ts';
import { warn } from '../../core/warnings.ts';
import type { LayerConfig, LayerConfigValue } from '../../layers/layerConfig.ts';
import { layerFromConfig } from '../../layers/registry.ts';
import { isKerasObject, type KerasObject, kerasObject, listAt, type Plain } from './kerasObject.ts';
import { NAMED_VALUES, ONE_AXIS, optionRule } from './layerOptions.ts';
import { camelCase } from './names.ts';
import { readActivation, readInitializer, readRule } from './ruleValues.ts';

/** The properties of a file: an object of its own for each, which warnings are about. */
export interface Reading {
  /** The version of Keras that wrote it. */
  readonly version: 2 | 3;
  /**
   * Whether this version joins the masks of several inputs so that the steps count that count in
   * all of them, as Keras before 3.4 did.
   */
  readonly joinsByAll: boolean;
}

/** How a file is read. @param version of Keras, `3.15.1`; without one, the file is of Keras 3 */
export function readingOf(version: string): Reading {
  const [, major, minor] = /^(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  const isOfKeras2 = major !== undefined && Number(major) < 3;
  return { version: isOfKeras2 ? 2 : 3, joinsByAll: isOfKeras2 || (major === '3' && Number(minor ?? 0) < 4) };
}

/** A layer as Backtime's configurations hold it. */
export interface DescribedLayer {
  readonly className: string;
  readonly config: LayerConfig;
  /** Of a layer that prepares data: `string_lookup`, where the file has what it learned. */
  readonly group?: string;
}

/** Reads a layer that may be a model. */
export type ReadLayer = (value: unknown, where: string) => DescribedLayer;

/** Layers whose code is in the file, or which run code. */
const CODE: readonly string[] = ['Lambda', 'TFSMLayer', 'TorchModuleWrapper', 'FlaxLayer', 'JaxLayer'];

/** The name of a layer, for error messages: `layer dense (Dense)`. */
export function titleOf({ className, config }: Pick<KerasObject, 'className' | 'config'>): string {
  return `layer ${typeof config.name === 'string' ? config.name : '?'} (${className})`;
}

/**
 * Reads a layer: options in camelCase, without those that only Keras has.
 * @param inside reads the layers inside
 * @throws {FormatError} naming the layer and the option that Backtime does not have
 */
export function readLayer(object: KerasObject, reading: Reading, inside: ReadLayer): DescribedLayer {
  const title = titleOf(object);
  const { className, registeredName, config } = object;
  if (CODE.includes(className))
    throw new FormatError(
      `${title} runs code that is in the file or in other libraries, which is never loaded: make it a class that extends CustomLayer, register it in Keras and with registerClass, and save the model again`,
    );
  const made = registeredName ? ownConfig(config, reading, title) : optionsOf(className, config, reading, title);
  if (!registeredName) Object.assign(made, insideOf(className, config, title, inside));
  const described = { className: registeredName ?? className, config: made as LayerConfig };
  checkMade(described, title);
  return described;
}

/** The options of one of Keras's layers. */
function optionsOf(className: string, config: Plain, reading: Reading, title: string): Record<string, LayerConfigValue> {
  const made: Record<string, LayerConfigValue> = {};
  for (const [option, value] of Object.entries(config)) {
    const where = `${title}: ${option}`;
    if (option === '__proto__') throw new FormatError(`${title} has an option '__proto__'`);
    if (option === 'dtype') {
      checkType(value, title, reading);
      continue;
    }
    const rule = optionRule(className, option);
    if (rule === 'ignored') continue;
    if (rule && 'only' in rule) {
      if (rule.only.some((one) => JSON.stringify(one) === JSON.stringify(value))) continue;
      throw new FormatError(
        `${where} is ${describe(value)}, but Backtime has no such option: it computes as Keras does with ${JSON.stringify(rule.only[0])}. Build the model with that in Keras`,
      );
    }
    const name = rule ? rule.name : camelCase(option);
    if (isKerasObject(value) && (option === 'layer' || option === 'backward_layer' || option === 'cell')) continue;
    made[name] = readOption(className, option, value, where, reading.version);
  }
  return made;
}

function readOption(className: string, option: string, value: unknown, where: string, version: 2 | 3): LayerConfigValue {
  if (option === 'activation' || option.endsWith('_activation')) return readActivation(value, where, version);
  if (option.endsWith('_initializer')) return readInitializer(value, where);
  if (option.endsWith('_regularizer') || option.endsWith('_constraint')) return readRule(value, where);
  // An array for each of its axes; Backtime has the numbers in their order.
  if (className === 'Normalization' && option !== 'axis' && Array.isArray(value)) return value.flat(8);
  if (NAMED_VALUES.includes(option) && typeof value === 'string') return camelCase(value);
  if (Array.isArray(value) && value.length === 1 && (ONE_AXIS.test(className) || option === 'axis')) return value[0];
  return value as LayerConfigValue;
}

/** The configuration of a class of a user's own: the same names in camelCase. */
function ownConfig(config: Plain, reading: Reading, title: string): Record<string, LayerConfigValue> {
  const made: Record<string, LayerConfigValue> = {};
  for (const [option, value] of Object.entries(config)) {
    if (option === '__proto__') throw new FormatError(`${title} has an option '__proto__'`);
    if (option === 'dtype') checkType(value, title, reading);
    else made[camelCase(option)] = readOption('', option, value, `${title}: ${option}`, reading.version);
  }
  return made;
}

/** The layers inside a wrapper. */
function insideOf(className: string, config: Plain, title: string, inside: ReadLayer): Record<string, LayerConfigValue> {
  const read = (value: unknown, what: string) => inside(value, `${title}: ${what}`) as unknown as LayerConfigValue;
  if (className === 'Bidirectional') {
    const { layer, backward_layer: backward } = config;
    // Keras 2 leaves out a backward layer that is made of the forward one.
    return { layer: read(layer, 'layer'), backwardLayer: backward ? read(backward, 'backward_layer') : reversed(read(layer, 'layer')) };
  }
  if (className === 'TimeDistributed') return { layer: read(config.layer, 'layer') };
  if (className === 'RNN') return { cells: cellsOf(config.cell, `${title}: cell`).map(([cell, where]) => inside(cell, where)) as never };
  return {};
}

/** The description of a recurrent layer that goes in the other direction. */
function reversed(layer: LayerConfigValue): LayerConfigValue {
  const { className, config } = layer as unknown as DescribedLayer;
  const name = String(config.name).replace(/^forward_/, '');
  return { className, config: { ...config, name: `backward_${name}`, goBackwards: config.goBackwards !== true } } as LayerConfigValue;
}

/** The cells of an RNN: one, or those of StackedRNNCells, which may have others inside. */
function cellsOf(cell: unknown, where: string, depth = 0): (readonly [unknown, string])[] {
  if (depth > 64) throw new FormatError(`${where} has more than 64 cells inside each other`);
  const { className, config } = kerasObject(cell, where);
  if (className !== 'StackedRNNCells') return [[cell, where]];
  return listAt(config.cells, `${where}: cells`).flatMap((each, index) => cellsOf(each, `${where}: cells[${index}]`, depth + 1));
}

const EXACT: readonly string[] = ['float32', 'int32', 'int64', 'string', 'bool', 'uint8', 'int8', 'int16'];

/** Checks the type in which Keras computes; Backtime computes in float32. */
function checkType(type: unknown, title: string, reading: Reading): void {
  const config = isKerasObject(type) ? kerasObject(type, `${title}: dtype`).config : null;
  const name = config ? config.name : type;
  if (name === null || name === undefined || EXACT.includes(String(name))) return;
  if (typeof name === 'string' && /^(mixed_)?b?float(16|64)$/.test(name))
    warn(
      'DTYPE',
      `${title} was computed in ${name} in Keras; Backtime computes it in float32, so results differ in their last digits.`,
      reading,
    );
  else
    throw new FormatError(
      `${title} has dtype ${describe(name)}, which Backtime does not have: save the model with float32, without quantize`,
    );
}

const HAS_MODEL = /"className":"(Model|Sequential)"/;

/** Makes the layer, so that an error names it. Layers with models inside are made later. */
function checkMade({ className, config }: DescribedLayer, title: string): void {
  if (className.endsWith('Cell') || HAS_MODEL.test(JSON.stringify(config))) return;
  try {
    layerFromConfig(className, config);
  } catch (error) {
    if (
      error instanceof ArgumentError ||
      error instanceof ShapeError ||
      (error instanceof FormatError && !error.message.startsWith('layer '))
    )
      throw new FormatError(`${title} cannot be made: ${error.message}`, { cause: error });
    throw error;
  }
}
