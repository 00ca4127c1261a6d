// Networks of the examples of Keras 2 (keras-team/keras, folder examples, until 2.9).
import {
  Add,
  Dense,
  Dropout,
  Embedding,
  Input,
  LSTM,
  Model,
  RepeatVector,
  RMSprop,
  Sequential,
  SimpleRNN,
  TimeDistributed,
} from '../../ts/index.ts';
import { describeProgram } from './program.ts';

describeProgram({
  name: 'sentiment of film reviews with recurrent dropout',
  source: 'keras 2 examples/imdb_lstm.py',
  published: { words: 20_000, units: 128 },
  parameters: 2_691_713,
  small: { words: 30, units: 16 },
  network: ({ words, units }) => {
    const model = new Sequential([
      Input({ shape: [null] }),
      new Embedding(words, units),
      new LSTM(units, { dropout: 0.2, recurrentDropout: 0.2 }),
      new Dense(1, { activation: 'sigmoid' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words }, made) => ({ x: made.ids([32, 8], words), y: made.ids([32], 2) }),
  epochs: 60,
});

describeProgram({
  name: 'questions about stories',
  source: 'keras 2 examples/babi_rnn.py',
  published: { words: 36, units: 50, storySteps: 552, questionSteps: 5 },
  parameters: 45_836,
  small: { words: 12, units: 16, storySteps: 9, questionSteps: 3 },
  network: ({ words, units, storySteps, questionSteps }) => {
    const inputs = {
      story: Input({ shape: [storySteps], name: 'story' }),
      question: Input({ shape: [questionSteps], name: 'question' }),
    };
    const story = new Dropout(0.3).apply(new Embedding(words, units).apply(inputs.story));
    const question = new LSTM(units).apply(new Dropout(0.3).apply(new Embedding(words, units).apply(inputs.question)));
    const merged = new Add().apply([story, new RepeatVector(storySteps).apply(question)]);
    const outputs = new Dense(words, { activation: 'softmax' }).apply(new Dropout(0.3).apply(new LSTM(units).apply(merged)));
    const model = new Model({ inputs, outputs });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words, storySteps, questionSteps }, made) => ({
    x: { story: made.ids([24, storySteps], words), question: made.ids([24, questionSteps], words) },
    y: made.oneHot([24], words),
  }),
  epochs: 80,
});

describeProgram({
  name: 'digits by pixels with a recurrent kernel that begins as the identity',
  source: 'keras 2 examples/mnist_irnn.py',
  published: { pixels: 784, units: 100, learningRate: 1e-6 },
  parameters: 11_210,
  small: { pixels: 20, units: 12, learningRate: 0.01 },
  network: ({ pixels, units, learningRate }) => {
    const recurrent = new SimpleRNN(units, { activation: 'relu' });
    const model = new Sequential([Input({ shape: [pixels, 1] }), recurrent, new Dense(10, { activation: 'softmax' })]);
    const [kernel, { shape, data }, bias] = recurrent.getWeights();
    const identity = data.map((_, index) => (index % (units + 1) === 0 ? 1 : 0));
    const small = { shape: kernel.shape, data: kernel.data.map((value) => 0.01 * value) };
    recurrent.setWeights([small, { shape, data: identity }, bias]);
    model.compile({ optimizer: new RMSprop({ learningRate }), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ pixels }, made) => ({ x: made.floats([32, pixels, 1], 0, 1), y: made.oneHot([32], 10) }),
  epochs: 250,
});

describeProgram({
  name: 'digits by rows of pixels, a recurrent network over recurrent networks',
  source: 'keras 2 examples/mnist_hierarchical_rnn.py',
  published: { rows: 28, columns: 28, units: 128 },
  parameters: 199_434,
  small: { rows: 5, columns: 6, units: 12 },
  network: ({ rows, columns, units }) => {
    const model = new Sequential([
      Input({ shape: [rows, columns, 1] }),
      new TimeDistributed(new LSTM(units)),
      new LSTM(units),
      new Dense(10, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'rmsprop', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ rows, columns }, made) => ({ x: made.floats([24, rows, columns, 1], 0, 1), y: made.oneHot([24], 10) }),
  epochs: 200,
});
