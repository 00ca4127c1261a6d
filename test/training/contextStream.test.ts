import { beforeEach, describe, expect, test } from 'vitest';
import {
  Adam,
  Add,
  Bidirectional,
  Concatenate,
  Dense,
  Embedding,
  GRU,
  generate,
  Input,
  LSTM,
  LSTMCell,
  Model,
  ops,
  RepeatVector,
  RNN,
  SGD,
  type StreamOptions,
  type SymbolicTensor,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { streamTolerance } from '../support/tolerances.ts';

const random = new RandomArrays(8);
const [BATCH, LENGTH, STEPS, WORDS, UNITS] = [2, 4, 5, 7, 3];
const QUESTION: Tensor = { shape: [BATCH, LENGTH], data: Int32Array.of(1, 2, 3, 0, 6, 5, 0, 0) };
const ANSWER: Tensor = { shape: [BATCH, STEPS], data: random.integers(BATCH * STEPS, WORDS) };
const PLACE = tensor([BATCH, UNITS], random);

/**
 * Sentence to sentence: an encoder in both directions with a mask, and a decoder that begins with
 * its states.
 */
function translator(kind: 'LSTM' | 'RNN' = 'LSTM') {
  const question = Input({ shape: [null], name: 'question' });
  const answer = Input({ shape: [null], name: 'answer' });
  const embedding = new Embedding(WORDS, 4, { maskZero: true });
  const [read, fh, fc, bh, bc] = new Bidirectional(new LSTM<boolean>(UNITS, { returnState: true })).applyAll(embedding.apply(question)) as [
    SymbolicTensor,
    SymbolicTensor,
    SymbolicTensor,
    SymbolicTensor,
    SymbolicTensor,
  ];
  const states = [new Add().apply([fh, bh]), new Add().apply([fc, bc])];
  const options = { returnSequences: true, name: 'decoder' } as const;
  const decoder = kind === 'LSTM' ? new LSTM(UNITS, options) : new RNN(new LSTMCell(UNITS), options);
  const written: SymbolicTensor = decoder.apply(new Embedding(WORDS, 4).apply(answer), { initialState: states });
  // What the encoder has read comes to each step as well.
  const informed = ops.add(written, new Dense(UNITS).apply(read));
  return randomized(new Model({ inputs: [question, answer], outputs: new Dense(WORDS, { activation: 'softmax' }).apply(informed) }));
}

function randomized<M extends Model>(model: M): M {
  const weights = new RandomArrays(6);
  model.setWeights(model.weights.map(({ shape }) => tensor(shape, weights, -2, 2)));
  return model;
}

const steps = ({ data }: Tensor, to: number): Tensor => ({
  shape: [BATCH, to],
  data: Int32Array.from({ length: BATCH * to }, (_, index) => data[Math.floor(index / to) * STEPS + (index % to)] as number),
});
const stepAt = ({ data }: Tensor, step: number) => Int32Array.from({ length: BATCH }, (_, row) => data[row * STEPS + step] as number);
const lastOf = ({ shape, data }: Tensor) => {
  const [batch, length, width] = shape as [number, number, number];
  return Array.from({ length: batch }, (_, row) => [...data.slice(((row + 1) * length - 1) * width, (row + 1) * length * width)]).flat();
};

describe.each(await availableBackends())('a stream with a context on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const expectOutput = (actual: ArrayLike<number>, expected: ArrayLike<number>, what: string) =>
    expectClose(actual, expected, backend.name === 'reference' ? { absolute: 1e-14 } : streamTolerance(backend), what);

  test.each(['LSTM', 'RNN'] as const)('each step of a decoder, %s, gives what predict gives', async (kind) => {
    const model = translator(kind);
    const stream = model.stream({ batchSize: BATCH, context: { question: QUESTION } });
    expect(stream.inputNames).toEqual(['answer']);
    const run = async () => {
      for (let step = 0; step < STEPS; step++) {
        const expected = (await model.predict([QUESTION, steps(ANSWER, step + 1)])) as Tensor;
        expectOutput(stream.step(stepAt(ANSWER, step)), lastOf(expected), `step ${step}`);
      }
    };
    await run();
    stream.reset();
    await run();
  });

  test('states begin with those of the encoder, can be read and set, and outlive compile', async () => {
    const model = translator();
    const stream = model.stream({ batchSize: BATCH, context: { question: QUESTION } });
    expect(Object.keys(stream.state)).toEqual(['decoder']);
    const begun = stream.state;
    expect(begun.decoder?.h?.data.some((value) => value !== 0)).toBe(true);
    const first = [...stream.step(stepAt(ANSWER, 0))];
    const { state } = stream;
    const second = [...stream.step(stepAt(ANSWER, 1))];
    stream.state = state;
    model.compile({ optimizer: new SGD(), loss: 'sparseCategoricalCrossentropy' });
    expectOutput(stream.step(stepAt(ANSWER, 1)), second, 'after compile');
    stream.reset();
    expect(stream.state).toEqual(begun);
    expect([...stream.step(stepAt(ANSWER, 0))]).toEqual(first);
  });

  test('initial states from inputs, and from a vector; one sequence may be given without its batch', async () => {
    const [x, h, c] = [Input({ shape: [null, 2], name: 'x' }), Input({ shape: [UNITS], name: 'h' }), Input({ shape: [1], name: 'kind' })];
    const start = new Dense(UNITS).apply(new Concatenate().apply([h, c]));
    const model = randomized(
      new Model({ inputs: [x, h, c], outputs: new GRU(UNITS, { returnSequences: true }).apply(x, { initialState: start }) }),
    );
    const series = tensor([1, STEPS, 2], random);
    const expected = ((await model.predict([series, { shape: [1, UNITS], data: PLACE.data.slice(0, UNITS) }, [[3]]])) as Tensor).data;
    for (const [place, kind] of [
      [[...PLACE.data.slice(0, UNITS)], 3],
      [[[...PLACE.data.slice(0, UNITS)]], [[3]]],
    ] as const) {
      const stream = model.stream({ context: { h: place as number[], kind } });
      const found = Array.from({ length: STEPS }, (_, step) => [...stream.step(series.data.slice(2 * step, 2 * step + 2))]).flat();
      expectOutput(found, expected, 'all steps');
    }
  });

  test('a whole decoder of a fixed number of steps may be part of the context', async () => {
    const [question, x] = [Input({ shape: [null], name: 'question' }), Input({ shape: [null, 2], name: 'x' })];
    const read = new GRU(UNITS).apply(new Embedding(WORDS, 4).apply(question));
    const repeated = new GRU(UNITS).apply(new RepeatVector(3).apply(read));
    const joined = new Concatenate().apply([new GRU(2).apply(x), repeated]);
    const model = randomized(new Model({ inputs: [question, x], outputs: { joined, read } }));
    const stream = model.stream({ batchSize: BATCH, context: { question: QUESTION } });
    const series = tensor([BATCH, 1, 2], random);
    const expected = (await model.predict([QUESTION, series])) as unknown as { joined: Tensor; read: Tensor };
    const { joined: found, read: same } = stream.step(series.data) as unknown as Record<'joined' | 'read', Float32Array>;
    expectOutput(found, expected.joined.data, 'joined');
    expectOutput(same, expected.read.data, 'an output of the context');
  });

  test('generate decodes what the encoder has read', async () => {
    const model = translator();
    const question = [1, 2, 3];
    const expected: number[] = [];
    for (let count = 0; count < STEPS; count++) {
      const scores = lastOf((await model.predict([[question], [[1, ...expected]]])) as Tensor);
      expected.push(scores.indexOf(Math.max(...scores)));
    }
    for (const given of [question, [question]])
      expect([...generate(model, [1], { length: STEPS, temperature: 0, inputs: { question: given } })]).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(1);
  });

  test('generate learns to repeat a question backwards', async () => {
    const [question, answer] = [Input({ shape: [3], name: 'question' }), Input({ shape: [null], name: 'answer' })];
    const state = new GRU(24).apply(new Embedding(5, 6).apply(question));
    const written = new GRU(24, { returnSequences: true }).apply(new Embedding(5, 6).apply(answer), { initialState: state });
    const model = new Model({ inputs: [question, answer], outputs: new Dense(5, { activation: 'softmax' }).apply(written) });
    model.compile({ optimizer: new Adam({ learningRate: 0.02 }), loss: 'sparseCategoricalCrossentropy' });
    const all = [1, 2, 3].flatMap((a) => [1, 2, 3].flatMap((b) => [1, 2, 3].map((c) => [a, b, c])));
    const backwards = all.map((row) => [...row].reverse());
    // The decoder begins with 4, and is given what it should have written.
    await model.fit([all, backwards.map(([a, b]) => [4, a as number, b as number])], backwards, {
      epochs: 150,
      batchSize: 27,
      verbose: 0,
    });
    const right = all.filter((row, index) => {
      const written = [...generate(model, [4], { length: 3, temperature: 0, inputs: { question: row } })];
      return written.join() === backwards[index]?.join();
    });
    expect(right.length).toBeGreaterThan(22);
  });

  test.each<[string, StreamOptions, RegExp]>([
    [
      'a name that is not an input',
      { context: { questions: [1] } },
      /^stream: context: unknown option 'questions' \(did you mean 'question'\?\)/,
    ],
    [
      'no context',
      {},
      /^layer bidirectional \(Bidirectional\) needs whole sequences .*: give inputs that stay the same in the option context$/,
    ],
    [
      'another batch',
      { batchSize: 2, context: { question: [[1, 2]] } },
      /^stream: context.question has shape \[1, 2\], but the stream has 2 sequences$/,
    ],
    ['another shape', { context: { question: [[[1, 2]]] } }, /^stream: context.question has samples of shape \[1, 2\], but layer/],
    ['a wrong id', { context: { question: [1, 9] } }, /^context.question\[0\]\[1\] is 9, expected an id of layer embedding/],
    [
      'all inputs',
      { context: { question: [1], answer: [1] } },
      /^stream: context has every input, question, answer: leave out those of the steps$/,
    ],
  ])('is refused: %s', (_label, options, message) => {
    expect(() => translator().stream(options)).toThrow(message);
  });

  test('a sequence of the context is not joined with the steps', () => {
    const [question, x] = [Input({ shape: [STEPS, 2], name: 'question' }), Input({ shape: [null, 2], name: 'x' })];
    const model = new Model({
      inputs: [question, x],
      outputs: new Add().apply([x, new GRU(2, { returnSequences: true }).apply(question)]),
    });
    const context = { question: tensor([1, STEPS, 2], random) };
    expect(() => model.stream({ context })).toThrow(/^layer add \(Add\) joins sequences with values that have no steps/);
    expect(() => generate(translator(), [1], { length: 2, inputs: { questions: [1] } })).toThrow(
      /^generate: inputs: unknown option 'questions'/,
    );
  });
});
