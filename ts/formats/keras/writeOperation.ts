import { ArgumentError } from '../../core/errors.ts';
import type { ItemKey, SliceKey } from '../../layers/getItem.ts';
import type { LayerConfig } from '../../layers/layerConfig.ts';
import { ELEMENTWISE_FUNCTIONS } from './elementwiseFunctions.ts';
import type { Plain } from './kerasObject.ts';
import { upperFirst } from './names.ts';
import type { DescribedLayer } from './readLayer.ts';

// Layers that `ops` makes, as functions of `keras.ops`.

const CLASSES: readonly string[] = [
  'Elementwise',
  'ExpandDims',
  'GetItem',
  'MatMul',
  'Reduce',
  'Slice',
  'Squeeze',
  'Stack',
  'Take',
  'Unmasked',
];
/** Whether a layer is a function of `ops`. */
export function isOperationLayer({ className }: DescribedLayer): boolean {
  return CLASSES.includes(className);
}

/** Writes a layer that `ops` made. @throws {ArgumentError} for a function that is not written */
export function writeOperation({ className, config }: DescribedLayer): Plain {
  const { name, operation } = config as { readonly name: string; readonly operation?: string };
  const refuse = () =>
    new ArgumentError(
      `save: layer ${name} is ops.${operation ?? className}, which a .keras file of Backtime does not hold: save the model as .safetensors`,
    );
  const object = (kerasName: string, more: Plain = {}, module = 'keras.src.ops.numpy') => ({
    module,
    class_name: kerasName,
    config: { name, ...more },
    registered_name: kerasName,
  });
  if (className === 'Unmasked') {
    const { className: inner, config: options } = config.layer as unknown as DescribedLayer;
    if (inner === 'Concatenate') return object(inner, { axis: options.axis });
    return object(inner === 'Softmax' ? inner : 'LogSoftmax', { axis: options.axis ?? -1 }, 'keras.src.ops.nn');
  }
  if (className === 'Elementwise') {
    if (operation === 'clip') {
      const [, low, high] = config.operands as readonly number[];
      return object('Clip', { x_min: low, x_max: high });
    }
    if (operation === 'identity') return object('Cast', { dtype: 'float32' }, 'keras.src.ops.core');
    const found = ELEMENTWISE_FUNCTIONS.find((one) => one.operation === operation);
    if (!found) throw refuse();
    return object(found.className, found.options, found.module);
  }
  if (className === 'Reduce') return object(upperFirst(operation as string), { axis: config.axis, keepdims: config.keepDims });
  if (className === 'GetItem' || className === 'Slice') return object('GetItem');
  if (className === 'MatMul' && config.batched === true) return object('Matmul');
  if (['ExpandDims', 'Squeeze', 'Stack', 'Take'].includes(className)) return object(className, { axis: config.axis });
  throw refuse();
}

/** The arguments of the function: tensors and numbers, in their order. */
export function operands({ className, config }: DescribedLayer, tensors: readonly Plain[]): unknown[] {
  if (className === 'GetItem' || className === 'Slice') return [tensors[0], [sliceOf([null, null, null]), ...keyOf(config)]];
  if (className === 'Take') return [tensors[0], config.indices];
  if (className === 'Stack') return [tensors];
  if (className === 'Unmasked') return (config.layer as unknown as DescribedLayer).className === 'Concatenate' ? [tensors] : [tensors[0]];
  const numbers = (config.operands ?? tensors.map(() => null)) as readonly (number | null)[];
  if (config.operation === 'clip') return [tensors[0]];
  let next = 0;
  return numbers.map((number) => number ?? tensors[next++]);
}

function keyOf({ key, start, size }: LayerConfig): readonly unknown[] {
  const entries = (key ??
    (start as readonly number[]).map((first, axis): SliceKey => {
      const count = (size as readonly number[])[axis] as number;
      const end = first + count;
      // From the end on, 0 is the end.
      return [first, count === -1 || (first < 0 && end === 0) ? null : end, null];
    })) as readonly ItemKey[];
  return entries.map((entry) => (entry === 'newAxis' ? null : typeof entry === 'number' ? entry : sliceOf(entry)));
}

function sliceOf([start, stop, step]: SliceKey): Plain {
  return { class_name: '__slice__', config: { start, stop, step } };
}
