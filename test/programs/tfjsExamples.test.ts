// Networks of tensorflow/tfjs-examples.
import {
  Activation,
  Bidirectional,
  Concatenate,
  Dense,
  Dot,
  Embedding,
  Input,
  type Layer,
  LSTM,
  Model,
  RepeatVector,
  Sequential,
  SimpleRNN,
  Softmax,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { describeProgram } from './program.ts';

describeProgram({
  name: 'addition in the page',
  source: 'tfjs-examples addition-rnn',
  published: { digits: 2, units: 128 },
  parameters: 52_492,
  small: { digits: 1, units: 24 },
  network: ({ digits, units }) => {
    const options = { recurrentInitializer: 'glorotNormal' } as const;
    const model = new Sequential([
      Input({ shape: [2 * digits + 1, 12] }),
      new SimpleRNN(units, options),
      new RepeatVector(digits + 1),
      new SimpleRNN(units, { ...options, returnSequences: true }),
      new TimeDistributed(new Dense(12)),
      new Activation('softmax'),
    ]);
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ digits }, made) => ({ x: made.oneHot([24, 2 * digits + 1], 12), y: made.oneHot([24, digits + 1], 12) }),
});

const RECURRENT: [string, (units: number) => Layer, number][] = [
  ['simpleRNN', (units) => new SimpleRNN(units), 1_285_185],
  ['lstm', (units) => new LSTM(units), 1_300_641],
  ['bidirectionalLSTM', (units) => new Bidirectional(new LSTM(units), { mergeMode: 'concat' }), 1_321_281],
];
for (const [name, recurrent, parameters] of RECURRENT)
  describeProgram({
    name: `sentiment, ${name}`,
    source: 'tfjs-examples sentiment',
    published: { words: 10_000, features: 128, units: 32, steps: 100 },
    parameters,
    small: { words: 30, features: 12, units: 12, steps: 8 },
    network: ({ words, features, units, steps }) => {
      const model = new Sequential([
        Input({ shape: [steps] }),
        new Embedding(words, features),
        recurrent(units),
        new Dense(1, { activation: 'sigmoid' }),
      ]);
      model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['acc'] });
      return model;
    },
    data: ({ words, steps }, made) => ({ x: made.ids([32, steps], words), y: made.ids([32], 2) }),
    epochs: 60,
  });

const TAGGERS: [string, (layer: LSTM) => Layer, number][] = [
  ['lstm', (layer) => layer, 65_408],
  ['bidirectional-lstm', (layer) => new Bidirectional(layer), 130_808],
];
for (const [name, wrap, parameters] of TAGGERS)
  describeProgram({
    name: `tags of intents, ${name}`,
    source: 'tfjs-examples intent-classifier',
    published: { features: 512, steps: 30, labels: 8 },
    parameters,
    small: { features: 8, steps: 6, labels: 3 },
    network: ({ features, steps, labels }) => {
      const model = new Sequential([
        Input({ shape: [steps, features] }),
        wrap(new LSTM(steps, { recurrentInitializer: 'glorotNormal', returnSequences: true })),
        new TimeDistributed(new Dense(labels)),
        new Activation('softmax'),
      ]);
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
      return model;
    },
    data: ({ features, steps, labels }, made) => ({ x: made.floats([16, steps, features]), y: made.oneHot([16, steps], labels) }),
    // Keras has class weights for one class a sample only; steps are weighed one by one.
    train: async (model, { x, y }) => {
      const [, , classes] = (y as Tensor).shape as [number, number, number];
      const sampleWeight = {
        shape: [16, 6],
        data: Float32Array.from({ length: 96 }, (_, step) => ((y as Tensor).data[step * classes] === 1 ? 0.5 : 1)),
      };
      const { history } = await model.fit(x, y, { epochs: 150, sampleWeight, verbose: 0 });
      return history.loss as number[];
    },
  });

describeProgram({
  name: 'translation by characters',
  source: 'tfjs-examples translation',
  published: { sourceTokens: 70, targetTokens: 93, units: 256 },
  parameters: 717_149,
  small: { sourceTokens: 7, targetTokens: 9, units: 16 },
  network: ({ sourceTokens, targetTokens, units }) => {
    const inputs = [Input({ shape: [null, sourceTokens] }), Input({ shape: [null, targetTokens] })] as const;
    const [, ...states] = new LSTM(units, { returnState: true, recurrentInitializer: 'glorotNormal' }).apply(inputs[0]);
    const decoder = new LSTM(units, { returnSequences: true, returnState: true, recurrentInitializer: 'glorotNormal' });
    const [decoded] = decoder.apply(inputs[1], { initialState: states });
    const model = new Model({ inputs: [...inputs], outputs: new Dense(targetTokens, { activation: 'softmax' }).apply(decoded) });
    model.compile({ optimizer: 'rmsprop', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ sourceTokens, targetTokens }, made) => ({
    x: [made.oneHot([16, 6], sourceTokens), made.oneHot([16, 5], targetTokens)],
    y: made.oneHot([16, 5], targetTokens),
  }),
  epochs: 150,
});

describeProgram({
  name: 'dates in another form, with attention',
  source: 'tfjs-examples date-conversion-attention',
  published: { letters: 35, digits: 13, units: 64 },
  small: { letters: 9, digits: 6, units: 12 },
  network: ({ letters, digits, units }) => {
    const inputs = { date: Input({ shape: [12], name: 'date' }), written: Input({ shape: [10], name: 'written' }) };
    const read = new Embedding(letters, units, { maskZero: true }).apply(inputs.date);
    const [encoded, ...last] = new LSTM(units, { returnSequences: true, returnState: true }).apply(read);
    const given = new Embedding(digits, units, { maskZero: true }).apply(inputs.written);
    const decoded = new LSTM(units, { returnSequences: true }).apply(given, { initialState: [last[0], last[0]] });
    const attention = new Softmax().apply(new Dot({ axes: 2 }).apply([decoded, encoded]));
    const context = new Dot({ axes: [2, 1] }).apply([attention, encoded]);
    const joined = new Dense(units, { activation: 'tanh' }).apply(new Concatenate().apply([context, decoded]));
    const model = new Model({ inputs, outputs: new Dense(digits, { activation: 'softmax' }).apply(joined) });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    return model;
  },
  data: ({ letters, digits }, made) => ({
    x: { date: made.ids([16, 12], letters, 1), written: made.ids([16, 10], digits, 1) },
    y: made.oneHot([16, 10], digits),
  }),
  epochs: 140,
});
