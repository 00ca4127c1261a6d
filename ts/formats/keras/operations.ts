import { describe } from '../../core/describe.ts';
import type { FormatError } from '../../core/errors.ts';
import { formatShape } from '../../core/shape.ts';
import type { ItemKey, SliceKey } from '../../layers/getItem.ts';
import type { LayerConfig } from '../../layers/layerConfig.ts';
import { isPlain, type Plain } from './kerasObject.ts';
import { lowerFirst } from './names.ts';

// The functions of `keras.ops` that are no elementwise ones, as layers of Backtime.

/** A function as a file has it. */
interface Given {
  readonly config: Plain;
  /** Its arguments, also those with names. */
  readonly args: readonly unknown[];
  /** How many axes its first input has, with the batch; null where the file does not say so. */
  readonly axes: number | null;
  readonly refuse: (what: string) => FormatError;
}

interface OperationReader {
  /** The options that it reads. */
  readonly options: readonly string[];
  /** How many of its arguments are tensors, or arrays of them. */
  readonly inputs: number;
  readonly read: (given: Given) => readonly [className: string, config: LayerConfig];
}

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);

/** How many axes the tensor of an argument has, with the batch. */
export function axesOf(argument: unknown): number | null {
  const shape = isPlain(argument) && isPlain(argument.config) ? argument.config.shape : null;
  return Array.isArray(shape) ? shape.length : null;
}

/** Numbers of a file for a message. */
function sizesOf(value: unknown): string {
  return Array.isArray(value) && value.length < 10 && value.every(isInteger) ? formatShape(value) : describe(value);
}

function oneAxis({ config, refuse }: Given): number {
  const axis = Array.isArray(config.axis) && config.axis.length === 1 ? config.axis[0] : config.axis;
  if (!isInteger(axis)) throw refuse(`along axis ${sizesOf(config.axis)}, but Backtime takes one axis`);
  if (axis === 0) throw refuse('along axis 0, which is the batch');
  return axis;
}

const reduction = (operation: string): OperationReader => ({
  options: ['axis', 'keepdims'],
  inputs: 1,
  read: (given) => ['Reduce', { operation, axis: oneAxis(given), keepDims: given.config.keepdims === true }],
});
const alongAxis = (className: string): OperationReader => ({
  options: ['axis'],
  inputs: 1,
  read: (given) => [className, { axis: oneAxis(given) }],
});
const inOrder = (options: readonly string[], order: (given: Given, axes: number) => readonly unknown[]): OperationReader => ({
  options,
  inputs: 1,
  read: (given) => {
    if (given.axes === null) throw given.refuse('of a tensor whose axes the file does not name');
    const [batch, ...axes] = order(given, given.axes).map((axis) => (isInteger(axis) && axis < 0 ? axis + (given.axes as number) : axis));
    if (batch !== 0 || !axes.every(isInteger)) throw given.refuse('that moves the batch axis');
    return ['Permute', { dims: axes as number[] }];
  },
});

/** Readers by the class in the file. */
export const OPERATIONS: Readonly<Record<string, OperationReader>> = {
  Amax: reduction('max'),
  Amin: reduction('min'),
  ...Object.fromEntries(['Max', 'Mean', 'Min', 'Sum'].map((className) => [className, reduction(lowerFirst(className))])),
  Cast: {
    options: ['dtype'],
    inputs: 1,
    read: ({ config, refuse }) => {
      if (!['bfloat16', 'float16', 'float32', 'float64'].includes(config.dtype as string))
        throw refuse(`to ${describe(config.dtype)}, but Backtime computes in float32`);
      return ['Elementwise', { operation: 'identity', operands: [null] }];
    },
  },
  Clip: {
    options: ['x_min', 'x_max'],
    inputs: 1,
    read: ({ config: { x_min: low, x_max: high }, refuse }) => {
      if (typeof low !== 'number' || typeof high !== 'number')
        throw refuse(`to ${describe(low)} and ${describe(high)}, but Backtime takes two numbers`);
      return ['Elementwise', { operation: 'clip', operands: [null, low, high] }];
    },
  },
  Concatenate: alongAxis('Concatenate'),
  ExpandDims: alongAxis('ExpandDims'),
  GetItem: { options: [], inputs: 1, read: (given) => ['GetItem', { key: keyOf(given) as never }] },
  LogSoftmax: {
    options: ['axis'],
    inputs: 1,
    read: (given) => {
      if (!isLastAxis(oneAxis(given), given)) throw given.refuse('along another axis than the last');
      return ['Activation', { activation: 'logSoftmax' }];
    },
  },
  Matmul: {
    options: [],
    inputs: 2,
    read: ({ args, axes, refuse }) => {
      if (axes !== axesOf(args[1]) || (axes !== 3 && axes !== 4)) throw refuse('of values that are not [n, m] and [m, k] a sample');
      return ['MatMul', { batched: true }];
    },
  },
  Moveaxis: inOrder(['source', 'destination'], ({ config: { source, destination }, refuse }, axes) => {
    if (!isInteger(source) || !isInteger(destination)) throw refuse('of several axes');
    const order = Array.from({ length: axes }, (_, axis) => axis);
    const [moved] = order.splice(source, 1) as [number];
    order.splice(destination < 0 ? destination + axes : destination, 0, moved);
    return order;
  }),
  OneHot: {
    options: ['num_classes', 'axis', 'dtype', 'sparse'],
    inputs: 1,
    read: ({ config: { num_classes: depth, axis, sparse }, refuse }) => {
      if (!isInteger(depth) || (axis ?? -1) !== -1 || sparse === true) throw refuse('along another axis than the last');
      return ['OneHot', { depth }];
    },
  },
  Reshape: {
    options: ['newshape'],
    inputs: 1,
    read: ({ config: { newshape: sizes }, refuse }) => {
      const [batch, ...shape] = Array.isArray(sizes) ? sizes : [];
      if ((batch !== -1 && batch !== null) || shape.length === 0 || !shape.every((size) => isInteger(size) && size > 0))
        throw refuse(`to shape ${sizesOf(sizes)}, but Backtime takes -1 for the batch and then sizes`);
      return ['Reshape', { targetShape: shape as number[] }];
    },
  },
  Softmax: {
    options: ['axis'],
    inputs: 1,
    read: (given) => ['Softmax', { axis: oneAxis(given) }],
  },
  Squeeze: alongAxis('Squeeze'),
  Stack: alongAxis('Stack'),
  Swapaxes: inOrder(['axis1', 'axis2'], ({ config: { axis1, axis2 } }, axes) => {
    const [a, b] = [axis1, axis2].map((axis) => (isInteger(axis) && axis < 0 ? axis + axes : axis));
    return Array.from({ length: axes }, (_, axis) => (axis === a ? b : axis === b ? a : axis));
  }),
  Take: {
    options: ['axis'],
    inputs: 1,
    read: (given) => {
      const indices = given.args[1];
      const isList = Array.isArray(indices) && indices.length > 0 && indices.every(isInteger);
      if (!isInteger(indices) && !isList) throw given.refuse(`at ${describe(indices)}, but Backtime takes integers`);
      return ['Take', { indices: indices as number | number[], axis: oneAxis(given) }];
    },
  },
  Transpose: inOrder(['axes'], ({ config: { axes: order } }) => (Array.isArray(order) ? order : [])),
};

