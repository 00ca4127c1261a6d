// Networks of the examples of Keras 3 that attend (keras.io/examples).
import {
  Add,
  Conv1D,
  Dense,
  Dropout,
  Embedding,
  GlobalAveragePooling1D,
  Input,
  LayerNormalization,
  Model,
  MultiHeadAttention,
  ops,
  type SymbolicTensor,
  sparseCategoricalCrossentropy,
} from '../../ts/index.ts';
import { PositionEmbedding } from './positionEmbedding.ts';
import { describeProgram, stepsOf } from './program.ts';

interface Sizes {
  readonly words: number;
  readonly steps: number;
  readonly features: number;
  readonly heads: number;
  readonly hidden: number;
}

const add = (a: SymbolicTensor, b: SymbolicTensor) => new Add().apply([a, b]);
const norm = (x: SymbolicTensor) => new LayerNormalization({ epsilon: 1e-6 }).apply(x);
const dense = (units: number, x: SymbolicTensor, activation: 'relu' | 'linear' | 'softmax' = 'relu') =>
  new Dense(units, { activation }).apply(x);

/** Words and their places. */
const embed = ({ words, features }: Sizes, ids: SymbolicTensor, maskZero = false) =>
  new PositionEmbedding().apply(new Embedding(words, features, { maskZero }).apply(ids)) as SymbolicTensor;

/** Attention and two dense layers, each added to its input and normalized. */
function block({ features, heads, hidden }: Sizes, x: SymbolicTensor, { keyDim = features, causal = false, dropout = 0.1 } = {}) {
  const attention = new MultiHeadAttention({ numHeads: heads, keyDim, useCausalMask: causal }).apply([x, x]);
  const attended = norm(add(x, new Dropout(dropout).apply(attention)));
  return norm(add(attended, new Dropout(dropout).apply(dense(features, dense(hidden, attended), 'linear'))));
}

describeProgram<Sizes>({
  name: 'sentiment of film reviews by a Transformer',
  source: 'keras-io examples/nlp/text_classification_with_transformer.py',
  published: { words: 20_000, steps: 200, features: 32, heads: 2, hidden: 32 },
  small: { words: 20, steps: 6, features: 8, heads: 2, hidden: 8 },
  network: (sizes) => {
    const inputs = Input({ shape: [sizes.steps] });
    const x = new GlobalAveragePooling1D().apply(block(sizes, embed(sizes, inputs)));
    const hidden = new Dropout(0.1).apply(dense(20, new Dropout(0.1).apply(x)));
    const model = new Model({ inputs, outputs: dense(2, hidden, 'softmax') });
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
  data: ({ words, steps }, made) => ({ x: made.ids([24, steps], words), y: made.ids([24], 2) }),
  epochs: 60,
});

/**
 * Weights of a block whose one feature is normalized: it becomes beta, whatever it was. So it is in
 * the published network.
 */
function ofConstantFeature(level: number): string[] {
  const numbered = (name: string, index: number) => (index === 0 ? name : `${name}_${index}`);
  const kinds = ['query', 'key', 'value', 'output'].flatMap((part) => [`${part}Kernel`, `${part}Bias`]);
  const inConvolutions = [2 * level, 2 * level + 1].flatMap((index) =>
    ['kernel', 'bias'].map((weight) => `${numbered('conv1d', index)}/${weight}`),
  );
  return [
    ...kinds.map((kind) => `${numbered('multi_head_attention', level)}/${kind}`),
    `${numbered('layer_normalization', 2 * level)}/gamma`,
    ...inConvolutions,
    `${numbered('layer_normalization', 2 * level + 1)}/gamma`,
  ];
}

describeProgram<Sizes>({
  name: 'faults of engines by a Transformer',
  source: 'keras-io examples/timeseries/timeseries_classification_transformer.py',
  published: { words: 2, steps: 500, features: 256, heads: 4, hidden: 4 },
  small: { words: 2, steps: 10, features: 4, heads: 2, hidden: 3 },
  network: ({ words, steps, features, heads, hidden }) => {
    const inputs = Input({ shape: [steps, 1] });
    let x: SymbolicTensor = inputs;
    for (let level = 0; level < 4; level++) {
      const attention = new MultiHeadAttention({ numHeads: heads, keyDim: features, dropout: 0.25 }).apply([x, x]);
      const attended = add(norm(new Dropout(0.25).apply(attention)), x);
      const inner = new Dropout(0.25).apply(new Conv1D(hidden, 1, { activation: 'relu' }).apply(attended));
      x = add(norm(new Conv1D(1, 1).apply(inner)), attended);
    }
    // The mean over features of each step, which Keras calls pooling with channels first.
    const perStep = ops.mean(x, { axis: -1 });
    const outputs = dense(words, new Dropout(0.4).apply(dense(128, perStep)), 'softmax');
    const model = new Model({ inputs, outputs });
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    return model;
  },
  data: ({ steps }, made) => ({ x: made.waves(24, steps, 1), y: made.ids([24], 2) }),
  epochs: 60,
  withoutGradient: [0, 1, 2, 3].flatMap(ofConstantFeature),
});

describeProgram<Sizes>({
  name: 'names in texts by a Transformer',
  source: 'keras-io examples/nlp/ner_transformers.py',
  published: { words: 20_000, steps: 128, features: 32, heads: 4, hidden: 64 },
  small: { words: 20, steps: 6, features: 8, heads: 2, hidden: 8 },
  network: (sizes) => {
    const inputs = Input({ shape: [sizes.steps] });
    const x = new Dropout(0.1).apply(block(sizes, embed(sizes, inputs)));
    const outputs = dense(10, new Dropout(0.1).apply(dense(sizes.hidden, x)), 'linear');
    const model = new Model({ inputs, outputs });
    // 0 is the tag of the filled places.
    model.compile({ optimizer: 'adam', loss: sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: 0 }) });
    return model;
  },
  data: ({ words, steps }, made) => ({ x: made.ids([16, steps], words), y: made.ids([16, steps], 10) }),
  epochs: 60,
});

