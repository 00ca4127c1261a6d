import { ArgumentError } from '../../core/errors.ts';
import type { Plain } from './kerasObject.ts';
import { upperFirst } from './names.ts';
import type { DescribedLayer } from './readLayer.ts';

// Layers that `ops` makes, as functions of `keras.ops`.

const CLASSES: readonly string[] = ['Elementwise', 'ExpandDims', 'MatMul', 'Reduce', 'Slice', 'Squeeze', 'Take'];
/** Functions that Keras has in another module than `keras.ops.numpy`. */
const OF_NN = 'elu gelu hardSigmoid relu relu6 selu sigmoid silu softplus softsign'.split(' ');
/** Functions that Keras calls otherwise. */
const NAMES: Readonly<Record<string, string>> = { abs: 'Absolute', divide: 'TrueDivide' };
const NOT_WRITTEN = 'celu exponential hardShrink hardSwish hardTanh leakyRelu logSigmoid mish'.split(' ');

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
    if (NOT_WRITTEN.includes(operation as string)) throw refuse();
    return object(
      OF_NN.includes(operation as string) ? 'keras.src.ops.nn' : 'keras.src.ops.numpy',
      NAMES[operation as string] ?? upperFirst(operation as string),
    );
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
