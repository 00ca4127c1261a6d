import { ArgumentError } from '../../core/errors.ts';
import { ELEMENTWISE_FUNCTIONS } from './elementwiseFunctions.ts';
import type { Plain } from './kerasObject.ts';
import { upperFirst } from './names.ts';
import type { DescribedLayer } from './readLayer.ts';

// Layers that `ops` makes, as functions of `keras.ops`.

const CLASSES: readonly string[] = ['Elementwise', 'ExpandDims', 'MatMul', 'Reduce', 'Slice', 'Squeeze', 'Take'];
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
  const object = (module: string, kerasName: string, more: Plain = {}) => ({
    module,
    class_name: kerasName,
    config: { name, ...more },
    registered_name: kerasName,
  });
  if (className === 'Elementwise') {
    const found = ELEMENTWISE_FUNCTIONS.find((one) => one.operation === operation);
    if (!found) throw refuse();
    return object(found.module, found.className, found.options);
  }
  if (className === 'Reduce')
    return object('keras.src.ops.numpy', upperFirst(operation as string), { axis: config.axis, keepdims: config.keepDims });
  if (className === 'ExpandDims' || className === 'Squeeze') return object('keras.src.ops.numpy', className, { axis: config.axis });
  throw refuse();
}

/** The arguments of the function: tensors and numbers, in their order. */
export function operands({ config }: DescribedLayer, tensors: readonly Plain[]): unknown[] {
  const numbers = (config.operands ?? tensors.map(() => null)) as readonly (number | null)[];
  let next = 0;
  return numbers.map((number) => number ?? tensors[next++]);
}