function isLastAxis(axis: number, { axes }: Given): boolean {
  return axis === -1 || axis + 1 === axes;
}

/** Layers of the table that use masks or hand them on, which functions do not. */
export const USE_MASKS: readonly string[] = ['Activation', 'Concatenate', 'Softmax'];

/** The key of `x[:, -1]` for the axes after the batch. */
function keyOf({ args, axes, refuse }: Given): readonly ItemKey[] {
  const given = Array.isArray(args[1]) ? args[1] : isPlain(args[1]) && Array.isArray(args[1].items) ? args[1].items : [args[1]];
  const entries = given.map((entry): ItemKey | 'rest' => {
    if (entry === null) return 'newAxis';
    if (isInteger(entry)) return entry;
    if (isPlain(entry) && entry.class_name === '__ellipsis__') return 'rest';
    const slice = isPlain(entry) && entry.class_name === '__slice__' && isPlain(entry.config) ? entry.config : null;
    const ends = slice && [slice.start ?? null, slice.stop ?? null, slice.step ?? null];
    if (!ends?.every((end) => end === null || isInteger(end)) || ends[2] === 0)
      throw refuse(`at ${describe(entry)}, but Backtime takes integers, slices and new axes`);
    return ends as unknown as SliceKey;
  });
  const rest = entries.indexOf('rest');
  if (rest >= 0) {
    if (axes === null) throw refuse('of a tensor whose axes the file does not name');
    const missing = axes - entries.filter((entry) => entry !== 'newAxis' && entry !== 'rest').length;
    entries.splice(rest, 1, ...Array.from({ length: Math.max(0, missing) }, (): SliceKey => [null, null, null]));
  }
  const [batch, ...key] = entries;
  const takesAllSamples =
    Array.isArray(batch) && batch.every((end, index) => end === null || (index === 2 && end === 1) || (index === 0 && end === 0));
  if (!takesAllSamples || key.includes('rest')) throw refuse('that takes some of the samples: begin with a colon, as in x[:, -1]');
  return key as readonly ItemKey[];
}

/** The remedy for a function that is not read. */
export function remedyFor(className: string): string {
  return Object.hasOwn(REMEDIES, className)
    ? (REMEDIES[className] as string)
    : 'use a layer for it in Keras, such as Rescaling, Add or GlobalAveragePooling1D, or a registered layer that is a CustomLayer here';
}

const REMEDIES: Readonly<Record<string, string>> = {
  Dot: 'use the layer Dot, or ops.matmul, in Keras',
  Einsum: 'use the layer Dot, or ops.matmul, in Keras',
  Flip: 'use a recurrent layer with go_backwards, or x[:, ::-1], in Keras',
  Log1p: 'use ops.log(1 + x) in Keras',
  Normalize: 'use the layer UnitNormalization in Keras',
  Pad: 'use the layer ZeroPadding1D in Keras',
  Repeat: 'use the layer UpSampling1D or RepeatVector in Keras',
  Split: 'use slices, as in x[:, :2], in Keras',
  Std: 'use ops.sqrt and ops.mean in Keras',
  Unstack: 'use indices, as in x[:, 0], in Keras',
  Var: 'use ops.mean(ops.square(x - ops.mean(x, axis, keepdims=True)), axis) in Keras',
};
