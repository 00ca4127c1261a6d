// Networks of the tutorials and books of J. Brownlee (machinelearningmastery.com).
import {
  Add,
  Bidirectional,
  Conv1D,
  Dense,
  Dropout,
  Embedding,
  Flatten,
  Input,
  type Layer,
  LSTM,
  Masking,
  MaxPooling1D,
  Model,
  RepeatVector,
  Sequential,
  TimeDistributed,
} from '../../ts/index.ts';
import { describeProgram } from './program.ts';

describeProgram({
  name: 'sentiment by an LSTM with dropouts',
  source: 'sequence classification with LSTM networks',
  published: { words: 5000, features: 32, units: 100, steps: 500 },
  parameters: 213_301,
  small: { words: 30, features: 8, units: 16, steps: 8 },
  network: ({ words, features, units, steps }) => {
    const model = new Sequential([
      Input({ shape: [steps] }),
      new Embedding(words, features),
      new LSTM(units, { dropout: 0.2, recurrentDropout: 0.2 }),
      new Dense(1, { activation: 'sigmoid' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words, steps }, made) => ({ x: made.ids([32, steps], words), y: made.ids([32], 2) }),
  epochs: 80,
});

const STATEFUL: [name: string, source: string, steps: number][] = [
  ['airline passengers with memory between batches', 'time series prediction with LSTM networks', 3],
  ['shampoo sales', 'time series forecasting with the LSTM network', 1],
];
for (const [name, source, steps] of STATEFUL)
  describeProgram({
    name,
    source,
    published: { units: 4 },
    parameters: 101,
    small: { units: 4 },
    network: ({ units }) => {
      const model = new Sequential([Input({ shape: [steps, 1], batchSize: 1 }), new LSTM(units, { stateful: true }), new Dense(1)]);
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      return model;
    },
    data: (_sizes, made) => {
      const waves = made.waves(1, 24 + steps, 1);
      const at = (row: number) => waves.data.slice(row, row + steps);
      return {
        x: { shape: [24, steps, 1], data: Float32Array.from(Array.from({ length: 24 }, (_, row) => [...at(row)]).flat()) },
        y: { shape: [24, 1], data: waves.data.slice(steps) },
      };
    },
    batchSize: 1,
    train: async (model, { x, y }) => {
      const losses: number[] = [];
      for (let epoch = 0; epoch < 60; epoch++) {
        const { history } = await model.fit(x, y, { epochs: 1, batchSize: 1, shuffle: false, verbose: 0 });
        losses.push(history.loss?.[0] as number);
        model.resetStates();
      }
      return losses;
    },
  });

const FORECASTS: [name: string, parameters: number, outputs: number, layers: (units: number) => Layer[], units: number][] = [
  ['vanilla LSTM', 10_451, 1, (units) => [new LSTM(units, { activation: 'relu' })], 50],
  [
    'stacked LSTM',
    30_651,
    1,
    (units) => [new LSTM(units, { activation: 'relu', returnSequences: true }), new LSTM(units, { activation: 'relu' })],
    50,
  ],
  [
    'vector output',
    121_402,
    2,
    (units) => [new LSTM(units, { activation: 'relu', returnSequences: true }), new LSTM(units, { activation: 'relu' })],
    100,
  ],
  ['bidirectional LSTM', 20_901, 1, (units) => [new Bidirectional(new LSTM(units, { activation: 'relu' }))], 50],
];
for (const [name, parameters, outputs, layers, units] of FORECASTS)
  describeProgram({
    name: `steps of ten, ${name}`,
    source: 'LSTM models for time series forecasting',
    published: { units },
    parameters,
    small: { units: 12 },
    network: (sizes) => {
      const model = new Sequential([Input({ shape: [3, 1] }), ...layers(sizes.units), new Dense(outputs)]);
      model.compile({ optimizer: 'adam', loss: 'mse' });
      return model;
    },
    data: () => {
      const value = (row: number, step: number) => (row + step) / 10;
      const rows = (from: number, count: number) =>
        Float32Array.from({ length: 7 * count }, (_, index) => value(Math.floor(index / count), from + (index % count)));
      return { x: { shape: [7, 3, 1], data: rows(0, 3) }, y: { shape: [7, outputs], data: rows(3, outputs) } };
    },
    epochs: 60,
  });

describeProgram({
  name: 'power of a household for a week, encoder and decoder',
  source: 'LSTM models for power forecasting',
  published: { steps: 14, days: 7, units: 200, hidden: 100 },
  parameters: 502_601,
  small: { steps: 6, days: 4, units: 16, hidden: 8 },
  network: ({ steps, days, units, hidden }) => {
    const model = new Sequential([
      Input({ shape: [steps, 1] }),
      new LSTM(units, { activation: 'relu' }),
      new RepeatVector(days),
      new LSTM(units, { activation: 'relu', returnSequences: true }),
      new TimeDistributed(new Dense(hidden, { activation: 'relu' })),
      new TimeDistributed(new Dense(1)),
    ]);
    model.compile({ optimizer: 'adam', loss: 'mse' });
    return model;
  },
  data: ({ steps, days }, made) => ({ x: made.waves(16, steps, 1), y: made.floats([16, days, 1], 0, 1) }),
  epochs: 100,
});

describeProgram({
  name: 'autoencoder of a sequence',
  source: 'a gentle introduction to LSTM autoencoders',
  published: { units: 100 },
  parameters: 121_301,
  small: { units: 16 },
  network: ({ units }) => {
    const model = new Sequential([
      Input({ shape: [9, 1] }),
      new LSTM(units, { activation: 'relu' }),
      new RepeatVector(9),
      new LSTM(units, { activation: 'relu', returnSequences: true }),
      new TimeDistributed(new Dense(1)),
    ]);
    model.compile({ optimizer: 'adam', loss: 'mse' });
    return model;
  },
  data: () => {
    const x = { shape: [1, 9, 1], data: Float32Array.from({ length: 9 }, (_, step) => (step + 1) / 10) };
    return { x, y: x };
  },
  epochs: 100,
});

describeProgram({
  name: 'words of the Republic',
  source: 'how to develop a word-level neural language model',
  published: { words: 7410, features: 50, units: 100 },
  parameters: 1_269_810,
  small: { words: 20, features: 8, units: 12 },
  network: ({ words, features, units }) => {
    const model = new Sequential([
      Input({ shape: [50] }),
      new Embedding(words, features),
      new LSTM(units, { returnSequences: true }),
      new LSTM(units),
      new Dense(units, { activation: 'relu' }),
      new Dense(words, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words }, made) => ({ x: made.ids([24, 50], words), y: made.oneHot([24], words) }),
  epochs: 100,
});

for (const [name, steps] of [
  ['letter by letter', 1],
  ['three letters at once', 3],
] as const)
  describeProgram({
    name: `the alphabet, ${name}`,
    source: 'understanding stateful LSTM recurrent neural networks',
    published: { units: 32 },
    parameters: 5_210,
    small: { units: 32 },
    network: ({ units }) => {
      const model = new Sequential([Input({ shape: [steps, 1] }), new LSTM(units), new Dense(26, { activation: 'softmax' })]);
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
      return model;
    },
    data: () => {
      const count = 26 - steps;
      const x = Float32Array.from({ length: count * steps }, (_, index) => (Math.floor(index / steps) + (index % steps)) / 26);
      const y = new Float32Array(count * 26);
      for (let row = 0; row < count; row++) y[row * 26 + row + steps] = 1;
      return { x: { shape: [count, steps, 1], data: x }, y: { shape: [count, 26], data: y } };
    },
    batchSize: 1,
    epochs: 60,
    // No state comes before the only step.
    withoutGradient: steps === 1 ? ['lstm/recurrentKernel'] : [],
  });

describeProgram({
  name: 'missing steps of a series',
  source: 'how to handle missing timesteps in sequence prediction problems',
  published: { units: 5 },
  parameters: 146,
  small: { units: 5 },
  network: ({ units }) => {
    const model = new Sequential([Input({ shape: [2, 1] }), new Masking({ maskValue: -1 }), new LSTM(units), new Dense(1)]);
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    return model;
  },
  data: (_sizes, made) => {
    const x = made.floats([24, 2, 1], 0, 1);
    const y = x.data.filter((_, index) => index % 2 === 0);
    return { x: { shape: x.shape, data: x.data.map((value, index) => (index % 10 === 0 ? -1 : value)) }, y: { shape: [24, 1], data: y } };
  },
  epochs: 100,
});

describeProgram({
  name: 'translation from German to English',
  source: 'how to develop a neural machine translation system from scratch',
  published: { german: 3856, english: 2404, germanSteps: 10, englishSteps: 5, units: 256 },
  parameters: 2_655_588,
  small: { german: 20, english: 14, germanSteps: 6, englishSteps: 4, units: 16 },
  network: ({ german, english, germanSteps, englishSteps, units }) => {
    const model = new Sequential([
      Input({ shape: [germanSteps] }),
      new Embedding(german, units, { maskZero: true }),
      new LSTM(units),
      new RepeatVector(englishSteps),
      new LSTM(units, { returnSequences: true }),
      new TimeDistributed(new Dense(english, { activation: 'softmax' })),
    ]);
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    return model;
  },
  data: ({ german, english, germanSteps, englishSteps }, made) => ({
    x: made.ids([16, germanSteps], german, 1),
    y: made.oneHot([16, englishSteps], english),
  }),
  epochs: 250,
});

describeProgram({
  name: 'captions of photos',
  source: 'how to develop a deep learning photo caption generator',
  published: { photo: 4096, words: 7579, steps: 34, units: 256 },
  parameters: 5_527_963,
  small: { photo: 20, words: 14, steps: 6, units: 16 },
  network: ({ photo, words, steps, units }) => {
    const inputs = { photo: Input({ shape: [photo], name: 'photo' }), caption: Input({ shape: [steps], name: 'caption' }) };
    const seen = new Dense(units, { activation: 'relu' }).apply(new Dropout(0.5).apply(inputs.photo));
    const embedded = new Embedding(words, units, { maskZero: true }).apply(inputs.caption);
    const read = new LSTM(units).apply(new Dropout(0.5).apply(embedded));
    const joined = new Dense(units, { activation: 'relu' }).apply(new Add().apply([seen, read]));
    const model = new Model({ inputs, outputs: new Dense(words, { activation: 'softmax' }).apply(joined) });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    return model;
  },
  data: ({ photo, words, steps }, made) => ({
    x: { photo: made.floats([24, photo]), caption: made.ids([24, steps], words, 1) },
    y: made.oneHot([24], words),
  }),
  epochs: 80,
});

describeProgram({
  name: 'sentiment by a convolution and an LSTM',
  source: 'sequence classification with LSTM networks',
  published: { words: 5000, features: 32, units: 100, steps: 500 },
  parameters: 216_405,
  small: { words: 30, features: 8, units: 16, steps: 20 },
  network: ({ words, features, units, steps }) => {
    const model = new Sequential([
      Input({ shape: [steps] }),
      new Embedding(words, features),
      new Conv1D(features, 3, { padding: 'same', activation: 'relu' }),
      new MaxPooling1D(2),
      new LSTM(units),
      new Dense(1, { activation: 'sigmoid' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words, steps }, made) => ({ x: made.ids([16, steps], words), y: made.ids([16], 2) }),
  epochs: 80,
});

describeProgram({
  name: 'activities of people by convolutions of windows and an LSTM',
  source: 'RNN models for human activity recognition',
  published: { windows: 4, steps: 32, features: 9, filters: 64, units: 100 },
  parameters: 423_650,
  small: { windows: 3, steps: 10, features: 3, filters: 6, units: 12 },
  network: ({ windows, steps, features, filters, units }) => {
    const model = new Sequential([
      Input({ shape: [windows, steps, features] }),
      new TimeDistributed(new Conv1D(filters, 3, { activation: 'relu' })),
      new TimeDistributed(new Conv1D(filters, 3, { activation: 'relu' })),
      new TimeDistributed(new Dropout(0.5)),
      new TimeDistributed(new MaxPooling1D(2)),
      new TimeDistributed(new Flatten()),
      new LSTM(units),
      new Dropout(0.5),
      new Dense(100, { activation: 'relu' }),
      new Dense(6, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ windows, steps, features }, made) => ({ x: made.floats([18, windows, steps, features]), y: made.oneHot([18], 6) }),
  epochs: 250,
});
