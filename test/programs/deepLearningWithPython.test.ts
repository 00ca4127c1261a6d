// Networks of "Deep Learning with Python" by F. Chollet, first to third edition.
import {
  Bidirectional,
  Conv1D,
  Dense,
  Dropout,
  Embedding,
  GRU,
  Input,
  type Layer,
  LSTM,
  MaxPooling1D,
  Model,
  RMSprop,
  Sequential,
  SimpleRNN,
} from '../../ts/index.ts';
import { describeProgram } from './program.ts';

describeProgram({
  name: 'sentiment of film reviews by a SimpleRNN',
  source: '1st edition, 6.2',
  published: { words: 10_000, units: 32 },
  parameters: 322_113,
  small: { words: 30, units: 16 },
  network: ({ words, units }) => {
    const model = new Sequential([
      Input({ shape: [null] }),
      new Embedding(words, units),
      new SimpleRNN(units),
      new Dense(1, { activation: 'sigmoid' }),
    ]);
    model.compile({ optimizer: 'rmsprop', loss: 'binaryCrossentropy', metrics: ['acc'] });
    return model;
  },
  data: ({ words }, made) => ({ x: made.ids([32, 8], words), y: made.ids([32], 2) }),
  epochs: 60,
});

interface Jena {
  readonly steps: number;
  readonly features: number;
  /** Divides the units of every layer. */
  readonly part: number;
}
// In the first edition Keras's GRU reset its state before the product.
const before = { resetAfter: false };
const JENA: [name: string, source: string, parameters: number, layers: (part: number) => Layer[]][] = [
  ['a GRU', '1st edition, 6.3', 4_545, (part) => [new GRU(32 / part, before)]],
  ['a GRU on reversed steps', '1st edition, 6.3', 4_545, (part) => [new GRU(32 / part, { ...before, goBackwards: true })]],
  ['a GRU with dropouts', '1st edition, 6.3', 4_545, (part) => [new GRU(32 / part, { ...before, dropout: 0.2, recurrentDropout: 0.2 })]],
  [
    'two GRUs with dropouts',
    '1st edition, 6.3',
    23_201,
    (part) => [
      new GRU(32 / part, { ...before, dropout: 0.1, recurrentDropout: 0.5, returnSequences: true }),
      new GRU(64 / part, { ...before, activation: 'relu', dropout: 0.1, recurrentDropout: 0.5 }),
    ],
  ],
  [
    'an LSTM with recurrent dropout',
    '2nd edition, 10',
    6_049,
    (part) => [new LSTM(32 / part, { recurrentDropout: 0.25 }), new Dropout(0.5)],
  ],
  [
    'two GRUs with recurrent dropout',
    '2nd edition, 10',
    10_977,
    (part) => [
      new GRU(32 / part, { recurrentDropout: 0.5, returnSequences: true }),
      new GRU(32 / part, { recurrentDropout: 0.5 }),
      new Dropout(0.5),
    ],
  ],
  ['an LSTM in both directions', '2nd edition, 10', 4_001, (part) => [new Bidirectional(new LSTM(16 / part))]],
];
for (const [name, source, parameters, layers] of JENA)
  describeProgram<Jena>({
    name: `temperatures in Jena by ${name}`,
    source,
    published: { steps: 120, features: 14, part: 1 },
    parameters,
    small: { steps: 12, features: 3, part: 4 },
    network: ({ steps, features, part }) => {
      const model = new Sequential([Input({ shape: [steps, features] }), ...layers(part), new Dense(1)]);
      model.compile({ optimizer: new RMSprop({ learningRate: 0.005 }), loss: 'meanAbsoluteError' });
      return model;
    },
    data: ({ steps, features }, made) => {
      const waves = made.waves(32, steps, features);
      const last = Float32Array.from({ length: 32 }, (_, row) => 1 + (waves.data[(row + 1) * steps * features - 1] as number));
      return { x: waves, y: { shape: [32, 1], data: last } };
    },
    epochs: 80,
  });

describeProgram({
  name: 'text by characters, with sampling',
  source: '1st edition, 8.1',
  published: { characters: 57, units: 128 },
  parameters: 102_585,
  small: { characters: 9, units: 16 },
  network: ({ characters, units }) => {
    const model = new Sequential([Input({ shape: [null, characters] }), new LSTM(units), new Dense(characters, { activation: 'softmax' })]);
    model.compile({ optimizer: new RMSprop({ learningRate: 0.01 }), loss: 'categoricalCrossentropy' });
    return model;
  },
  data: ({ characters }, made) => ({ x: made.oneHot([24, 20], characters), y: made.oneHot([24], characters) }),
});

describeProgram({
  name: 'translation to Spanish by GRUs',
  source: '2nd edition, 11.5; 3rd edition, 15',
  published: { words: 15_000, features: 256, units: 1024 },
  parameters: 34_869_912,
  small: { words: 14, features: 12, units: 16 },
  network: ({ words, features, units }) => {
    const inputs = { english: Input({ shape: [null], name: 'english' }), spanish: Input({ shape: [null], name: 'spanish' }) };
    const source = new Embedding(words, features, { maskZero: true }).apply(inputs.english);
    const encoded = new Bidirectional(new GRU(units), { mergeMode: 'sum' }).apply(source);
    const past = new Embedding(words, features, { maskZero: true }).apply(inputs.spanish);
    const decoded = new GRU(units, { returnSequences: true }).apply(past, { initialState: [encoded] });
    const outputs = new Dense(words, { activation: 'softmax' }).apply(new Dropout(0.5).apply(decoded));
    const model = new Model({ inputs, outputs });
    model.compile({ optimizer: 'rmsprop', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words }, made) => ({
    x: { english: made.ids([16, 6], words), spanish: made.ids([16, 5], words, 1) },
    y: made.ids([16, 5], words),
  }),
  epochs: 250,
});

describeProgram({
  name: 'Shakespeare by a GRU',
  source: '3rd edition, 15',
  published: { characters: 67, features: 256, units: 1024 },
  parameters: 4_024_131,
  small: { characters: 11, features: 8, units: 24 },
  network: ({ characters, features, units }) => {
    const model = new Sequential([
      Input({ shape: [null] }),
      new Embedding(characters, features),
      new GRU(units, { returnSequences: true }),
      new Dropout(0.1),
      new Dense(characters, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['sparseCategoricalAccuracy'] });
    return model;
  },
  data: ({ characters }, made) => ({ x: made.ids([12, 10], characters), y: made.ids([12, 10], characters) }),
  epochs: 250,
});

describeProgram({
  name: 'temperatures in Jena by convolutions and a GRU',
  source: '1st edition, 6.4',
  published: { features: 14, filters: 32 },
  parameters: 13_697,
  small: { features: 3, filters: 8 },
  network: ({ features, filters }) => {
    const model = new Sequential([
      Input({ shape: [null, features] }),
      new Conv1D(filters, 5, { activation: 'relu' }),
      new MaxPooling1D(3),
      new Conv1D(filters, 5, { activation: 'relu' }),
      new GRU(filters, { ...before, dropout: 0.1, recurrentDropout: 0.5 }),
      new Dense(1),
    ]);
    model.compile({ optimizer: new RMSprop({ learningRate: 0.005 }), loss: 'meanAbsoluteError' });
    return model;
  },
  data: ({ features }, made) => {
    const x = made.waves(32, 24, features);
    return { x, y: { shape: [32, 1], data: Float32Array.from({ length: 32 }, (_, row) => 1 + (x.data[row * 24 * features] as number)) } };
  },
  epochs: 100,
});