describeProgram<Sizes>({
  name: 'texts by a miniature GPT',
  source: 'keras-io examples/generative/text_generation_with_miniature_gpt.py',
  published: { words: 20_000, steps: 80, features: 256, heads: 2, hidden: 256 },
  small: { words: 12, steps: 6, features: 8, heads: 2, hidden: 8 },
  network: (sizes) => {
    const inputs = Input({ shape: [sizes.steps] });
    const outputs = dense(sizes.words, block(sizes, embed(sizes, inputs), { causal: true }), 'linear');
    const model = new Model({ inputs, outputs });
    model.compile({ optimizer: 'adam', loss: sparseCategoricalCrossentropy({ fromLogits: true }) });
    return model;
  },
  data: ({ words, steps }, made) => {
    const ids = made.ids([16, steps + 1], words);
    return { x: stepsOf(ids, 0, steps), y: stepsOf(ids, 1) };
  },
  epochs: 80,
});

describeProgram<Sizes>({
  name: 'translation to Spanish by a Transformer',
  source: 'keras-io examples/nlp/neural_machine_translation_with_transformer.py',
  published: { words: 15_000, steps: 20, features: 256, heads: 8, hidden: 2048 },
  small: { words: 12, steps: 6, features: 8, heads: 2, hidden: 12 },
  network: (sizes) => {
    const { words, steps, features, heads, hidden } = sizes;
    const inputs = { english: Input({ shape: [steps], name: 'english' }), spanish: Input({ shape: [steps], name: 'spanish' }) };
    const encoded = block(sizes, embed(sizes, inputs.english, true), { dropout: 0 });
    const target = embed(sizes, inputs.spanish, true);
    const attend = (query: SymbolicTensor, value: SymbolicTensor, useCausalMask: boolean) =>
      norm(add(query, new MultiHeadAttention({ numHeads: heads, keyDim: features, useCausalMask }).apply([query, value])));
    const attended = attend(attend(target, target, true), encoded, false);
    const decoded = norm(add(attended, dense(features, dense(hidden, attended), 'linear')));
    const model = new Model({ inputs, outputs: dense(words, new Dropout(0.5).apply(decoded), 'softmax') });
    model.compile({ optimizer: 'rmsprop', loss: 'sparseCategoricalCrossentropy' });
    return model;
  },
  data: ({ words, steps }, made) => ({
    x: { english: made.ids([16, steps], words, 1), spanish: made.ids([16, steps], words, 1) },
    y: made.ids([16, steps], words),
  }),
  epochs: 80,
});
