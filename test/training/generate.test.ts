import { beforeEach, describe, expect, test } from 'vitest';
import { RandomSequence } from '../../ts/core/random.ts';
// The state has a OneHot, whose class loads with the formats.
import '../../ts/formats/entry.ts';
import { Dense, Dropout, Embedding, GRU, generate, type Layer, LSTM, OneHot, Sequential, setRandomSeed } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const V = 6;
const make = (layers: Layer[], scale = 2) => builtModel(layers, [1], new RandomArrays(3), scale);
const writer = () => make([new Embedding(V, 4), new LSTM(5, { returnSequences: true }), new Dense(V)]);
const PROMPT = [2, 0, 4];

describe.each(await availableBackends())('generate on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each([
    ['probabilities', () => make([new Embedding(V, 4), new GRU(5), new Dense(V, { activation: 'softmax' })])],
    ['logits of every step', writer],
  ])('at temperature 0 takes the likeliest of what predict says of the text so far: %s', async (_label, make) => {
    const model = make();
    const text = [...PROMPT];
    for (let count = 0; count < 8; count++) {
      const { data } = await model.predict([text]);
      const last = Array.from(data.slice(-V));
      text.push(last.indexOf(Math.max(...last)));
    }
    expect([...generate(model, PROMPT, { length: 8, temperature: 0 })]).toEqual(text.slice(PROMPT.length));
  });

  test('writes on what it was trained to write', async () => {
    const cycle = Array.from({ length: 61 }, (_, index) => index % V);
    const model = new Sequential([new Embedding(V, 8), new GRU(16, { returnSequences: true }), new Dense(V, { activation: 'softmax' })]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const [x, y] = [cycle.slice(0, -1), cycle.slice(1)];
    await model.fit([x], [y], { epochs: 200, verbose: 0 });
    expect([...generate(model, [3, 4], { length: 9, temperature: 0.2, seed: 1 })]).toEqual([5, 0, 1, 2, 3, 4, 5, 0, 1]);
  });

  test('the same seed writes the same, another one something else, and none goes on with the sequence of setRandomSeed', () => {
    const model = writer();
    const write = (seed?: number | bigint) => [...generate(model, PROMPT, { length: 40, ...(seed === undefined ? {} : { seed }) })];
    expect(write(5)).toEqual(write(5));
    expect(write(5)).toEqual(write(5n));
    expect(write(5)).not.toEqual(write(6));
    const both = () => {
      setRandomSeed(9);
      return [write(), write()];
    };
    const [first, second] = both();
    expect(first).not.toEqual(second);
    expect(both()).toEqual([first, second]);
  });

  test('comes id by id: a longer run begins like a shorter one, without end if wanted, and leaves with break', () => {
    const model = writer();
    const short = [...generate(model, PROMPT, { length: 5, seed: 2 })];
    const taken: number[] = [];
    for (const id of generate(model, PROMPT, { length: Number.POSITIVE_INFINITY, seed: 2 })) {
      if (taken.push(id) === 12) break;
    }
    expect(short.length).toBe(5);
    expect(taken.slice(0, 5)).toEqual(short);
  });

  test.each(['softmax', 'linear'] as const)('draws with the probabilities of softmax(logits / temperature): from %s', (activation) => {
    const logits = [1, 0, -1];
    const model = make([new OneHot(3), new Dense(3, { activation })]);
    model.setWeights([new Array(3).fill([0, 0, 0]), logits]);
    for (const temperature of [0.5, 1, 3]) {
      const scores = logits.map((logit) => Math.exp(logit / temperature));
      const total = scores.reduce((sum, score) => sum + score, 0);
      const draws = 3000;
      const counts = [0, 0, 0];
      for (const id of generate(model, [0], { length: draws, temperature, seed: 4 })) counts[id]++;
      for (const [id, score] of scores.entries()) {
        const probability = score / total;
        const deviation = Math.sqrt(draws * probability * (1 - probability));
        expect(Math.abs(counts[id] - draws * probability), `${counts} at ${temperature}`).toBeLessThan(4 * deviation);
      }
    }
  });

  test('draws each id by one uniform number of its seed', () => {
    const model = make([new OneHot(2), new Dense(2)]);
    model.setWeights([
      [
        [0, 0],
        [0, 0],
      ],
      [0, 0],
    ]);
    const random = new RandomSequence(7, 0x67656e65);
    const expected = Array.from({ length: 20 }, () => (random.uniform() < 0.5 ? 0 : 1));
    expect([...generate(model, [0], { length: 20, seed: 7 })]).toEqual(expected);
  });

  test('stops with an error when the model gives NaN', () => {
    const state = make([new OneHot(2), new Dense(2)]).getState();
    const weights = state.weights.map((weight) => ({
      ...weight,
      data: weight.data.map((_, index) => (weight.name.endsWith('bias') && index === 1 ? Number.NaN : 0)),
    }));
    const model = Sequential.fromState({ ...state, weights });
    expect(() => [...generate(model, [0], { length: 3 })]).toThrow(
      expect.objectContaining({ code: 'DATA', message: expect.stringMatching(/output for id 1 is NaN/) }),
    );
  });

  test.each([
    ['no options', undefined, PROMPT, 'ARGUMENT', /length/],
    ['no length', {}, PROMPT, 'ARGUMENT', /length must be/],
    ['a length of 0', { length: 0 }, PROMPT, 'ARGUMENT', /length must be/],
    ['a negative temperature', { length: 1, temperature: -1 }, PROMPT, 'ARGUMENT', /temperature must be/],
    ['a temperature that is NaN', { length: 1, temperature: Number.NaN }, PROMPT, 'ARGUMENT', /temperature must be/],
    ['a seed that is no integer', { length: 1, seed: 0.5 }, PROMPT, 'ARGUMENT', /seed/],
    ['an unknown option', { length: 1, top_k: 3 }, PROMPT, 'ARGUMENT', /unknown option 'top_k'/],
    ['a topK of 0', { length: 1, topK: 0 }, PROMPT, 'ARGUMENT', /topK must be/],
    ['a topP of 0', { length: 1, topP: 0 }, PROMPT, 'ARGUMENT', /topP must be a number above 0 and at most 1, got 0/],
    ['a topP above 1', { length: 1, topP: 1.1 }, PROMPT, 'ARGUMENT', /topP must be/],
    ['a minLength above the length', { length: 1, minLength: 2 }, PROMPT, 'ARGUMENT', /minLength 2 is above length 1/],
    ['an id to stop at that cannot come', { length: 1, stopIds: [1, V] }, PROMPT, 'ARGUMENT', /stopIds has 6, but .* ids below 6/],
    ['all ids to stop at', { length: 2, minLength: 1, stopIds: [0, 1, 2, 3, 4, 5] }, PROMPT, 'ARGUMENT', /stopIds has all ids/],
    ['beams that draw', { length: 2, numBeams: 2, topK: 2 }, PROMPT, 'ARGUMENT', /topK is for drawing/],
    ['beams without end', { length: Number.POSITIVE_INFINITY, numBeams: 2 }, PROMPT, 'ARGUMENT', /needs a finite length/],
    ['a penalty without beams', { length: 2, lengthPenalty: 0 }, PROMPT, 'ARGUMENT', /lengthPenalty is for a beam search/],
    ['states of no layer', { length: 1, state: { gru: {} } }, PROMPT, 'ARGUMENT', /no layer 'gru'/],
    ['an empty prompt', { length: 1 }, [], 'DATA', /prompt is empty/],
    ['a prompt of two', { length: 1 }, [[1], [2]], 'SHAPE', /prompt must have one axis/],
    ['a text', { length: 1 }, 'abc', 'ARGUMENT', /prompt must be/],
    ['an id outside the vocabulary', { length: 1 }, [1, V], 'DATA', /prompt\[1\] is 6/],
  ])('refuses %s at once', (_label, options, prompt, code, message) => {
    const model = writer();
    expect(() => generate(model, prompt as number[], options as never)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test.each<[string, () => Sequential, string, RegExp]>([
    [
      'is not built',
      () => new Sequential([new Embedding(V, 2), new LSTM(2), new Dense(V)]),
      'STATE',
      /^\w+: the model is not built: fit or predict it with data, or call build/,
    ],
    ['ends in a sigmoid', () => make([new Embedding(V, 2), new Dense(V, { activation: 'sigmoid' })]), 'ARGUMENT', /dense has 'sigmoid'/],
    ['ends in no scores', () => make([new Embedding(V, 2), new Dropout(0.5)]), 'ARGUMENT', /last layer dropout has null/],
    [
      'gives ids that it does not take',
      () => make([new Embedding(V, 2), new Dense(V + 1)]),
      'SHAPE',
      /predicts ids below 7, .* takes ids below 6/,
    ],
    ['takes floats', () => builtModel([new LSTM(2), new Dense(V)], [1, 2], new RandomArrays(1)), 'SHAPE', /takes floats/],
    ['reads backwards', () => make([new Embedding(V, 2), new LSTM(2, { goBackwards: true }), new Dense(V)]), 'ARGUMENT', /goBackwards/],
  ])('refuses a model that %s', (_label, makeModel, code, message) => {
    expect(() => generate(makeModel(), PROMPT, { length: 1 })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
