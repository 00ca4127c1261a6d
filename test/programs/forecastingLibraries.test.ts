// Networks of libraries that forecast: Darts, neuralforecast, GluonTS.
import {
  Adam,
  Add,
  AveragePooling1D,
  Conv1D,
  Dense,
  Dropout,
  ElementwiseLoss,
  type Expression,
  Flatten,
  Input,
  LSTM,
  MaxPooling1D,
  Model,
  ops,
  QuantileLoss,
  ReLU,
  RepeatVector,
  Reshape,
  registerClass,
  Sequential,
  Subtract,
  type SymbolicTensor,
  UpSampling1D,
} from '../../ts/index.ts';
import { describeProgram, type MadeData, stepsOf } from './program.ts';

interface Series {
  readonly steps: number;
  readonly ahead: number;
  readonly units: number;
}

/** Waves, and the steps that follow. */
function wavesGoOn({ steps, ahead }: Series, made: MadeData) {
  const waves = made.waves(24, steps + ahead, 1);
  const next = stepsOf(waves, steps);
  return { x: stepsOf(waves, 0, steps), y: { shape: [24, ahead], data: next.data } };
}

describeProgram<Series>({
  name: 'BlockRNNModel, an LSTM',
  source: 'Darts',
  published: { steps: 24, ahead: 12, units: 25 },
  small: { steps: 10, ahead: 4, units: 8 },
  network: ({ steps, ahead, units }) => {
    const model = new Sequential([Input({ shape: [steps, 1] }), new LSTM(units), new Dense(ahead)]);
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'mse' });
    return model;
  },
  data: wavesGoOn,
});

describeProgram<Series>({
  name: 'TCNModel, residual causal convolutions',
  source: 'Darts',
  published: { steps: 24, ahead: 12, units: 3 },
  small: { steps: 12, ahead: 4, units: 4 },
  network: ({ steps, ahead, units }) => {
    const inputs = Input({ shape: [steps, 1] });
    let x: SymbolicTensor = inputs;
    for (const dilationRate of [1, 2, 4]) {
      const convolution = (value: SymbolicTensor, filters: number) =>
        new Conv1D(filters, 3, { padding: 'causal', dilationRate }).apply(value);
      const inner = new Dropout(0.2).apply(new ReLU().apply(convolution(x, units)));
      const outer = new Dropout(0.2).apply(new ReLU().apply(convolution(inner, units)));
      x = new Add().apply([outer, new Conv1D(units, 1).apply(x)]);
    }
    const outputs = new Dense(ahead).apply(ops.take(x, -1, 1));
    const model = new Model({ inputs, outputs });
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'mse' });
    return model;
  },
  data: wavesGoOn,
});

describeProgram<Series>({
  name: 'N-BEATS, generic blocks',
  source: 'Darts, neuralforecast',
  published: { steps: 24, ahead: 12, units: 256 },
  small: { steps: 10, ahead: 4, units: 12 },
  network: ({ steps, ahead, units }) => {
    const inputs = Input({ shape: [steps, 1] });
    let rest: SymbolicTensor = new Flatten().apply(inputs);
    const forecasts: SymbolicTensor[] = [];
    for (let block = 0; block < 3; block++) {
      let x = rest;
      for (let level = 0; level < 4; level++) x = new Dense(units, { activation: 'relu' }).apply(x);
      forecasts.push(new Dense(ahead).apply(x));
      if (block < 2) rest = new Subtract().apply([rest, new Dense(steps).apply(x)]);
    }
    const model = new Model({ inputs, outputs: new Add().apply(forecasts) });
    model.compile({ optimizer: new Adam({ learningRate: 0.003 }), loss: 'mae' });
    return model;
  },
  data: wavesGoOn,
});

