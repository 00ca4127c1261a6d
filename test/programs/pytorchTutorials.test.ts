// Networks of the tutorials of PyTorch (pytorch.org/tutorials). PyTorch's recurrent layers have two
// biases where Keras's have one, which the numbers of parameters here count once.
import { Dense, Embedding, Input, LSTM, Sequential, SGD, SimpleRNN } from '../../ts/index.ts';
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
