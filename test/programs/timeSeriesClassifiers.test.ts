// Classifiers of time series of sktime and aeon.
import {
  Activation,
  Adam,
  Add,
  BatchNormalization,
  Concatenate,
  Conv1D,
  Dense,
  Dropout,
  GlobalAveragePooling1D,
  Input,
  LSTM,
  MaxPooling1D,
  Model,
  Permute,
  type SymbolicTensor,
} from '../../ts/index.ts';
import { describeProgram, type MadeData } from './program.ts';

interface Sizes {
  readonly steps: number;
  readonly filters: number;
  readonly classes: number;
}

const data = ({ steps, classes }: Sizes, made: MadeData) => ({ x: made.waves(18, steps, 1), y: made.oneHot([18], classes) });
const relu = (x: SymbolicTensor) => new Activation('relu').apply(x);
const normal = (x: SymbolicTensor) => new BatchNormalization().apply(x);
const convolution = (x: SymbolicTensor, filters: number, size: number, useBias = true) =>
  new Conv1D(filters, size, { padding: 'same', useBias }).apply(x);

/** The model of a network that ends in a mean over the steps. */
function classifier(inputs: SymbolicTensor, features: SymbolicTensor, classes: number): Model {
  const model = new Model({ inputs, outputs: new Dense(classes, { activation: 'softmax' }).apply(features) });
  model.compile({ optimizer: new Adam({ learningRate: 0.003 }), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

describeProgram<Sizes>({
  name: 'InceptionTime',
  source: 'sktime, aeon',
  published: { steps: 100, filters: 32, classes: 2 },
  small: { steps: 48, filters: 3, classes: 2 },
  network: ({ steps, filters, classes }) => {
    const inputs = Input({ shape: [steps, 1] });
    const inception = (x: SymbolicTensor) => {
      const narrow = x === inputs ? x : convolution(x, filters, 1, false);
      const pooled = new MaxPooling1D(3, { strides: 1, padding: 'same' }).apply(x);
      const parts = [40, 20, 10].map((size) => convolution(narrow, filters, size, false));
      return relu(normal(new Concatenate().apply([...parts, convolution(pooled, filters, 1, false)])));
    };
    const x = inception(inception(inception(inputs)));
    const residual = normal(convolution(inputs, 4 * filters, 1, false));
    return classifier(inputs, new GlobalAveragePooling1D().apply(relu(new Add().apply([x, residual]))), classes);
  },
  data,
});

describeProgram<Sizes>({
  name: 'LSTM-FCN',
  source: 'sktime',
  published: { steps: 100, filters: 128, classes: 2 },
  small: { steps: 12, filters: 4, classes: 2 },
  network: ({ steps, filters, classes }) => {
    const inputs = Input({ shape: [steps, 1] });
    // The LSTM sees one step of all values.
    const remembered = new Dropout(0.8).apply(new LSTM(8).apply(new Permute([2, 1]).apply(inputs)));
    let x: SymbolicTensor = inputs;
    for (const [times, size] of [
      [1, 8],
      [2, 5],
      [1, 3],
    ] as const)
      x = relu(normal(convolution(x, times * filters, size)));
    return classifier(inputs, new Concatenate().apply([remembered, new GlobalAveragePooling1D().apply(x)]), classes);
  },
  data,
  epochs: 60,
  // Its only step begins with zeros.
  withoutGradient: ['lstm/recurrentKernel'],
});

describeProgram<Sizes>({
  name: 'ResNet of series',
  source: 'sktime, aeon',
  published: { steps: 100, filters: 64, classes: 2 },
  small: { steps: 12, filters: 4, classes: 2 },
  network: ({ steps, filters, classes }) => {
    const inputs = Input({ shape: [steps, 1] });
    let x: SymbolicTensor = inputs;
    for (const times of [1, 2, 2]) {
      const count = times * filters;
      let inner: SymbolicTensor = x;
      for (const size of [8, 5, 3]) {
        inner = normal(convolution(inner, count, size));
        if (size > 3) inner = relu(inner);
      }
      const shortcut = normal(x.shape.at(-1) === count ? x : convolution(x, count, 1));
      x = relu(new Add().apply([shortcut, inner]));
    }
    return classifier(inputs, new GlobalAveragePooling1D().apply(x), classes);
  },
  data,
});
