// Networks of the tutorials of TensorFlow (tensorflow.org/tutorials).
import {
  Adam,
  Add,
  Concatenate,
  Dense,
  Embedding,
  GRU,
  Input,
  LSTM,
  Model,
  Reshape,
  Sequential,
  type SymbolicTensor,
  sparseCategoricalCrossentropy,
} from '../../ts/index.ts';
import { describeProgram, stepsOf } from './program.ts';

describeProgram({
  name: 'text by a GRU, with logits',
  source: 'text/text_generation',
  published: { characters: 66, features: 256, units: 1024 },
  parameters: 4_022_850,
  small: { characters: 11, features: 8, units: 24 },
  network: ({ characters, features, units }) => {
    const model = new Sequential([
      Input({ shape: [null] }),
      new Embedding(characters, features),
      new GRU(units, { returnSequences: true }),
      new Dense(characters),
    ]);
    model.compile({ optimizer: 'adam', loss: sparseCategoricalCrossentropy({ fromLogits: true }) });
    return model;
  },
  data: ({ characters }, made) => ({ x: made.ids([12, 10], characters), y: made.ids([12, 10], characters) }),
  epochs: 250,
});

describeProgram({
  name: 'weather by the change of each hour (residual LSTM)',
  source: 'structured_data/time_series',
  published: { features: 19, units: 32 },
  parameters: 7_283,
  small: { features: 4, units: 12 },
  network: ({ features, units }) => {
    const inputs = Input({ shape: [null, features] });
    const change = new Dense(features, { kernelInitializer: 'zeros' }).apply(new LSTM(units, { returnSequences: true }).apply(inputs));
    const model = new Model({ inputs, outputs: new Add().apply([inputs, change]) });
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
    return model;
  },
  data: ({ features }, made) => {
    const waves = made.waves(16, 13, features);
    return { x: stepsOf(waves, 0, 12), y: stepsOf(waves, 1) };
  },
});

describeProgram({
  name: 'weather of a day from its own forecasts (autoregressive LSTM)',
  source: 'structured_data/time_series',
  published: { features: 19, units: 32, hours: 24 },
  parameters: 7_283,
  small: { features: 3, units: 12, hours: 4 },
  network: ({ features, units, hours }) => {
    const inputs = Input({ shape: [null, features] });
    const recurrent = new LSTM(units, { returnState: true });
    const forecast = new Dense(features);
    const oneStep = new Reshape([1, features]);
    let [output, ...states] = recurrent.apply(inputs);
    const hourly: SymbolicTensor[] = [oneStep.apply(forecast.apply(output))];
    while (hourly.length < hours) {
      [output, ...states] = recurrent.apply(hourly.at(-1) as SymbolicTensor, { initialState: states });
      hourly.push(oneStep.apply(forecast.apply(output)));
    }
    const model = new Model({ inputs, outputs: new Concatenate({ axis: 1 }).apply(hourly) });
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
    return model;
  },
  data: ({ features, hours }, made) => {
    const waves = made.waves(16, 8 + hours, features);
    return { x: stepsOf(waves, 0, 8), y: stepsOf(waves, 8) };
  },
  epochs: 60,
});
