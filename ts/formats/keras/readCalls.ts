import { describe } from '../../core/describe.ts';
import { FormatError } from '../../core/errors.ts';
import { isPlain, type KerasObject, listAt, type Plain } from './kerasObject.ts';
import { type Reading, titleOf } from './readLayer.ts';

/** An output of a use of a layer. */
export type Place = readonly [layer: string, use: number, port: number];

/** A mask that a call is given, and the inputs that it is for. */
export interface MaskArgument {
  readonly mask: Place;
  readonly inputs: readonly Place[];
}

/** One use of a layer. */
export interface KerasCall {
  readonly inputs: readonly Place[];
  /** The initial states. */
  readonly states: readonly Place[];
  readonly masks: readonly MaskArgument[];
  readonly training: boolean | null;
  /** Options of the call that Backtime's layers take when they are made. */
  readonly options: Plain;
}

/** The names of what layers are called with, in their order; the first is the input. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  recurrent: ['sequences', 'initial_state', 'mask', 'training'],
  TimeDistributed: ['inputs', 'training', 'mask'],
  MultiHeadAttention: [
    'query',
    'value',
    'key',
    'query_mask',
    'value_mask',
    'key_mask',
    'attention_mask',
    'return_attention_scores',
    'training',
    'use_causal_mask',
  ],
  Attention: ['inputs', 'mask', 'training', 'return_attention_scores', 'use_causal_mask'],
  AdditiveAttention: ['inputs', 'mask', 'training', 'return_attention_scores', 'use_causal_mask'],
  other: ['inputs', 'training', 'mask'],
};
/** Layers that run over sequences and have states. */
export const RECURRENT: readonly string[] = ['SimpleRNN', 'LSTM', 'GRU', 'RNN', 'Bidirectional'];
/** Arguments of a call that become options of the layer. */
const OPTIONS: readonly string[] = ['return_attention_scores', 'use_causal_mask'];

