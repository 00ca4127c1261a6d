import type { FloatArray } from '../../core/numericArray.ts';
import { formatShape, sizeOf } from '../../core/shape.ts';
import type { Layer } from '../../layers/layer.ts';
import { HDF5Dataset } from '../hdf5/dataset.ts';
import type { HDF5Group } from '../hdf5/group.ts';

const GATES: Readonly<Record<string, number>> = { LSTM: 4, GRU: 3 };

/**
 * The weights of an LSTM or GRU that was a `CuDNNLSTM` or `CuDNNGRU` of Keras 2: each gate's kernels
 * lie in the file in other orders, and there are two biases, which an LSTM adds.
 * (`_convert_rnn_weights` in keras/engine/saving.py of Keras 2.2)
 * @param paths those of kernel, recurrent kernel and bias
 * @returns null for the weights of other layers, and for a GRU that has one bias
 */
export function fromCuDNN({ className, ownWeights }: Layer, root: HDF5Group, paths: readonly string[]): readonly FloatArray[] | null {
  const gates = GATES[className];
  const [kernel, recurrent, bias] = paths.map((path) => root.get(path));
  const [inputShape, stateShape, biasShape] = ownWeights.map(({ shape }) => shape);
  if (!gates || !inputShape || !stateShape || !biasShape || paths.length !== 3 || ownWeights.length !== 3) return null;
  if (!(kernel instanceof HDF5Dataset && recurrent instanceof HDF5Dataset && bias instanceof HDF5Dataset)) return null;
  const [features, units] = [inputShape[0] as number, stateShape[0] as number];
  // A GRU with resetAfter: false has one bias, which cannot hold the two of the file.
  if (className === 'GRU' && sizeOf(biasShape) !== 2 * gates * units) return null;
  const expected = [inputShape, stateShape, [2 * gates * units]].map(formatShape);
  // The shapes are compared before memory is taken.
  if ([kernel, recurrent, bias].some(({ shape }, index) => formatShape(shape) !== expected[index])) return null;
  const [k, r, b] = [kernel.read(), recurrent.read(), bias.read()];
  const half = gates * units;
  const biases = className === 'GRU' ? b.slice() : b.slice(0, half).map((value, index) => value + (b[half + index] as number));
  return [reordered(k, features, units, gates, false), reordered(r, units, units, gates, true), biases];
}

/**
 * A kernel `[rows, gates * units]` whose gates lie in the file in another order.
 * @param transposed whether a gate's element `[i, j]` is at `[j, i]`; else it is the one of number
 *   `j * rows + i`
 */
function reordered(kernel: FloatArray, rows: number, units: number, gates: number, transposed: boolean): FloatArray {
  const made = kernel.slice();
  const width = gates * units;
  for (let gate = 0; gate < gates; gate++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < units; j++) {
        const place = transposed ? j * units + i : j * rows + i;
        const from = Math.floor(place / units) * width + gate * units + (place % units);
        made[i * width + gate * units + j] = kernel[from] as number;
      }
  return made;
}
