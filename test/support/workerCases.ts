import { Dense, type Layer, type Sequential, SGD, type Tensor } from '../../ts/index.ts';
import { builtModel } from './models.ts';
import { RandomArrays } from './randomArrays.ts';
import { FEATURES } from './regression.ts';

/** Layers whose activations are wide. */
export function labelModel(units: number): Layer[] {
  return [new Dense(units), new Dense(1)];
}

/** A classifier and six samples with labels in shared memory, which workers read as the caller changes it. */
export function sharedLabels(): { model: Sequential; ids: Tensor; labels: Tensor<Int32Array> } {
  const model = builtModel([new Dense(3, { activation: 'softmax' })], [FEATURES], new RandomArrays(4));
  model.compile({ optimizer: new SGD(), loss: 'sparseCategoricalCrossentropy' });
  const data = new Int32Array(new SharedArrayBuffer(6 * 4));
  data.set([0, 1, 2, 0, 1, 2]);
  return {
    model,
    ids: { shape: [6, FEATURES], data: new RandomArrays(5).float32s(6 * FEATURES) },
    labels: { shape: [6], data },
  };
}
