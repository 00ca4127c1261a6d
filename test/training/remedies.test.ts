// What messages say that people need who write what Keras would take.
import { expect, test } from 'vitest';
import {
  Concatenate,
  CRF,
  CRFLoss,
  Dense,
  EarlyStopping,
  Embedding,
  Input,
  LSTM,
  Model,
  Sequential,
  TextVectorization,
  timeseriesDatasetFromArray,
} from '../../ts/index.ts';

const dense = () => new Sequential([new Dense(1, { inputShape: [3] })]);

test.each([
  ['crf', /^compile: loss is 'crf' \(did you mean 'crfLoss'\?\); it must be one of .*'crfLoss'/],
  ['cosine_similarity', /^compile: loss is 'cosine_similarity' \(did you mean 'cosineSimilarity'\?\); it must be/],
  ['focal', /'categoricalFocalCrossentropy'.*'dice'/],
  [null, /^compile: loss is null, but every output is trained: train a second Model/],
])('loss %s', (loss, message) => {
  expect(() => dense().compile({ loss: loss as never })).toThrow(message);
});

test.each([
  ['cosine_similarity', /^compile: metrics\[0\] is 'cosine_similarity' \(did you mean 'cosineSimilarity'\?\); it must be/],
  ['f1', /is 'f1' \(did you mean 'f1Score'\?\); .*'auc', .*'f1Score'/],
  ['top', /'topKCategoricalAccuracy'/],
])('metric %s', (metric, message) => {
  expect(() => dense().compile({ loss: 'mse', metrics: [metric as never] })).toThrow(message);
});

test('names of metrics stand in the list once', () => {
  expect(() => dense().compile({ loss: 'mse', metrics: ['?' as never] })).toThrow(/^(?!.*'binaryAccuracy'.*'binaryAccuracy')/);
});

test('a model has its tensors, and says how it is made', () => {
  const [a, b] = [Input({ shape: [3] }), Input({ shape: [3] })];
  const model = new Model({ inputs: [a, b], outputs: new Concatenate().apply([a, b]) });
  expect(model.input).toEqual([a, b]);
  expect(model.output).toBe(model.outputs[0]);
  const one = new Model({ inputs: a, outputs: new Dense(1).apply(a) });
  expect(one.input).toBe(a);
  expect(() => new Model(a as never, one.output)).toThrow('Model takes one object, new Model({ inputs, outputs }), got');
});

test("Keras's names of the history", async () => {
  const model = dense();
  model.compile({ loss: 'mse' });
  const callbacks = [new EarlyStopping({ monitor: 'val_loss' })];
  await expect(model.fit([[1, 2, 3]], [[1]], { verbose: 0, callbacks })).rejects.toThrow(
    "EarlyStopping: 'val_loss' is called 'valLoss' in the history: monitor: 'valLoss'",
  );
});

test('tags of -1 at masked steps', async () => {
  const model = new Sequential([new Embedding(5, 3, { maskZero: true }), new LSTM(4, { returnSequences: true }), new CRF(3)]);
  model.compile({ loss: new CRFLoss() });
  await expect(model.fit([[1, 2, 0]], [[1, 2, -1]], { verbose: 0 })).rejects.toThrow(
    'y[0][2] is -1, expected a class of the output: integers 0 to 2; those of masked steps do not count, so pad with 0',
  );
});

test('sequences of a series without an axis of features', async () => {
  const model = new Sequential([new LSTM(4), new Dense(1)]);
  model.compile({ loss: 'mse' });
  const data = timeseriesDatasetFromArray([1.5, 2, 3, 4, 5, 6], [1, 2, 3, 4], { sequenceLength: 3 });
  await expect(model.fit(data, { verbose: 0 })).rejects.toThrow(/give timeseriesDatasetFromArray a series of one feature as \[rows, 1\]/);
  await expect(model.fit([[1, 2, 3]], [1], { verbose: 0 })).rejects.not.toThrow(/timeseriesDatasetFromArray/);
});

test('the summary of a graph has what prepares its data', () => {
  const text = Input({ shape: [1], dtype: 'string', name: 'text' });
  const words = new TextVectorization({ vocabulary: ['a', 'b'], outputSequenceLength: 4, name: 'words' });
  const ids = words.apply(text);
  const model = new Model({ inputs: text, outputs: new LSTM(3).apply(new Embedding(5, 3).apply(ids)) });
  let printed = '';
  model.summary((table) => {
    printed = table;
  });
  expect(printed.split('\n').slice(4, 6)).toEqual([
    expect.stringMatching(/^words \(TextVectorization\) +\[\?, 4\] +0$/),
    expect.stringMatching(/^text \(InputLayer\) +\[\?, 4\] +0$/),
  ]);
});