describeProgram<Series>({
  name: 'N-HiTS, blocks of several resolutions',
  source: 'neuralforecast',
  published: { steps: 24, ahead: 12, units: 512 },
  small: { steps: 8, ahead: 4, units: 12 },
  network: ({ steps, ahead, units }) => {
    const inputs = Input({ shape: [steps, 1] });
    let rest: SymbolicTensor = inputs;
    const forecasts: SymbolicTensor[] = [];
    for (const size of [4, 2, 1]) {
      let x: SymbolicTensor = new Flatten().apply(new MaxPooling1D(size).apply(rest));
      for (let level = 0; level < 2; level++) x = new Dense(units, { activation: 'relu' }).apply(x);
      const coarse = (count: number) =>
        new UpSampling1D(size).apply(new Reshape([count / size, 1]).apply(new Dense(count / size).apply(x)));
      forecasts.push(coarse(ahead));
      if (size > 1) rest = new Subtract().apply([rest, coarse(steps)]);
    }
    const model = new Model({ inputs, outputs: new Reshape([ahead]).apply(new Add().apply(forecasts)) });
    model.compile({ optimizer: new Adam({ learningRate: 0.003 }), loss: 'mae' });
    return model;
  },
  data: wavesGoOn,
});

describeProgram<Series>({
  name: 'DLinear, trend and remainder',
  source: 'Darts, neuralforecast',
  published: { steps: 24, ahead: 12, units: 25 },
  small: { steps: 12, ahead: 4, units: 5 },
  network: ({ steps, ahead, units }) => {
    const inputs = Input({ shape: [steps, 1] });
    const trend = new AveragePooling1D(units, { strides: 1, padding: 'same' }).apply(inputs);
    const remainder = new Subtract().apply([inputs, trend]);
    const parts = [trend, remainder].map((part) => new Dense(ahead).apply(new Flatten().apply(part)));
    const model = new Model({ inputs, outputs: new Add().apply(parts) });
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'mse' });
    return model;
  },
  data: wavesGoOn,
});

/** The negative logarithm of a Cauchy density of scale 1, but for a constant. */
class CauchyLikelihood extends ElementwiseLoss {
  static className = 'CauchyLikelihood';

  call(yTrue: Expression, yPred: Expression) {
    return ops.log(ops.add(1, ops.square(ops.subtract(yTrue, yPred))));
  }
}

registerClass(CauchyLikelihood);

describeProgram<Series>({
  name: 'RNNModel, a forecast at each step by a Cauchy likelihood',
  source: 'Darts',
  published: { steps: 24, ahead: 1, units: 40 },
  small: { steps: 10, ahead: 1, units: 8 },
  network: ({ units }) => {
    const recurrent = () => new LSTM(units, { returnSequences: true });
    const model = new Sequential([Input({ shape: [null, 1] }), recurrent(), new Dropout(0.1), recurrent(), new Dense(1)]);
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: new CauchyLikelihood() });
    return model;
  },
  data: ({ steps }, made) => {
    const waves = made.waves(24, steps + 1, 1);
    return { x: stepsOf(waves, 0, steps), y: stepsOf(waves, 1) };
  },
});

describeProgram<Series>({
  name: 'MQRNN, quantiles of each step ahead',
  source: 'neuralforecast, GluonTS',
  published: { steps: 24, ahead: 12, units: 64 },
  small: { steps: 10, ahead: 4, units: 8 },
  network: ({ steps, ahead, units }) => {
    const inputs = Input({ shape: [steps, 1] });
    const context = new Dense(units, { activation: 'relu' }).apply(new LSTM(units).apply(inputs));
    const decoded = new LSTM(units, { returnSequences: true }).apply(new RepeatVector(ahead).apply(context));
    const model = new Model({ inputs, outputs: new Dense(3).apply(decoded) });
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: new QuantileLoss({ quantile: [0.1, 0.5, 0.9] }) });
    return model;
  },
  data: (sizes, made) => {
    const { x, y } = wavesGoOn(sizes, made);
    return { x, y: { shape: [...y.shape, 1], data: y.data } };
  },
});
