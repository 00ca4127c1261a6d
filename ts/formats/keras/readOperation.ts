import { describe } from '../../core/describe.ts';
import { FormatError } from '../../core/errors.ts';
import { ELEMENTWISE_FUNCTIONS } from './elementwiseFunctions.ts';
import { isPlain, type KerasObject, listAt, type Plain } from './kerasObject.ts';
import { lowerFirst } from './names.ts';
import { type KerasCall, type Place, tensorsIn } from './readCalls.ts';
import { type DescribedLayer, titleOf } from './readLayer.ts';

// Functions of `keras.ops` between layers, as `x * 2` or `ops.mean(x, axis=1)` leave them in a
// functional model.

const REDUCTIONS = 'Max Mean Min Sum';

/** Whether it is a function of `keras.ops`. */
export function isOperation({ module }: KerasObject): boolean {
  return module !== null && /^keras\.(src\.)?ops\b/.test(module);
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
  const [first] = args;
  const shape = isPlain(first) && isPlain(first.config) ? first.config.shape : null;
  const options = { value: args.find((value) => typeof value === 'number'), axes: Array.isArray(shape) ? shape.length : null };
  return { inputs, states: [], masks: [], training: null, options };
}

/**
 * Reads a function of `keras.ops` and its only call.
 * @throws {FormatError} for one that Backtime does not have
 */
export function readOperation(object: KerasObject): { readonly described: DescribedLayer; readonly call: KerasCall } {
  const { className, config, whole } = object;
  const title = titleOf(object);
  const refuse = (what: string) =>
    new FormatError(
      `${title} is a function of keras.ops ${what}: use a layer for it in Keras, such as Rescaling, Add or GlobalAveragePooling1D`,
    );
  const nodes = listAt(whole.inbound_nodes, `${title}: inbound_nodes`);
  const [node] = nodes;
  if (nodes.length !== 1 || !isPlain(node)) throw refuse(`that is called ${nodes.length} times`);
  const given = [...listAt(node.args ?? [], `${title}: args`), ...Object.values(isPlain(node.kwargs) ? node.kwargs : {})];
  const call = (inputs: readonly Place[]): KerasCall => ({ inputs, states: [], masks: [], training: null, options: {} });
  const name = typeof config.name === 'string' ? config.name : className;
  const requireOnly = (known: readonly string[]) => {
    for (const [option, value] of Object.entries(config))
      if (!known.includes(option) && value !== null)
        throw refuse(`with ${option}: ${describe(value)}, an option that Backtime does not have`);
  };
  const elementwise = ELEMENTWISE_FUNCTIONS.filter((one) => one.className === className);
  const [first] = elementwise;
  if (first) {
    const hasOptions = ({ options }: typeof first) =>
      Object.entries(options).every(([option, value]) => (config[option] ?? first.options[option]) === value);
    const found = elementwise.find(hasOptions);
    if (!found) throw refuse(`with ${shown(first.options, config)}, and Backtime has only ${shown(first.options, first.options)}`);
    requireOnly(['name', ...Object.keys(first.options)]);
    const operands = given.map((value) => (typeof value === 'number' ? value : null));
    const inputs = given.flatMap((value) => (typeof value === 'number' ? [] : tensorsIn(value, title)));
    return { described: { className: 'Elementwise', config: { name, operation: found.operation, operands } }, call: call(inputs) };
  }
  if (REDUCTIONS.split(' ').includes(className)) {
    const axis = Array.isArray(config.axis) && config.axis.length === 1 ? config.axis[0] : config.axis;
    requireOnly(['name', 'axis', 'keepdims']);
    if (!Number.isInteger(axis)) throw refuse(`along axis ${describe(config.axis)}, and Backtime takes one axis`);
    const options = { operation: lowerFirst(className), axis: axis as number, keepDims: config.keepdims === true };
    return { described: { className: 'Reduce', config: { name, ...options } }, call: call(tensorsIn(given[0], title)) };
  }
  if (['Concatenate', 'ExpandDims', 'Squeeze'].includes(className)) {
    requireOnly(['name', 'axis']);
    return { described: { className, config: { name, axis: config.axis as number } }, call: call(tensorsIn(given[0], title)) };
  }
  throw refuse('that Backtime does not read');
}

/** Options with their values in a configuration: `alpha: 0.5`. */
function shown(options: Plain, config: Plain): string {
  return Object.keys(options)
    .map((option) => `${option}: ${describe(config[option])}`)
    .join(', ');
}
