// Networks of "Hands-On Machine Learning" by A. Géron, third edition.
import {
  Attention,
  BatchNormalization,
  Bidirectional,
  type CellResult,
  Concatenate,
  Conv1D,
  CustomCell,
  Dense,
  Embedding,
  GRU,
  Input,
  type Layer,
  LayerNormalization,
  type LayerOptions,
  LSTM,
  Model,
  Nadam,
  ops,
  RepeatVector,
  RNN,
  registerClass,
  Sequential,
  SGD,
  SimpleRNN,
  SparseTopKCategoricalAccuracy,
  type SymbolicTensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { describeProgram, stepsOf } from './program.ts';

const FORECASTS: [string, (units: number) => Layer, number][] = [
  ['SimpleRNN', (units) => new SimpleRNN(units, { returnSequences: true }), 1_678],
  ['LSTM', (units) => new LSTM(units, { returnSequences: true }), 5_326],
  ['GRU', (units) => new GRU(units, { returnSequences: true }), 4_206],
];
for (const [name, recurrent, parameters] of FORECASTS)
  describeProgram({
    name: `fourteen days ahead at every step, ${name}`,
    source: 'chapter 15',
    published: { steps: 56, features: 5, units: 32 },
    parameters,
    small: { steps: 8, features: 2, units: 12 },
    network: ({ features, units }) => {
      const model = new Sequential([Input({ shape: [null, features] }), recurrent(units), new Dense(14)]);
      model.compile({ optimizer: new SGD({ learningRate: 0.05, momentum: 0.9 }), loss: 'huber', metrics: ['mae'] });
      return model;
    },
    data: ({ steps, features }, made) => ({ x: made.waves(24, steps, features), y: made.floats([24, steps, 14], 0, 1) }),
  });

describeProgram({
  name: 'recurrent autoencoder of images',
  source: 'chapter 17',
  published: { rows: 28, columns: 28, units: 100, code: 30 },
  parameters: 122_548,
  small: { rows: 6, columns: 5, units: 16, code: 8 },
  network: ({ rows, columns, units, code }) => {
    const encoder = new Sequential([Input({ shape: [rows, columns] }), new LSTM(units, { returnSequences: true }), new LSTM(code)]);
    const decoder = new Sequential([
      Input({ shape: [code] }),
      new RepeatVector(rows),
      new LSTM(units, { returnSequences: true }),
      new TimeDistributed(new Dense(columns, { activation: 'sigmoid' })),
    ]);
    const model = new Sequential([Input({ shape: [rows, columns] }), encoder, decoder]);
    model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });
    return model;
  },
  data: ({ rows, columns }, made) => {
    const x = made.ids([16, rows, columns], 2);
    return { x, y: x };
  },
  epochs: 150,
});

/** A SimpleRNN cell that normalizes its sums before the tanh. */
class NormalizedCell extends CustomCell {
  static className = 'NormalizedCell';
  readonly stateSize: number;
  readonly fromInput: Dense;
  readonly fromState: Dense;
  readonly normalization = new LayerNormalization();

  constructor(options: LayerOptions & { units: number }) {
    super(options, ['units']);
    this.stateSize = options.units;
    this.fromInput = new Dense(options.units);
    this.fromState = new Dense(options.units, { useBias: false });
  }

  override call(x: SymbolicTensor, [h]: readonly [SymbolicTensor]): CellResult {
    const sum = ops.add(this.fromInput.apply(x), this.fromState.apply(h));
    const output = ops.tanh(this.normalization.apply(sum));
    return [output, [output]];
  }

  override getConfig() {
    return { ...super.getConfig(), units: this.stateSize };
  }
}

registerClass(NormalizedCell);

describeProgram({
  name: 'fourteen days ahead by a cell with layer normalization',
  source: 'chapter 15',
  published: { steps: 56, features: 5, units: 32 },
  parameters: 1_742,
  small: { steps: 6, features: 2, units: 8 },
  network: ({ features, units }) => {
    const model = new Sequential([
      Input({ shape: [null, features] }),
      new RNN(new NormalizedCell({ units }), { returnSequences: true }),
      new Dense(14),
    ]);
    model.compile({ optimizer: new Nadam(), loss: 'huber', metrics: ['mae'] });
    return model;
  },
  data: ({ steps, features }, made) => ({ x: made.waves(12, steps, features), y: made.floats([12, steps, 14], 0, 1) }),
  epochs: 60,
});

