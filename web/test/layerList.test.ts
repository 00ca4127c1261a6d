import { describe, expect, test } from 'vitest';
import { buildModel, describeLayers, type LayerChoice, LayerChoiceError, type ModelFrame } from '../src/model/layerList.ts';

const frame: ModelFrame = {
  inputShape: [null, 10],
  first: { kind: 'Embedding', inputDim: 50, outputDim: 4 },
  everyStep: false,
  output: { units: 3, activation: 'softmax' },
  loss: 'sparseCategoricalCrossentropy',
};
const layers: LayerChoice[] = [
  { kind: 'LSTM', units: 5 },
  { kind: 'Dropout', rate: 0.2 },
  { kind: 'GRU', units: 6 },
  { kind: 'Dense', units: 7 },
];

describe('a list of layers', () => {
  test('becomes a model whose layers and parameters are told', () => {
    const model = buildModel(frame, layers);
    expect(describeLayers(model)).toEqual([
      { title: 'Embedding of 50 words in 4 numbers each', parameters: 200 },
      { title: 'LSTM of size 5', parameters: 200 },
      { title: 'Dropout 0.2', parameters: 0 },
      { title: 'GRU of size 6', parameters: 234 },
      { title: 'Dense of size 7', parameters: 49 },
      { title: 'Output: 3 numbers (Dense)', parameters: 24 },
    ]);
    expect(model.countParams()).toBe(200 + 200 + 234 + 49 + 24);
  });

  test('gives one output a sequence, or one a step', async () => {
    const x = { shape: [2, 10], data: new Int32Array(20).fill(1) };
    expect((await buildModel(frame, layers).predict(x)).shape).toEqual([2, 3]);
    const writer: ModelFrame = {
      ...frame,
      first: { kind: 'OneHot', depth: 9 },
      everyStep: true,
      output: { units: 9, activation: 'softmax' },
    };
    expect((await buildModel(writer, layers).predict(x)).shape).toEqual([2, 10, 9]);
  });

  test('reads from both ends where the task says so', async () => {
    const tagger: ModelFrame = { ...frame, inputShape: [null, null], everyStep: true, bothWays: true };
    const model = buildModel(tagger, layers);
    expect(describeLayers(model).slice(1, 4)).toEqual([
      { title: 'LSTM of size 5, from both ends', parameters: 400 },
      { title: 'Dropout 0.2', parameters: 0 },
      { title: 'GRU of size 6, from both ends', parameters: 2 * (3 * 6 * (10 + 6 + 2)) },
    ]);
    // The answer at the first step hangs on the last one.
    const answer = async (last: number) => (await model.predict({ shape: [1, 3], data: Int32Array.of(1, 2, last) })).data.slice(0, 3);
    expect(await answer(3)).not.toEqual(await answer(4));
  });

  test.each([
    [[], 'at least one layer with memory'],
    [[{ kind: 'Dense', units: 3 }], 'at least one layer with memory'],
    [[{ kind: 'LSTM', units: Number.NaN }], 'The size of the LSTM layer must be a whole number from 1 to 1024.'],
    [[{ kind: 'GRU', units: 2000 }], 'whole number from 1 to 1024'],
    [
      [
        { kind: 'SimpleRNN', units: 3 },
        { kind: 'Dropout', rate: 1 },
      ],
      'between 0 and 0.9',
    ],
  ] as [LayerChoice[], string][])('is refused with the reason: %j', (choices, message) => {
    expect(() => buildModel(frame, choices)).toThrow(LayerChoiceError);
    expect(() => buildModel(frame, choices)).toThrow(message);
  });
});
