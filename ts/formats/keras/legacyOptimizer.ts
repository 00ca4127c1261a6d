import { warn } from '../../core/warnings.ts';
import type { Weight } from '../../layers/weight.ts';
import type { Optimizer } from '../../optimizers/optimizer.ts';
import { HDF5Dataset } from '../hdf5/dataset.ts';
import { HDF5Group } from '../hdf5/group.ts';
import { listedTexts } from './listedTexts.ts';
import type { DescribedOptimizer } from './optimizers.ts';
import { type OptimizerVariables, slotOrder } from './readOptimizerState.ts';

const GROUP = 'optimizer_weights';
/** The names that Keras before 2.11 gives to the values of a weight: `Adam/dense/kernel/m:0`. */
const EARLIER = /\/(m|v|vhat|rms|momentum|mg|accumulator|accum_grad|accum_var|linear)(:0)?$/;
/** Optimizers whose values Keras of before 2.11 keeps by the same rules. */
const SAME_EARLIER: readonly string[] = ['SGD', 'RMSprop', 'Adam', 'AdamW', 'Adamax'];

/** The variables of the optimizer in an `.h5` file, found by their names. */
export function legacyVariables(
  file: HDF5Group,
  optimizer: Optimizer,
  described: DescribedOptimizer,
  weights: readonly Weight[],
): OptimizerVariables {
  const group = file.get(GROUP);
  if (!(group instanceof HDF5Group)) return { values: [] };
  const variables = listedTexts(group, 'weight_names').map((name) => ({ name, dataset: group.get(name) }));
  const named = (pattern: RegExp) => variables.find(({ name }) => pattern.test(name))?.dataset;
  const single = (pattern: RegExp) => {
    const found = named(pattern);
    return found instanceof HDF5Dataset ? found : undefined;
  };
  const [iteration, learningRate] = [single(ITERATION), single(RATE)];
  const others = variables.filter(({ name }) => !ITERATION.test(name) && !RATE.test(name));
  const values = others.flatMap(({ dataset }) => (dataset instanceof HDF5Dataset ? [dataset] : []));
  if (!others.some(({ name }) => EARLIER.test(name))) return { iteration, learningRate, values };
  const order = slotOrder(optimizer, described, weights);
  if (!SAME_EARLIER.includes(described.className) || values.length !== order.length) {
    warn(
      'OPTIMIZER_ANEW',
      `The file has the state of ${described.className} from before Keras 2.11, which is not read: the optimizer starts anew.`,
      file,
    );
    return { values: [] };
  }
  // Keras of before 2.11 has the first value of all weights, then the second, ….
  const slots = [...new Set(order.map(({ slot }) => slot))];
  const sorted = order.map(({ slot, weight }) => values[slots.indexOf(slot) * weights.length + weights.indexOf(weight)] as HDF5Dataset);
  return { iteration, learningRate, values: sorted };
}

const ITERATION = /(^|\/)iter(ations?)?(:0)?$/;
const RATE = /(^|\/)(current_)?learning_rate(:0)?$/;