describeProgram({
  name: 'Shakespeare by a stateful GRU',
  source: 'chapter 16',
  published: { characters: 39, features: 16, units: 128 },
  parameters: 61_719,
  small: { characters: 9, features: 6, units: 16 },
  network: ({ characters, features, units }) => {
    const model = new Sequential([
      Input({ shape: [null], batchSize: 1 }),
      new Embedding(characters, features),
      new GRU(units, { returnSequences: true, stateful: true }),
      new Dense(characters, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: new Nadam(), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ characters }, made) => {
    const text = made.ids([8, 11], characters);
    return { x: stepsOf(text, 0, 10), y: stepsOf(text, 1) };
  },
  batchSize: 1,
  epochs: 60,
  shuffle: false,
});

describeProgram({
  name: 'sentiment of film reviews by a GRU with a mask',
  source: 'chapter 16',
  published: { words: 1000, units: 128 },
  parameters: 227_201,
  small: { words: 20, units: 12 },
  network: ({ words, units }) => {
    const model = new Sequential([
      Input({ shape: [null] }),
      new Embedding(words, units, { maskZero: true }),
      new GRU(units),
      new Dense(1, { activation: 'sigmoid' }),
    ]);
    model.compile({ optimizer: new Nadam(), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words }, made) => ({ x: made.ids([32, 7], words), y: made.ids([32], 2) }),
  epochs: 60,
});

describeProgram({
  name: 'translation to Spanish with attention',
  source: 'chapter 16',
  published: { words: 1000, features: 128, units: 256 },
  parameters: 2_870_248,
  small: { words: 12, features: 8, units: 8 },
  network: ({ words, features, units }) => {
    const inputs = { english: Input({ shape: [null], name: 'english' }), spanish: Input({ shape: [null], name: 'spanish' }) };
    const [english, spanish] = Object.values(inputs).map((input) => new Embedding(words, features, { maskZero: true }).apply(input));
    const encoder = new Bidirectional(new LSTM(units, { returnSequences: true, returnState: true }));
    const [encoded, ...states] = encoder.apply(english as SymbolicTensor);
    const [h, c] = [0, 1].map((state) => new Concatenate().apply([states[state], states[state + 2]] as SymbolicTensor[]));
    const decoded = new LSTM(2 * units, { returnSequences: true }).apply(spanish as SymbolicTensor, {
      initialState: [h, c] as SymbolicTensor[],
    });
    const attended = new Attention().apply([decoded, encoded]);
    const model = new Model({ inputs, outputs: new Dense(words, { activation: 'softmax' }).apply(attended) });
    model.compile({ optimizer: new Nadam(), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words }, made) => ({
    x: { english: made.ids([12, 6], words, 1), spanish: made.ids([12, 5], words, 1) },
    y: made.ids([12, 5], words),
  }),
  epochs: 250,
});

describeProgram({
  name: 'classes of sketches',
  source: 'chapter 15, exercise 9',
  published: { filters: 32, units: 128, classes: 345 },
  parameters: 344_089,
  small: { filters: 4, units: 12, classes: 6 },
  network: ({ filters, units, classes }) => {
    const block = (count: number, size: number) => [new Conv1D(count, size, { strides: 2, activation: 'relu' }), new BatchNormalization()];
    const model = new Sequential([
      Input({ shape: [null, 3] }),
      ...block(filters, 5),
      ...block(2 * filters, 5),
      ...block(4 * filters, 3),
      new LSTM(units, { returnSequences: true }),
      new LSTM(units),
      new Dense(classes, { activation: 'softmax' }),
    ]);
    model.compile({
      optimizer: new SGD({ learningRate: 0.1, clipnorm: 1 }),
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy', new SparseTopKCategoricalAccuracy({ k: 5 })],
    });
    return model;
  },
  data: ({ classes }, made) => ({ x: made.floats([24, 40, 3]), y: made.ids([24], classes) }),
  epochs: 80,
});

describeProgram({
  name: 'chorales of Bach by causal convolutions and an LSTM',
  source: 'chapter 15, exercise 10',
  published: { notes: 47, features: 5, filters: [32, 48, 64, 96], units: 256 },
  parameters: 396_810,
  small: { notes: 9, features: 5, filters: [4, 5, 6, 7], units: 12 },
  network: ({ notes, features, filters, units }) => {
    const block = (count: number, level: number) => [
      new Conv1D(count, 2, { padding: 'causal', activation: 'relu', dilationRate: 2 ** level }),
      new BatchNormalization(),
    ];
    const model = new Sequential([
      Input({ shape: [null] }),
      new Embedding(notes, features),
      ...filters.flatMap(block),
      new LSTM(units, { returnSequences: true }),
      new Dense(notes, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: new Nadam({ learningRate: 0.005 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ notes }, made) => ({ x: made.ids([12, 16], notes), y: made.ids([12, 16], notes) }),
  epochs: 60,
});
