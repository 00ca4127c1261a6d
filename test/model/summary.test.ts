import { beforeAll, describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import {
  ArgumentError,
  CategoryEncoding,
  Dense,
  Dropout,
  Embedding,
  GRU,
  Input,
  type Layer,
  LSTM,
  Model,
  OneHot,
  Sequential,
  SimpleRNN,
  StateError,
  TextVectorization,
} from '../../ts/index.ts';
import { startOn } from '../support/modelBackends.ts';

beforeAll(async () => startOn(await loadBackend('reference')));

const summaryOf = (model: Sequential) => {
  let printed = '';
  model.summary((text) => {
    printed += text;
  });
  return printed;
};

describe('summary', () => {
  const layers = () => [
    new Embedding(1000, 32, { trainable: false }),
    new LSTM(64, { returnSequences: true }),
    new GRU(8),
    new Dense(1, { name: 'verdict' }),
  ];

  test('shows each layer, its output and its parameters, and their sums', () => {
    const model = new Sequential(layers(), { name: 'reviews' });
    model.build([null, 100]);
    expect(summaryOf(model).split('\n')).toEqual([
      'Model: reviews',
      '───────────────────────────────────────────────────────',
      'Layer (type)                   Output shape  Parameters',
      '───────────────────────────────────────────────────────',
      'embedding (Embedding), frozen  [?, ?, 32]        32,000',
      'lstm (LSTM)                    [?, ?, 64]        24,832',
      'gru (GRU)                      [?, 8]             1,776',
      'verdict (Dense)                [?, 1]                 9',
      '───────────────────────────────────────────────────────',
      'Parameters: 58,617 (26,617 trainable, 32,000 frozen)',
    ]);
    expect(model.countParams()).toBe(58_617);
  });

  test('shows a model that is not built, and an empty one', () => {
    const model = new Sequential(layers());
    expect(summaryOf(model)).toMatch(/lstm \(LSTM\) +\? +\?\n/);
    expect(summaryOf(model)).toMatch(/\nParameters: not built yet$/);
    expect(() => model.countParams()).toThrow(StateError);
    expect(summaryOf(new Sequential())).toMatch(/^Model: sequential\n/);
  });

  test('prints to the console by default', () => {
    const { log } = console;
    const printed: unknown[] = [];
    console.log = (...values: unknown[]) => void printed.push(...values);
    try {
      new Sequential([new Dense(1, { inputShape: [3] })]).summary();
    } finally {
      console.log = log;
    }
    expect(printed).toHaveLength(1);
    expect(printed[0]).toMatch(/dense \(Dense\) +\[\?, 1\] +4\n/);
  });
});

describe('names of layers', () => {
  const namesOf = (layers: Layer[]) => new Sequential(layers).layers.map(({ name }) => name);

  test('are their classes in snake_case, numbered within the model', () => {
    const layers = [
      new OneHot(4),
      new SimpleRNN(2, { returnSequences: true }),
      new SimpleRNN(2),
      new Dropout(0.1),
      new Dense(2),
      new Dense(2),
      new Dense(1),
    ];
    expect(namesOf(layers)).toEqual(['one_hot', 'simple_rnn', 'simple_rnn_1', 'dropout', 'dense', 'dense_1', 'dense_2']);
    expect(namesOf([new Dense(1)])).toEqual(['dense']);
  });

  test('that were given stay, and others are numbered around them', () => {
    expect(namesOf([new Dense(1, { name: 'dense_1' }), new Dense(1), new Dense(1)])).toEqual(['dense_1', 'dense', 'dense_2']);
  });

  test('are theirs once they are in a model; one that is taken is refused', () => {
    const layer = new Dense(1);
    expect(() => layer.name).toThrow(StateError);
    const model = new Sequential([layer]);
    expect(layer.name).toBe('dense');
    expect(() => model.add(new Dense(1, { name: 'dense' }))).toThrow(ArgumentError);
    expect(() => model.add(new Dense(1, { name: 'dense' }))).toThrow("this model already has a layer called 'dense'");
    expect(model.getLayer('dense')).toBe(layer);
    expect(model.getLayer(0)).toBe(layer);
  });

  test('are free again after a layer was refused or taken away', () => {
    const model = new Sequential([new Dense(2, { inputShape: [3] })]);
    const refused = new LSTM(2);
    expect(() => model.add(refused)).toThrow(/^layer lstm \(LSTM\) takes sequences/);
    expect(refused.hasName).toBe(false);
    model.add(new Dense(2));
    expect(model.pop().name).toBe('dense_1');
    model.add(new Dense(1));
    expect(model.layers.map(({ name }) => name)).toEqual(['dense', 'dense_1']);
  });
});

test('a model of texts says what it takes, and what its layers make of it', () => {
  const words = new TextVectorization({ vocabulary: ['a', 'b'], outputSequenceLength: 6 });
  const model = new Sequential([words, new Embedding(4, 2), new LSTM(3)]);
  model.build([null, 1]);
  expect(model.inputShape).toEqual([null, 1]);
  expect(model.outputShape).toEqual([null, 3]);
  expect(summaryOf(model)).toMatch(/\(TextVectorization\) +\[\?, \?\] +0$/m);
  const input = Input({ shape: [2] });
  const encoded = new CategoryEncoding(4).apply(input);
  expect(new Model({ inputs: input, outputs: new Dense(1).apply(encoded) }).inputShape).toEqual([null, 2]);
});
