// Networks of Dive into Deep Learning (d2l.ai).
import {
  Adam,
  Bidirectional,
  Concatenate,
  Conv1D,
  Dense,
  Dot,
  Dropout,
  Embedding,
  GlobalMaxPooling1D,
  GRU,
  Input,
  type Layer,
  LSTM,
  Model,
  ops,
  Permute,
  RepeatVector,
  Sequential,
  SGD,
  SimpleRNN,
  Softmax,
  type SymbolicTensor,
  sparseCategoricalCrossentropy,
} from '../../ts/index.ts';
import { describeProgram, stepsOf } from './program.ts';

interface Text {
  readonly characters: number;
  readonly units: number;
}

const LANGUAGE_MODELS: [name: string, source: string, layers: (units: number) => Layer[]][] = [
  ['a recurrent network', '9.6', (units) => [new SimpleRNN(units, { returnSequences: true })]],
  ['a GRU', '10.2', (units) => [new GRU(units, { returnSequences: true })]],
  ['two LSTMs', '10.3', (units) => [1, 2].map(() => new LSTM(units, { returnSequences: true }))],
];
for (const [name, source, layers] of LANGUAGE_MODELS)
  describeProgram<Text>({
    name: `The Time Machine by ${name}`,
    source,
    published: { characters: 28, units: 32 },
    small: { characters: 8, units: 16 },
    network: ({ characters, units }) => {
      const model = new Sequential([Input({ shape: [null, characters] }), ...layers(units), new Dense(characters)]);
      const loss = sparseCategoricalCrossentropy({ fromLogits: true });
      model.compile({ optimizer: new SGD({ learningRate: 2, clipnorm: 1 }), loss });
      return model;
    },
    data: ({ characters }, made) => {
      const x = made.oneHot([16, 9], characters);
      const ids = Float32Array.from({ length: 16 * 9 }, (_, row) => x.data.slice(row * characters, (row + 1) * characters).indexOf(1));
      return { x: stepsOf(x, 0, 8), y: stepsOf({ shape: [16, 9], data: ids }, 1) };
    },
    epochs: 200,
  });

describeProgram({
  name: 'translation to French, the context at each step',
  source: '10.7',
  published: { words: 200, features: 256, units: 256 },
  small: { words: 9, features: 8, units: 12 },
  network: ({ words, features, units }) => {
    const inputs = { english: Input({ shape: [null], name: 'english' }), french: Input({ shape: [9], name: 'french' }) };
    const recurrent = () => new GRU(units, { returnSequences: true, returnState: true });
    const [below, belowState] = recurrent().apply(new Embedding(words, features).apply(inputs.english));
    const [, state] = recurrent().apply(below);
    const target = new Concatenate().apply([new Embedding(words, features).apply(inputs.french), new RepeatVector(9).apply(state)]);
    const [first] = recurrent().apply(target, { initialState: [belowState] });
    const [second] = recurrent().apply(first, { initialState: [state] });
    const model = new Model({ inputs, outputs: new Dense(words).apply(second) });
    const loss = sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: 0 });
    model.compile({ optimizer: new Adam({ learningRate: 0.005, clipnorm: 1 }), loss });
    return model;
  },
  data: ({ words }, made) => ({
    x: { english: made.ids([16, 7], words), french: made.ids([16, 9], words) },
    y: made.ids([16, 9], words),
  }),
  epochs: 60,
});

describeProgram({
  name: 'sentiment by the first and the last step in both directions',
  source: '16.2',
  published: { words: 49_346, features: 100, units: 100 },
  small: { words: 20, features: 8, units: 6 },
  network: ({ words, features, units }) => {
    const inputs = Input({ shape: [null] });
    let x: SymbolicTensor = new Embedding(words, features).apply(inputs);
    for (let level = 0; level < 2; level++) x = new Bidirectional(new LSTM(units, { returnSequences: true })).apply(x);
    const ends = new Concatenate().apply([ops.take(x, 0, 1), ops.take(x, -1, 1)]);
    const model = new Model({ inputs, outputs: new Dense(2).apply(ends) });
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: sparseCategoricalCrossentropy({ fromLogits: true }) });
    return model;
  },
  data: ({ words }, made) => ({ x: made.ids([24, 8], words), y: made.ids([24], 2) }),
});

describeProgram({
  name: 'sentiment by convolutions of three widths (TextCNN)',
  source: '16.3',
  published: { words: 49_346, features: 100, filters: 100 },
  small: { words: 20, features: 6, filters: 6 },
  network: ({ words, features, filters }) => {
    const inputs = Input({ shape: [null] });
    const constant = new Embedding(words, features, { trainable: false }).apply(inputs);
    const x = new Concatenate().apply([new Embedding(words, features).apply(inputs), constant]);
    const parts = [3, 4, 5].map((width) => new GlobalMaxPooling1D().apply(new Conv1D(filters, width, { activation: 'relu' }).apply(x)));
    const outputs = new Dense(2).apply(new Dropout(0.5).apply(new Concatenate().apply(parts)));
    const model = new Model({ inputs, outputs });
    model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: sparseCategoricalCrossentropy({ fromLogits: true }) });
    return model;
  },
  data: ({ words }, made) => ({ x: made.ids([24, 10], words), y: made.ids([24], 2) }),
  // The vectors of words that stay as they are.
  withoutGradient: ['embedding/embeddings'],
});

describeProgram({
  name: 'what follows from a sentence (decomposable attention)',
  source: '16.5',
  published: { words: 18_678, features: 100, units: 200 },
  small: { words: 14, features: 8, units: 10 },
  network: ({ words, features, units }) => {
    const inputs = [Input({ shape: [6], name: 'premise' }), Input({ shape: [5], name: 'hypothesis' })] as const;
    const network = (out: number) => {
      const layers = [new Dropout(0.2), new Dense(out, { activation: 'relu' }), new Dropout(0.2), new Dense(out, { activation: 'relu' })];
      return (x: SymbolicTensor) => layers.reduce<SymbolicTensor>((value, layer) => layer.apply(value) as SymbolicTensor, x);
    };
    const [embedding, attend, compare] = [new Embedding(words, features), network(units), network(units)];
    const [a, b] = inputs.map((ids) => embedding.apply(ids) as SymbolicTensor) as [SymbolicTensor, SymbolicTensor];
    const scores = new Dot({ axes: 2 }).apply([attend(a), attend(b)]);
    const soft = (x: SymbolicTensor, values: SymbolicTensor) => new Dot({ axes: [2, 1] }).apply([new Softmax().apply(x), values]);
    const aligned = [
      [a, soft(scores, b)],
      [b, soft(new Permute([2, 1]).apply(scores), a)],
    ];
    const sums = aligned.map((pair) => ops.sum(compare(new Concatenate().apply(pair)), { axis: 1 }));
    const outputs = new Dense(3).apply(network(units)(new Concatenate().apply(sums)));
    const model = new Model({ inputs: [...inputs], outputs });
    model.compile({ optimizer: new Adam({ learningRate: 0.001 }), loss: sparseCategoricalCrossentropy({ fromLogits: true }) });
    return model;
  },
  data: ({ words }, made) => ({ x: [made.ids([24, 6], words), made.ids([24, 5], words)], y: made.ids([24], 3) }),
  epochs: 120,
});
