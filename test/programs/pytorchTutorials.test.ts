// Networks of the tutorials of PyTorch (pytorch.org/tutorials). PyTorch's recurrent layers have two
// biases where Keras's have one, which the numbers of parameters here count once.
import {
  Activation,
  Adadelta,
  Adam,
  AdditiveAttention,
  Attention,
  BatchNormalization,
  Bidirectional,
  Concatenate,
  Conv2D,
  Dense,
  Dropout,
  Embedding,
  GlobalAveragePooling1D,
  GRU,
  Input,
  LearningRateScheduler,
  LSTM,
  Model,
  ops,
  Reshape,
  Sequential,
  SGD,
  SimpleRNN,
  type SymbolicTensor,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { describeProgram } from './program.ts';

describeProgram({
  name: 'languages of names by characters',
  source: 'intermediate/char_rnn_classification',
  published: { characters: 58, units: 128, languages: 18 },
  parameters: 26_258,
  small: { characters: 9, units: 16, languages: 4 },
  network: ({ characters, units, languages }) => {
    const model = new Sequential([
      Input({ shape: [null, characters] }),
      new SimpleRNN(units),
      new Dense(languages, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: new SGD({ learningRate: 0.15, clipnorm: 3 }), loss: 'sparseCategoricalCrossentropy' });
    return model;
  },
  data: ({ characters, languages }, made) => ({ x: made.oneHot([24, 6], characters), y: made.ids([24], languages) }),
  epochs: 60,
});

describeProgram({
  name: 'tagger of parts of speech',
  source: 'beginner/nlp/sequence_models',
  published: { words: 9, features: 6, units: 6, tags: 3 },
  parameters: 387,
  small: { words: 9, features: 6, units: 6, tags: 3 },
  network: ({ words, features, units, tags }) => {
    const model = new Sequential([
      Input({ shape: [null] }),
      new Embedding(words, features),
      new LSTM(units, { returnSequences: true }),
      new Dense(tags, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'sparseCategoricalCrossentropy' });
    return model;
  },
  data: ({ tags }) => {
    const x = { shape: [2, 5], data: Int32Array.of(0, 1, 2, 0, 3, 4, 5, 6, 7, 8) };
    return { x, y: { shape: [2, 5], data: x.data.map((word) => word % tags) } };
  },
  epochs: 300,
});

describeProgram({
  name: 'translation by a decoder that attends at each step',
  source: 'intermediate/seq2seq_translation',
  published: { french: 4601, english: 2991, units: 128, steps: 10 },
  parameters: 1_638_063,
  small: { french: 11, english: 9, units: 8, steps: 4 },
  network: ({ french, english, units, steps }) => {
    const inputs = { french: Input({ shape: [steps], name: 'french' }), english: Input({ shape: [steps], name: 'english' }) };
    const [encoded, first] = new GRU(units, { returnSequences: true, returnState: true }).apply(
      new Dropout(0.1).apply(new Embedding(french, units).apply(inputs.french)),
    );
    const past = new Dropout(0.1).apply(new Embedding(english, units).apply(inputs.english));
    const [ofState, ofEncoder, attention] = [new Dense(units), new Dense(units), new AdditiveAttention()];
    const [decoder, classify] = [new GRU(units), new Dense(english, { activation: 'softmax' })];
    const keys = ofEncoder.apply(encoded);
    let state = first;
    const words = Array.from({ length: steps }, (_, step) => {
      const query = ofState.apply(ops.expandDims(state, 1));
      const context = attention.apply([query, encoded, keys]);
      const word = ops.slice(past, [0, step, 0], [-1, 1, units]);
      state = decoder.apply(new Concatenate().apply([word, context]), { initialState: [state] });
      return ops.expandDims(classify.apply(state), 1);
    });
    const model = new Model({ inputs, outputs: new Concatenate({ axis: 1 }).apply(words) });
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    return model;
  },
  data: ({ french, english, steps }, made) => ({
    x: { french: made.ids([12, steps], french), english: made.ids([12, steps], english) },
    y: made.ids([12, steps], english),
  }),
  epochs: 120,
});

describeProgram({
  name: 'chatbot',
  source: 'beginner/chatbot_tutorial',
  published: { words: 7826, units: 500 },
  parameters: 18_852_326,
  small: { words: 12, units: 8 },
  network: ({ words, units }) => {
    const inputs = { said: Input({ shape: [null], name: 'said' }), answer: Input({ shape: [null], name: 'answer' }) };
    const embedding = new Embedding(words, units, { maskZero: true });
    const first = new Bidirectional(new GRU(units, { returnSequences: true, returnState: true }));
    const [below, forward, backward] = first.apply(embedding.apply(inputs.said));
    const second = new Bidirectional(new GRU(units, { returnSequences: true, dropout: 0.1 }), { mergeMode: 'sum' });
    const encoded = second.apply(below) as SymbolicTensor;
    const sequences = { returnSequences: true } as const;
    const lower = new GRU(units, sequences).apply(embedding.apply(inputs.answer), { initialState: [forward as SymbolicTensor] });
    const decoded = new GRU(units, { ...sequences, dropout: 0.1 }).apply(lower, { initialState: [backward as SymbolicTensor] });
    const joined = new Concatenate().apply([decoded, new Attention().apply([decoded, encoded])]);
    const outputs = new Dense(words, { activation: 'softmax' }).apply(new Dense(units, { activation: 'tanh' }).apply(joined));
    const model = new Model({ inputs, outputs });
    model.compile({ optimizer: new Adam({ learningRate: 0.005, clipvalue: 50 }), loss: 'sparseCategoricalCrossentropy' });
    return model;
  },
  data: ({ words }, made) => ({
    x: { said: made.ids([12, 6], words, 1), answer: made.ids([12, 5], words) },
    y: made.ids([12, 5], words),
  }),
  epochs: 80,
});

const ACTIONS = 2;
describeProgram({
  name: 'Q-learning from images by a convolutional network and an LSTM',
  source: 'intermediate/dqn_with_rnn_tutorial',
  published: { size: 84, filters: 32, units: 128, hidden: 64 },
  parameters: 135_266,
  small: { size: 9, filters: 4, units: 8, hidden: 8 },
  network: ({ size, filters, units, hidden }) => {
    const image = (count: number) => new TimeDistributed(new Conv2D(count, 3, { activation: 'elu' }));
    const left = (size - 6) ** 2;
    const model = new Sequential([
      Input({ shape: [null, size, size, 1] }),
      image(filters),
      image(filters),
      image(2 * filters),
      new TimeDistributed(new Reshape([left, 2 * filters])),
      new TimeDistributed(new GlobalAveragePooling1D()),
      new LSTM(units, { returnSequences: true }),
      new Dense(hidden, { activation: 'elu' }),
      new Dense(ACTIONS),
    ]);
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'mse' });
    return model;
  },
  // Rewards and actions of each step stand in y.
  data: ({ size }, made) => ({ x: made.floats([4, 6, size, size, 1], 0, 1), y: made.ids([4, 6, 2], 2) }),
  train: async (model, { x, y }) => {
    const losses: number[] = [];
    const { data: steps } = y as Tensor;
    for (let update = 0; update < 40; update++) {
      const pass = await model.forward(x as Tensor, { training: true });
      const { shape, data: values } = pass.outputs as Tensor;
      const gradient = new Float32Array(values.length);
      let loss = 0;
      for (let step = 0; step < values.length / ACTIONS; step++) {
        const [reward, action] = [steps[2 * step] as number, steps[2 * step + 1] as number];
        const next = step % 6 === 5 ? 0 : Math.max(values[ACTIONS * step + 2] as number, values[ACTIONS * step + 3] as number);
        const error = (values[ACTIONS * step + action] as number) - (reward + 0.5 * next);
        gradient[ACTIONS * step + action] = (2 * error) / 24;
        loss += error ** 2 / 24;
      }
      await pass.backward({ shape, data: gradient });
      await model.applyGradients();
      losses.push(loss);
    }
    return losses;
  },
});

describeProgram({
  name: 'digits by rows of pixels',
  source: 'examples/mnist_rnn',
  published: { rows: 28, columns: 28, units: 64, hidden: 32 },
  parameters: 26_474,
  small: { rows: 6, columns: 5, units: 12, hidden: 16 },
  network: ({ rows, columns, units, hidden }) => {
    const model = new Sequential([
      Input({ shape: [rows, columns] }),
      new LSTM(units),
      new BatchNormalization(),
      new Activation('relu'),
      new Dropout(0.25),
      new Dense(hidden, { activation: 'relu' }),
      new Dropout(0.5),
      new Dense(10, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: new Adadelta({ learningRate: 3 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ rows, columns }, made) => ({ x: made.floats([32, rows, columns], 0, 1), y: made.ids([32], 10) }),
  train: async (model, { x, y }) => {
    const callbacks = [new LearningRateScheduler((_epoch, rate) => 0.99 * rate)];
    const { history } = await model.fit(x, y, { epochs: 120, callbacks, verbose: 0 });
    return history.loss as number[];
  },
});