/** An output of a layer in a list of Keras: `["lstm", 0, 0]`; null for anything else. */
export function placeOf(value: unknown): Place | null {
  const isCount = (count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0;
  if (!Array.isArray(value) || typeof value[0] !== 'string' || !isCount(value[1]) || !isCount(value[2])) return null;
  return [value[0], value[1] as number, value[2] as number];
}

/**
 * Reads the uses of a layer in a functional model.
 * @throws {FormatError} when one is damaged, or has an argument that Backtime does not have
 */
export function readCalls(object: KerasObject, { version }: Reading): readonly KerasCall[] {
  const title = titleOf(object);
  const nodes = listAt(object.whole.inbound_nodes ?? [], `${title}: inbound_nodes`);
  return nodes.map((node, index) => {
    const where = `${title}: inbound_nodes[${index}]`;
    const given = Array.isArray(node) ? ofKeras2(node, object, where) : ofKeras3(node, object, where);
    return callOf(given, where, version);
  });
}

/** The arguments of a call, by name. */
type Arguments = Readonly<Record<string, unknown>>;

function ofKeras3(node: unknown, { className }: KerasObject, where: string): Arguments {
  if (!isPlain(node)) throw new FormatError(`${where} should be an object, but is ${describe(node)}`);
  const args = listAt(node.args ?? [], `${where}: args`);
  const kwargs = isPlain(node.kwargs) ? node.kwargs : {};
  const names = argumentsOf(className);
  if (args.length > names.length) throw new FormatError(`${where} has ${args.length} arguments`);
  // Of attention with a query and a value each argument is an input.
  const byName = Object.fromEntries(args.map((value, index) => [names[index] as string, value]));
  return { ...byName, ...kwargs };
}

/** `[[layer, use, port, kwargs], …]`: the inputs of one use; initial states follow the input. */
function ofKeras2(node: readonly unknown[], { className }: KerasObject, where: string): Arguments {
  const list = placeOf(node) ? [node] : node;
  const tensors = list.map((each) => {
    if (!placeOf(each)) throw new FormatError(`${where} should name outputs of layers, but has ${describe(each)}`);
    return each as readonly unknown[];
  });
  const kwargs = isPlain(tensors[0]?.[3]) ? (tensors[0]?.[3] as Plain) : {};
  const [first] = argumentsOf(className) as [string];
  if (!RECURRENT.includes(className)) return { [first]: tensors.length === 1 ? tensors[0] : tensors, ...kwargs };
  const [input, ...states] = tensors;
  return { [first]: input, ...(states.length > 0 ? { initial_state: states } : {}), ...kwargs };
}

function argumentsOf(className: string): readonly string[] {
  const key = RECURRENT.includes(className) ? 'recurrent' : Object.hasOwn(ARGUMENTS, className) ? className : 'other';
  return ARGUMENTS[key] as readonly string[];
}

/** Inputs of layers, in the order in which Backtime takes them. */
const INPUTS: readonly string[] = ['inputs', 'sequences', 'query', 'value', 'key'];

function callOf(given: Arguments, where: string, version: 2 | 3): KerasCall {
  const options: Record<string, unknown> = {};
  const byName = new Map<string, readonly Place[]>();
  let training: boolean | null = null;
  for (const [name, value] of Object.entries(given)) {
    const at = `${where}: ${name}`;
    if (value === null || value === undefined || value === false) {
      if (name === 'training' && value === false) training = false;
      continue;
    }
    if ([...INPUTS, 'initial_state'].includes(name)) byName.set(name, tensorsIn(value, at));
    else if (name === 'training' && typeof value === 'boolean') training = value;
    else if (OPTIONS.includes(name)) options[name] = value;
    else if (name === 'training')
      throw new FormatError(
        `${where} takes several tensors, each as an argument of its own: call the layer with one array of them in Keras`,
      );
    else if (!MASKS.includes(name))
      throw new FormatError(
        `${at} is ${describe(value)}, an argument of the call that Backtime does not have: call the layer without it in Keras`,
      );
  }
  const inputs = INPUTS.flatMap((name) => byName.get(name) ?? []);
  if (inputs.length === 0) throw new FormatError(`${where} takes no output of another layer`);
  const masks = MASKS.flatMap((name) => masksIn(given[name], name, byName, inputs, `${where}: ${name}`));
  // fit, evaluate and predict of Keras 3 replace what a call says of training.
  return { inputs, states: byName.get('initial_state') ?? [], masks, training: version === 2 ? training : null, options };
}

const MASKS: readonly string[] = ['mask', 'query_mask', 'value_mask', 'key_mask'];

/** The masks of an argument: one for the first input, or a list with one for each. */
function masksIn(
  value: unknown,
  name: string,
  byName: ReadonlyMap<string, readonly Place[]>,
  inputs: readonly Place[],
  where: string,
): MaskArgument[] {
  if (value === null || value === undefined || value === false) return [];
  if (name !== 'mask') return [{ mask: tensorIn(value, where), inputs: byName.get(name.replace('_mask', '')) ?? [] }];
  if (!Array.isArray(value) || placeOf(value)) return [{ mask: tensorIn(value, where), inputs: inputs.slice(0, 1) }];
  return value.flatMap((each, index) => (each === null ? [] : [{ mask: tensorIn(each, where), inputs: inputs.slice(index, index + 1) }]));
}

/** The first output of a layer in an argument. */
function tensorIn(value: unknown, where: string): Place {
  const [first] = tensorsIn(value, where);
  if (!first) throw new FormatError(`${where} should be an output of a layer, but is ${describe(value)}`);
  return first;
}

/** The outputs of layers in an argument: one, or arrays and objects of them. */
export function tensorsIn(value: unknown, where: string, depth = 0): Place[] {
  if (depth > 8) throw new FormatError(`${where} has too many arrays inside each other`);
  const place = placeOf(value);
  if (place) return [place];
  if (isPlain(value)) {
    if (value.class_name === '__keras_tensor__') {
      const found = isPlain(value.config) ? placeOf(value.config.keras_history) : null;
      if (!found) throw new FormatError(`${where} has a tensor without keras_history`);
      return [found];
    }
    return Object.values(value).flatMap((each) => tensorsIn(each, where, depth + 1));
  }
  if (Array.isArray(value)) return value.flatMap((each) => tensorsIn(each, where, depth + 1));
  throw new FormatError(`${where} should be an output of a layer, but is ${describe(value)}: Backtime takes no constants there`);
}
