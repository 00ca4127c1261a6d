// Networks of the examples of Keras 3 that convolve along time (keras.io/examples).
import {
  Activation,
  Adam,
  Add,
  AveragePooling1D,
  BatchNormalization,
  Bidirectional,
  Conv1D,
  Dense,
  Dropout,
  Embedding,
  Flatten,
  GlobalAveragePooling1D,
  GlobalMaxPooling1D,
  Input,
  LeakyReLU,
  LSTM,
  MaxPooling1D,
  Model,
  ReLU,
  Sequential,
  type SymbolicTensor,
  UpSampling1D,
} from '../../ts/index.ts';
import { describeProgram } from './program.ts';

describeProgram({
  name: 'faults of engines from scratch',
  source: 'keras-io examples/timeseries/timeseries_classification_from_scratch.py',
  published: { steps: 500, filters: 64 },
  small: { steps: 12, filters: 6 },
  network: ({ steps, filters }) => {
    const block = () => [new Conv1D(filters, 3, { padding: 'same' }), new BatchNormalization(), new ReLU()];
    const model = new Sequential([
      Input({ shape: [steps, 1] }),
      ...block(),
      ...block(),
      ...block(),
      new GlobalAveragePooling1D(),
      new Dense(2, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['sparseCategoricalAccuracy'] });
    return model;
  },
  data: ({ steps }, made) => ({ x: made.waves(24, steps, 1), y: made.ids([24], 2) }),
  epochs: 120,
});

describeProgram({
  name: 'anomalies by an autoencoder of convolutions',
  source: 'keras-io examples/timeseries/timeseries_anomaly_detection.py',
  published: { steps: 288, filters: 32 },
  small: { steps: 16, filters: 8 },
  network: ({ steps, filters }) => {
    const convolution = (count: number, strides: number) => new Conv1D(count, 7, { padding: 'same', strides, activation: 'relu' });
    // A transposed convolution of stride 2, as a convolution of doubled steps.
    const transposed = (count: number) => [new UpSampling1D(2), convolution(count, 1)];
    const model = new Sequential([
      Input({ shape: [steps, 1] }),
      convolution(filters, 2),
      new Dropout(0.2),
      convolution(filters / 2, 2),
      ...transposed(filters / 2),
      new Dropout(0.2),
      ...transposed(filters),
      new Conv1D(1, 7, { padding: 'same' }),
    ]);
    model.compile({ optimizer: new Adam({ learningRate: 0.001 }), loss: 'mse' });
    return model;
  },
  data: ({ steps }, made) => {
    const waves = made.waves(16, steps, 1);
    return { x: waves, y: waves };
  },
  epochs: 60,
});

describeProgram({
  name: 'sentiment of film reviews from raw texts',
  source: 'keras-io examples/nlp/text_classification_from_scratch.py',
  published: { words: 20_000, features: 128, steps: 500 },
  small: { words: 30, features: 6, steps: 70 },
  network: ({ words, features, steps }) => {
    const convolution = () => new Conv1D(features, 7, { padding: 'valid', activation: 'relu', strides: 3 });
    const model = new Sequential([
      Input({ shape: [steps] }),
      new Embedding(words, features),
      new Dropout(0.5),
      convolution(),
      convolution(),
      new GlobalMaxPooling1D(),
      new Dense(features, { activation: 'relu' }),
      new Dropout(0.5),
      new Dense(1, { activation: 'sigmoid' }),
    ]);
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words, steps }, made) => ({ x: made.ids([24, steps], words), y: made.ids([24], 2) }),
  epochs: 60,
});

describeProgram({
  name: 'sentiment of film reviews by two LSTMs in both directions',
  source: 'keras-io examples/nlp/bidirectional_lstm_imdb.py',
  published: { words: 20_000, features: 128, units: 64 },
  parameters: 2_757_761,
  small: { words: 20, features: 8, units: 6 },
  network: ({ words, features, units }) => {
    const model = new Sequential([
      Input({ shape: [null] }),
      new Embedding(words, features),
      new Bidirectional(new LSTM(units, { returnSequences: true })),
      new Bidirectional(new LSTM(units)),
      new Dense(1, { activation: 'sigmoid' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words }, made) => ({ x: made.ids([24, 8], words), y: made.ids([24], 2) }),
  epochs: 80,
});

describeProgram({
  name: 'speakers by residual convolutions',
  source: 'keras-io examples/audio/speaker_recognition_using_cnn.py',
  published: { steps: 8000, filters: 16, speakers: 5 },
  small: { steps: 96, filters: 2, speakers: 3 },
  network: ({ steps, filters, speakers }) => {
    const inputs = Input({ shape: [steps, 1] });
    let x: SymbolicTensor = inputs;
    for (const [times, count] of [
      [1, 2],
      [2, 2],
      [4, 3],
      [8, 3],
      [8, 3],
    ] as const) {
      const convolution = (size: number) => new Conv1D(times * filters, size, { padding: 'same' });
      const shortcut = convolution(1).apply(x);
      for (let level = 1; level < count; level++) x = new Activation('relu').apply(convolution(3).apply(x));
      x = new MaxPooling1D(2).apply(new Activation('relu').apply(new Add().apply([convolution(3).apply(x), shortcut])));
    }
    x = new Flatten().apply(new AveragePooling1D(3, { strides: 3 }).apply(x));
    for (const units of [256, 128]) x = new Dense((units * filters) / 16, { activation: 'relu' }).apply(x);
    const model = new Model({ inputs, outputs: new Dense(speakers, { activation: 'softmax' }).apply(x) });
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ steps, speakers }, made) => ({ x: made.waves(12, steps, 1), y: made.ids([12], speakers) }),
  epochs: 80,
});

describeProgram({
  name: 'intentions in brain waves',
  source: 'keras-io examples/timeseries/eeg_signal_classification.py',
  published: { steps: 512, filters: 32, classes: 8 },
  small: { steps: 64, filters: 2, classes: 3 },
  network: ({ steps, filters, classes }) => {
    const convolution = (times: number, size: number) => [
      new Conv1D(times * filters, size, { strides: 2, padding: 'same', activation: 'relu' }),
      new BatchNormalization(),
    ];
    const dense = (times: number) => [new Dense(times * filters, { activation: 'relu', kernelRegularizer: 'l2' }), new Dropout(0.2)];
    const model = new Sequential([
      Input({ shape: [steps, 1] }),
      ...[1, 2, 4, 8].flatMap((times) => convolution(times, 3)),
      ...convolution(16, 5),
      new Flatten(),
      ...dense(64),
      new LeakyReLU(0.2),
      ...dense(32),
      new Dense(classes, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: new Adam({ amsgrad: true }), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ steps, classes }, made) => ({ x: made.waves(12, steps, 1), y: made.oneHot([12], classes) }),
});
