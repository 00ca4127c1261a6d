// Networks of the tutorials of TensorFlow (tensorflow.org/tutorials).
import {
  Adam,
  Add,
  Bidirectional,
  Concatenate,
  Dense,
  Embedding,
  GRU,
  Input,
  LayerNormalization,
  LSTM,
  Model,
  MultiHeadAttention,
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

describeProgram({
  name: 'translation with attention',
  source: 'text/nmt_with_attention',
  published: { words: 5000, units: 256 },
  parameters: 5_292_936,
  small: { words: 12, units: 12 },
  network: ({ words, units }) => {
    const inputs = { context: Input({ shape: [null], name: 'context' }), target: Input({ shape: [null], name: 'target' }) };
    const read = new Embedding(words, units, { maskZero: true }).apply(inputs.context);
    const context = new Bidirectional(new GRU(units, { returnSequences: true }), { mergeMode: 'sum' }).apply(read);
    const past = new Embedding(words, units, { maskZero: true }).apply(inputs.target);
    const decoded = new GRU(units, { returnSequences: true }).apply(past);
    const attended = new MultiHeadAttention({ numHeads: 1, keyDim: units }).apply([decoded, context as SymbolicTensor]);
    const joined = new LayerNormalization().apply(new Add().apply([decoded, attended]));
    const model = new Model({ inputs, outputs: new Dense(words).apply(joined) });
    model.compile({ optimizer: 'adam', loss: sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: 0 }), metrics: ['accuracy'] });
    return model;
  },
  data: ({ words }, made) => ({
    x: { context: made.ids([12, 6], words, 1), target: made.ids([12, 5], words, 1) },
    y: made.ids([12, 5], words),
  }),
  epochs: 60,
});
