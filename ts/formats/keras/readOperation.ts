import { describe } from '../../core/describe.ts';
import { FormatError } from '../../core/errors.ts';
import type { LayerConfig } from '../../layers/layerConfig.ts';
import { isPower } from '../../layers/operations.ts';
import { ELEMENTWISE_FUNCTIONS } from './elementwiseFunctions.ts';
import { isPlain, type KerasObject, listAt, type Plain } from './kerasObject.ts';
import { axesOf, OPERATIONS, remedyFor } from './operations.ts';
import { type KerasCall, type Place, tensorsIn } from './readCalls.ts';
import { type DescribedLayer, titleOf } from './readLayer.ts';

// Functions of `keras.ops` between layers, as `x * 2` or `ops.mean(x, axis=1)` leave them in a
// functional model.

/**
 * Whether it is a function of `keras.ops`. Files in HDF5 of Keras 3 do not say so, but layers have
 * more options there.
 */
export function isOperation({ module, registeredName, className, config, whole }: KerasObject): boolean {
  if (module !== null) return /^keras\.(src\.)?ops\b/.test(module);
  const nodes = whole.inbound_nodes;
  const isOfKeras3 = Array.isArray(nodes) && nodes.length > 0 && nodes.every(isPlain);
  return isOfKeras3 && registeredName === null && className !== 'InputLayer' && !('trainable' in config);
}

/**
 * The call of a function that makes a mask. Its options are `value`, what it compares with, and
 * `axes`, how many its first input has, with the batch.
 */
export function readMaskFunction(object: KerasObject): KerasCall {
  const title = titleOf(object);
  const [node] = listAt(object.whole.inbound_nodes, `${title}: inbound_nodes`);
  const args = isPlain(node)
    ? [...listAt(node.args ?? [], `${title}: args`), ...Object.values(isPlain(node.kwargs) ? node.kwargs : {})]
    : [];
  const inputs = args.flatMap((value) => (typeof value === 'object' && value !== null ? tensorsIn(value, title) : []));
  const options = { value: args.find((value) => typeof value === 'number'), axes: axesOf(args[0]) };
  return { inputs, states: [], masks: [], training: null, options };
}

/**
 * Reads a function of `keras.ops` and its only call.
 * @throws {FormatError} for one that Backtime does not have
 */
export function readOperation(object: KerasObject): { readonly described: DescribedLayer; readonly call: KerasCall } {
  const { className, config, whole } = object;
  const title = titleOf(object);
  const refuse = (what: string) => new FormatError(`${title} is a function of keras.ops ${what}: ${remedyFor(className)}`);
  const nodes = listAt(whole.inbound_nodes, `${title}: inbound_nodes`);
  const [node] = nodes;
  if (nodes.length !== 1 || !isPlain(node)) throw refuse(`that is called ${nodes.length} times`);
  const args = listAt(node.args ?? [], `${title}: args`);
  const kwargs = isPlain(node.kwargs) ? node.kwargs : {};
  const given = [...args, ...Object.values(kwargs)];
  const tensors = (values: readonly unknown[]) => {
    const constant = values.find((value) => isPlain(value) && ['__numpy__', '__tensor__'].includes(value.class_name as string));
    if (constant) throw refuse('of an array of constants, which Backtime does not read');
    return tensorsIn(values, title);
  };
  const read = (operation: string, options: LayerConfig, inputs: readonly Place[]) => {
    const name = typeof config.name === 'string' ? config.name : className;
    const call: KerasCall = { inputs, states: [], masks: [], training: null, options: {} };
    return { described: { className: operation, config: { name, ...options } }, call };
  };
  const requireOnly = (known: readonly string[]) => {
    for (const [option, value] of Object.entries(config))
      if (!known.includes(option) && option !== 'name' && value !== null)
        throw refuse(`with ${option}: ${describe(value)}, an option that Backtime does not have`);
  };
  const swapped = SWAPPED[className];
  const elementwise = ELEMENTWISE_FUNCTIONS.filter((one) => one.className === (swapped ?? className));
  const [first] = elementwise;
  if (first) {
    const hasOptions = ({ options }: typeof first) =>
      Object.entries(options).every(([option, value]) => (config[option] ?? first.options[option]) === value);
    const found = elementwise.find(hasOptions);
    if (!found) throw refuse(`with ${shown(first.options, config)}, but Backtime has only ${shown(first.options, first.options)}`);
    requireOnly(Object.keys(first.options));
    const values = swapped ? [...given].reverse() : given;
    const operands = values.map((value) => (typeof value === 'number' ? value : null));
    if (className === 'Power' && !isReadPower(operands))
      throw refuse(
        `of ${operands.map((value) => value ?? 'values').join(' and ')}, but Backtime has whole exponents to 16, 0.5, and powers of a number above 0`,
      );
    const inputs = tensors(values.filter((value) => typeof value !== 'number'));
    return read('Elementwise', { operation: found.operation, operands }, inputs);
  }
  const other = Object.hasOwn(OPERATIONS, className) ? OPERATIONS[className] : undefined;
  if (!other) throw refuse('that Backtime does not read');
  requireOnly(other.options);
  const [operation, options] = other.read({ config, args: given, axes: axesOf(given[0]), refuse });
  return read(operation, options, tensors(given.slice(0, other.inputs)));
}

/** Comparisons of which Backtime has those with the sides in the other order. */
const SWAPPED: Readonly<Record<string, string>> = { Greater: 'Less', GreaterEqual: 'LessEqual' };

function isReadPower([base, exponent]: readonly (number | null)[]): boolean {
  return typeof exponent === 'number' ? isPower(exponent) : typeof base === 'number' && base > 0;
}

/** Options with their values in a configuration: `alpha: 0.5`. */
function shown(options: Plain, config: Plain): string {
  return Object.keys(options)
    .map((option) => `${option}: ${describe(config[option])}`)
    .join(', ');
}
