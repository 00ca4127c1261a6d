import { beforeEach, describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import {
  Activation,
  Add,
  Bidirectional,
  Concatenate,
  Dense,
  Embedding,
  Flatten,
  GRU,
  generate,
  Input,
  LSTM,
  Model,
  Permute,
  RepeatVector,
  Reshape,
  type SymbolicTensor,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { streamTolerance } from '../support/tolerances.ts';

const random = new RandomArrays(8);
const [BATCH, STEPS, FEATURES, VOCABULARY] = [2, 5, 3, 7];
const WORDS: Tensor = { shape: [BATCH, STEPS], data: random.integers(BATCH * STEPS, VOCABULARY) };
const READINGS = tensor([BATCH, STEPS, FEATURES], random);
const PLACE = tensor([BATCH, 2], random);

/** The first `to` steps of sequences, from step `from`. */
function steps({ shape, data }: Tensor, to: number, from = 0): Tensor {
  const [batch, all, ...rest] = shape as [number, number, ...number[]];
  const width = rest.reduce((product, size) => product * size, 1);
  const rows = Array.from({ length: batch }, (_, row) => Array.from(data.slice((row * all + from) * width, (row * all + to) * width)));
  return { shape: [batch, to - from, ...rest], data: Float64Array.from(rows.flat()) };
}

const stepAt = (sequences: Tensor, step: number): Tensor => {
  const { shape, data } = steps(sequences, step + 1, step);
  return { shape: [shape[0] as number, ...shape.slice(2)], data };
};

/** The last step of each output, `[B, C]`. */
function last({ shape, data }: Tensor): number[] {
  if (shape.length === 2) return Array.from(data);
  return Array.from(steps({ shape, data }, shape[1] as number, (shape[1] as number) - 1).data);
}

/**
 * Two sequences, of which one has a mask, and an input without steps; a layer with two uses; two
 * outputs.
 */
function network() {
  const [words, readings, place] = [
    Input({ shape: [null], name: 'words' }),
    Input({ shape: [null, FEATURES], name: 'readings' }),
    Input({ shape: [2], name: 'place' }),
  ];
  const shared = new GRU(3, { returnSequences: true });
  const read = shared.apply(new Embedding(VOCABULARY, FEATURES, { maskZero: true }).apply(words));
  const both = new Concatenate().apply([read, shared.apply(readings), readings]);
  const [sequence, , c] = new LSTM(4, { returnSequences: true, returnState: true }).apply(both);
  const scored = new TimeDistributed(new Dense(2)).apply(new Add().apply([sequence, sequence]));
  const end = new Dense(3).apply(new Concatenate().apply([c, new Dense(2, { activation: 'tanh' }).apply(place)]));
  return new Model({ inputs: [words, readings, place], outputs: { scored, end } });
}

describe.each(await availableBackends())('a stream of a graph on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const expectOutput = (actual: ArrayLike<number>, expected: ArrayLike<number>, what: string) =>
    expectClose(actual, expected, backend.name === 'reference' ? { absolute: 1e-14 } : streamTolerance(backend), what);

  test('several inputs, one without steps, and several outputs: each step gives what predict gives', async () => {
    const model = network();
    const [byName, inOrder] = [model.stream({ batchSize: BATCH }), model.stream({ batchSize: BATCH })];
    expect(byName.outputShapes).toEqual([
      [BATCH, 2],
      [BATCH, 3],
    ]);
    const out = [new Float64Array(4), new Float64Array(6)];
    for (let step = 0; step < STEPS; step++) {
      const expected = await model.predict([steps(WORDS, step + 1), steps(READINGS, step + 1), PLACE]);
      const [words, readings] = [stepAt(WORDS, step), stepAt(READINGS, step)];
      const { scored, end } = byName.step({ place: PLACE, words, readings });
      expectOutput(scored, last(expected.scored), `scored at ${step}`);
      expectOutput(end, last(expected.end), `end at ${step}`);
      expect(inOrder.step([words, readings.data, PLACE.data], out)).toBe(out);
      expect(out.map((values) => Array.from(values))).toEqual([Array.from(scored), Array.from(end)]);
    }
    expect(Object.keys(byName.state)).toEqual(['gru', 'gru/2', 'lstm']);
    const { state } = byName;
    byName.reset();
    expect(byName.state.lstm?.c?.data.every((value) => value === 0)).toBe(true);
    byName.state = state;
    expect(byName.state).toEqual(state);
  });

  test('layers with sequences of their own at each step begin anew', async () => {
    const input = Input({ shape: [null, 4, FEATURES] });
    const each = new TimeDistributed(new LSTM(2)).apply(input);
    const whole = new GRU(3).apply(each);
    const decoded = new GRU(2, { returnSequences: true }).apply(new RepeatVector(3).apply(whole));
    const model = new Model({ inputs: input, outputs: decoded });
    const x = tensor([BATCH, STEPS, 4, FEATURES], random);
    const stream = model.stream({ batchSize: BATCH });
    expect(Object.keys(stream.state)).toEqual(['gru']);
    for (let step = 0; step < STEPS; step++)
      expectOutput(stream.step(stepAt(x, step)), (await model.predict(steps(x, step + 1))).data, `step ${step}`);
  });

  test('an id without steps', async () => {
    const [readings, kind] = [Input({ shape: [null, FEATURES], name: 'readings' }), Input({ shape: [1], name: 'kind' })];
    const row = new Flatten().apply(new Embedding(4, 2).apply(kind));
    const model = new Model({
      inputs: [readings, kind],
      outputs: new Dense(1).apply(new Concatenate().apply([new GRU(2).apply(readings), row])),
    });
    const stream = model.stream();
    const x = tensor([1, STEPS, FEATURES], random);
    for (let step = 0; step < STEPS; step++)
      expectOutput(
        stream.step({ readings: stepAt(x, step), kind: 3 }),
        (await model.predict([steps(x, step + 1), [[3]]])).data,
        `step ${step}`,
      );
  });

  test('generate gives the input without steps at every step', async () => {
    const [ids, place] = [Input({ shape: [null], name: 'ids' }), Input({ shape: [2], name: 'place' })];
    const read = new GRU(4).apply(new Embedding(VOCABULARY, 3).apply(ids));
    const model = new Model({ inputs: [ids, place], outputs: new Dense(VOCABULARY).apply(new Concatenate().apply([read, place])) });
    const [first] = [[0.5, -2]];
    const text = [3, 1];
    for (let count = 0; count < 6; count++) {
      const { data } = await model.predict([[text], [first]]);
      text.push(Array.from(data as Float32Array).indexOf(Math.max(...(data as Float32Array))));
    }
    expect([...generate(model, [3, 1], { length: 6, temperature: 0, inputs: { place: [first] } })]).toEqual(text.slice(2));
    expect(() => generate(model, [3, 1], { length: 6 })).toThrow(
      'generate: the model has the inputs ids, place, and the option inputs has none: give all but the one of the ids, which come from the prompt',
    );
    expect(() => generate(model, [3, 1], { length: 6, inputs: { ids: [[3, 1]], place: [first] } })).toThrow(
      'the option inputs has ids, place: give all but the one of the ids',
    );
    expect(() => generate(model, [3, 9], { length: 6, inputs: { place: [first] } })).toThrow('prompt[1] is 9');
    expect(() => generate(model, [3], { length: 6, inputs: { pluce: [first] } })).toThrow("unknown option 'pluce' (did you mean 'place'?)");
    expect(() => generate(network(), [3], { length: 6 })).toThrow('has 2 outputs, but generate needs one');
  });

  test('wrong input is refused by its name, and the states stay', () => {
    const stream = network().stream();
    const good = { words: 3, readings: [1, 2, 3], place: [0.5, 1] };
    stream.step(good);
    const { state } = stream;
    const refused = (x: unknown, code: string, message: RegExp) =>
      expect(() => stream.step(x as never)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
    refused({ ...good, place: [1] }, 'SHAPE', /^step: x\.place has shape \[1\], but one step of 1 sequences has shape \[1, 2\] or \[2\]$/);
    refused({ ...good, words: 7 }, 'DATA', /x\.words\[0\] is 7, expected an id of layer embedding/);
    refused({ ...good, readings: [1, Number.NaN, 3] }, 'DATA', /x\.readings\[1\] is NaN/);
    refused({ words: 3, readings: [1, 2, 3] }, 'ARGUMENT', /^step: x lacks 'place'/);
    refused([3, [1, 2, 3]], 'ARGUMENT', /^step: x must have one element for each of words, readings, place/);
    expect(() => stream.step(good, [new Float64Array(2)])).toThrow('step: out must be 2 arrays, one for each output');
    expect(() => stream.step(good, [new Float64Array(2), new Float64Array(2)])).toThrow('out has 2 elements');
    expect(stream.state).toEqual(state);
  });
});

describe('a stream names the layer that needs whole sequences', () => {
  const input = Input({ shape: [STEPS, FEATURES], name: 'readings' });
  const other = Input({ shape: [2], name: 'place' });
  const CASES: [string, (x: SymbolicTensor) => SymbolicTensor, string][] = [
    ['Bidirectional', (x) => new Bidirectional(new GRU(2)).apply(x), 'layer bidirectional (Bidirectional) needs whole sequences'],
    ['Flatten', (x) => new Flatten().apply(x), 'layer flatten (Flatten) needs whole sequences'],
    ['Reshape', (x) => new Reshape([FEATURES, STEPS]).apply(x), 'layer reshape (Reshape) needs whole sequences'],
    ['Permute', (x) => new Permute([2, 1]).apply(x), 'layer permute (Permute) needs whole sequences'],
    ['Concatenate of steps', (x) => new Concatenate({ axis: 1 }).apply([x, x]), 'layer concatenate (Concatenate) puts sequences one after'],
    ['Concatenate of steps, from behind', (x) => new Concatenate({ axis: -2 }).apply([x, x]), 'puts sequences one after the other'],
    ['goBackwards', (x) => new LSTM(2, { goBackwards: true }).apply(x), 'layer lstm (LSTM) has goBackwards: true, so it begins with'],
    [
      'initialState',
      (x) => new GRU(2).apply(x, { initialState: new Dense(2).apply(other) }),
      'layer gru (GRU) begins with the states of another layer',
    ],
    [
      'sequences and repeated values',
      (x) => new Concatenate().apply([x, new RepeatVector(STEPS).apply(other)]),
      'layer concatenate (Concatenate) joins sequences with values that have no steps',
    ],
  ];
  test.each(CASES)('%s', async (_label, layer, message) => {
    startOn(await loadBackend('reference'));
    const end = new Dense(1).apply(layer(new Activation('tanh').apply(input)));
    const model = new Model({ inputs: [input, other], outputs: [end, new Dense(1).apply(other)] });
    expect(() => model.stream()).toThrow(expect.objectContaining({ code: 'ARGUMENT', message: expect.stringContaining(message) }));
    expect(() => model.stream()).toThrow(/cannot run step by step(: give inputs that stay the same in the option context)?$/);
  });

  test('or the input of unknown length', () => {
    const context = Input({ shape: [null, 2, 2], name: 'context' });
    const place = Input({ shape: [null], name: 'free' });
    const model = new Model({
      inputs: [context, place],
      outputs: [new Activation('tanh').apply(context), new Activation('tanh').apply(place)],
    });
    expect(() => model.stream()).toThrow('stream: input free has samples of shape [?], but an input without steps needs a known shape');
  });
});
