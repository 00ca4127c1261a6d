import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Dense,
  Dropout,
  Embedding,
  GRU,
  type Layer,
  LSTM,
  type ModelStream,
  OneHot,
  type RecurrentOptions,
  Sequential,
  SimpleRNN,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends, everyBackend } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { selectBackend, startOn } from '../support/modelBackends.ts';
import { builtModel, type SampleInput, sampleShape, samples } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { streamTolerance } from '../support/tolerances.ts';

const [T, D, H, V] = [9, 3, 5, 7];
const FLOATS: SampleInput = { shape: [T, D] };
const IDS: SampleInput = { steps: T, ids: V };

const CELLS: [string, (options?: RecurrentOptions) => Layer][] = [
  ['SimpleRNN', (options) => new SimpleRNN(H, options)],
  ['LSTM', (options) => new LSTM(H, options)],
  ['GRU', (options) => new GRU(H, options)],
  ['GRU, reset before', (options) => new GRU(H, { ...options, resetAfter: false })],
];
type Make = (options?: RecurrentOptions) => Layer;

/** Models around a cell: what they read, and their layers. */
const MODELS: [string, SampleInput, (make: Make) => Layer[]][] = [
  ['alone, last output', FLOATS, (make) => [make()]],
  ['alone, every output', FLOATS, (make) => [make({ returnSequences: true })]],
  ['without bias, relu', FLOATS, (make) => [make({ useBias: false, activation: 'relu', returnSequences: true })]],
  ['two with Dense', FLOATS, (make) => [new Dense(4, { activation: 'tanh' }), make({ returnSequences: true }), make(), new Dense(2)]],
  ['with dropouts', FLOATS, (make) => [make({ returnSequences: true, dropout: 0.5 }), new Dropout(0.5), new Dense(2)]],
  ['on one-hot rows', IDS, (make) => [new OneHot(V), make(), new Dense(V, { activation: 'softmax' })]],
  ['on an embedding', IDS, (make) => [new Embedding(V, D), make({ returnSequences: true }), new Dense(V)]],
  ['masked', IDS, (make) => [new Embedding(V, D, { maskZero: true }), make({ returnSequences: true }), new Dense(2)]],
  ['masked, two', IDS, (make) => [new Embedding(V, D, { maskZero: true }), make({ returnSequences: true }), make(), new Dense(2)]],
  ['masked, zeros', IDS, (make) => [new Embedding(V, D, { maskZero: true }), make({ returnSequences: true, zeroOutputForMask: true })]],
];

/** Step `step` of samples, `[B, D]` or `[B]`. */
function stepOf({ shape, data }: Tensor, step: number): Tensor {
  const [batch, steps, ...rest] = shape;
  const width = rest[0] ?? 1;
  const values = Float64Array.from({ length: batch * width }, (_, index) => {
    return data[(Math.floor(index / width) * steps + step) * width + (index % width)];
  });
  return { shape: [batch, ...rest], data: values };
}

/** The first steps of samples. */
function prefix({ shape, data }: Tensor, steps: number): Tensor {
  const [batch, all, ...rest] = shape;
  const width = rest[0] ?? 1;
  const rows = Array.from({ length: batch }, (_, row) => Array.from(data.slice(row * all * width, (row * all + steps) * width)));
  return { shape: [batch, steps, ...rest], data: Float64Array.from(rows.flat()) };
}

/** What `predict` gives at the last step of the sequences so far, `[B, C]` flat. */
async function predictLast(model: Sequential, soFar: Tensor): Promise<number[]> {
  const { shape, data } = await model.predict(soFar);
  const outputs = shape[shape.length - 1];
  const row = data.length / shape[0];
  return Array.from({ length: shape[0] }, (_, b) => Array.from(data.slice((b + 1) * row - outputs, (b + 1) * row))).flat();
}

describe.each(await availableBackends())('a stream on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const exact = backend.name === 'reference';
  const expectOutput = (actual: ArrayLike<number>, expected: ArrayLike<number>, what: string) => {
    if (exact) expect(Array.from(actual), what).toEqual(Array.from(expected));
    else expectClose(actual, expected, streamTolerance(backend), what);
  };
  const make = (layers: Layer[], input: SampleInput, seed = 3) => builtModel(layers, sampleShape(input), new RandomArrays(seed));
  const lstm = () => make([new LSTM(H, { returnSequences: true }), new GRU(H), new Dense(2)], FLOATS);
  const run = (stream: ModelStream, x: Tensor, from = 0, to = T) =>
    Array.from({ length: to - from }, (_, step) => Array.from(stream.step(stepOf(x, from + step))));

  describe.each(CELLS)('%s', (_cell, cell) => {
    test.each(MODELS)('%s: each step gives what predict gives for the sequence so far', async (_label, input, layers) => {
      const model = make(layers(cell), input);
      for (const batchSize of [1, 3]) {
        const x = samples(input, batchSize, new RandomArrays(batchSize));
        const stream = model.stream({ batchSize });
        for (let step = 0; step < T; step++) {
          const output = stream.step(stepOf(x, step));
          expect(output.length).toBe(stream.outputShape[0] * stream.outputShape[1]);
          expectOutput(output, await predictLast(model, prefix(x, step + 1)), `step ${step} of ${batchSize}`);
        }
        stream.dispose();
      }
    });

    test('a padding id keeps states and output', () => {
      const model = make([new Embedding(V, D, { maskZero: true }), cell(), new Dense(2)], IDS);
      const stream = model.stream();
      const output = stream.step(3);
      const { state } = stream;
      expect(stream.step(0)).toEqual(output);
      expect(stream.state).toEqual(state);
      expect(stream.step(3)).not.toEqual(output);
    });

    test('cannot run backwards', () => {
      const model = make([new Dense(4), cell({ name: 'reader', goBackwards: true })], FLOATS);
      expect(() => model.stream()).toThrow(
        expect.objectContaining({ code: 'ARGUMENT', message: expect.stringMatching(/^layer reader \(.*goBackwards/) }),
      );
    });
  });

  test('of layers without memory works step by step', async () => {
    const model = make([new Embedding(V, D), new Dense(2)], IDS);
    const stream = model.stream();
    expect(stream.state).toEqual({});
    for (const id of [4, 0, 4]) expectOutput(stream.step(id), (await model.predict([[id]])).data, `output of ${id}`);
  });

  test('any number side by side, each by itself', () => {
    const model = lstm();
    const inputs = [1, 2, 3].map((seed) => samples(FLOATS, 1, new RandomArrays(seed)));
    const alone = inputs.map((x) => run(model.stream(), x));
    const streams = inputs.map(() => model.stream());
    const together: number[][][] = inputs.map(() => []);
    for (let step = 0; step < T; step++) for (const [n, x] of inputs.entries()) together[n].push(...run(streams[n], x, step, step + 1));
    expect(together).toEqual(alone);
  });

  test('begins anew after reset, goes on from a state, and can be forked', () => {
    const model = lstm();
    const x = samples(FLOATS, 2, new RandomArrays(4));
    const stream = model.stream({ batchSize: 2 });
    const first = run(stream, x, 0, 4);
    const saved = stream.state;
    const rest = run(stream, x, 4);
    stream.state = saved;
    expect(run(stream, x, 4)).toEqual(rest);
    stream.reset();
    expect(run(stream, x, 0, 4)).toEqual(first);
    const fork = model.stream({ batchSize: 2 });
    fork.state = JSON.parse(
      JSON.stringify(saved, (_key, value) => (ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value)),
      (_key, value) => (value?.data ? { ...value, data: Float64Array.from(value.data) } : value),
    );
    expect(run(fork, x, 4)).toEqual(rest);
  });

  test('tells its states by layer, in copies', async () => {
    const model = lstm();
    const x = samples(FLOATS, 2, new RandomArrays(4));
    const stream = model.stream({ batchSize: 2 });
    const zeros = stream.state;
    expect(Object.entries(zeros).map(([layer, states]) => [layer, Object.keys(states)])).toEqual([
      ['lstm', ['h', 'c']],
      ['gru', ['h']],
    ]);
    for (const states of Object.values(zeros))
      for (const { shape, data } of Object.values(states)) {
        expect(shape).toEqual([2, H]);
        expect(data.every((value) => value === 0)).toBe(true);
      }
    run(stream, x);
    expect(zeros.lstm.h.data.every((value) => value === 0)).toBe(true);
    // h of a layer is its output.
    const below = make([new LSTM(H)], FLOATS);
    below.setWeights(model.getWeights().slice(0, 3));
    expectOutput(stream.state.lstm.h.data, (await below.predict(x)).data, 'h');
    stream.state.gru.h.data.fill(9);
    expect(stream.state.gru.h.data).not.toContain(9);
  });

  test('returns arrays of its own, or fills and returns the given one', () => {
    const model = lstm();
    const x = stepOf(samples(FLOATS, 1, new RandomArrays(4)), 0);
    const stream = model.stream();
    const first = stream.step(x);
    const copy = first.slice();
    const out = new Float64Array(2);
    expect(stream.step(x, out)).toBe(out);
    expect(out).not.toEqual(new Float64Array(2));
    expect(first).toEqual(copy);
    expect(first).toBeInstanceOf(exact ? Float64Array : Float32Array);
    stream.reset();
    expect(Array.from(stream.step(Array.from(x.data)))).toEqual(Array.from(copy));
    stream.reset();
    expect(Array.from(stream.step([Array.from(x.data)]))).toEqual(Array.from(copy));
  });

  test.each([
    ['setWeights', async (model: Sequential, other: Sequential) => model.setWeights(other.getWeights())],
    [
      'fit',
      async (model: Sequential) => {
        await model.fit(samples(FLOATS, 4, new RandomArrays(8)), { shape: [4, 2], data: new Float32Array(8) }, { verbose: 0 });
      },
    ],
    [
      'setWeights and compile',
      async (model: Sequential, other: Sequential) => {
        model.setWeights(other.getWeights());
        model.compile({ optimizer: 'adam', loss: 'mse' });
      },
    ],
  ])('sees the weights of the moment and keeps its states: %s between two steps', async (_label, change) => {
    const x = samples(FLOATS, 1, new RandomArrays(4));
    const model = lstm();
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const stream = model.stream();
    run(stream, x, 0, 5);
    const { state } = stream;
    await change(model, make([new LSTM(H, { returnSequences: true }), new GRU(H), new Dense(2)], FLOATS, 77));
    expect(stream.state).toEqual(state);
    const fresh = make([new LSTM(H, { returnSequences: true }), new GRU(H), new Dense(2)], FLOATS);
    fresh.setWeights(model.getWeights());
    const expected = fresh.stream();
    expected.state = state;
    expect(run(stream, x, 5)).toEqual(run(expected, x, 5));
    const unchanged = lstm().stream();
    unchanged.state = state;
    expect(run(unchanged, x, 5)).not.toEqual(run(stream, x, 5));
  });

  test('takes part while its model trains', async () => {
    const model = lstm();
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const stream = model.stream();
    const x = samples(FLOATS, 1, new RandomArrays(4));
    const outputs: number[][] = [];
    const onEpochEnd = () => {
      stream.reset();
      outputs.push(run(stream, x)[T - 1]);
    };
    const [many, y] = [samples(FLOATS, 4, new RandomArrays(8)), { shape: [4, 2], data: new Float32Array(8) }];
    await model.fit(many, y, { epochs: 3, verbose: 0, callbacks: [{ onEpochEnd }] });
    expect(new Set(outputs.map(String)).size).toBe(3);
    expectOutput(outputs[2], await predictLast(model, x), 'output after training');
  });

  test('has ended when the layers change, or it or its model is disposed', () => {
    const ended = (stream: ModelStream, message: RegExp) => {
      for (const use of [() => stream.step(new Float32Array(D)), () => stream.state, () => stream.reset()]) {
        expect(use).toThrow(expect.objectContaining({ code: 'STATE', message: expect.stringMatching(message) }));
      }
    };
    const grown = lstm();
    const [before, other] = [grown.stream(), grown.stream()];
    other.dispose();
    other.dispose();
    ended(other, /disposed/);
    before.step(new Float32Array(D));
    grown.add(new Dense(1));
    ended(before, /layers of model sequential have changed/);
    const after = grown.stream();
    expect(after.step(new Float32Array(D)).length).toBe(1);
    {
      using scoped = grown.stream();
      scoped.step(new Float32Array(D));
    }
    grown.dispose();
    ended(after, /disposed/);
    expect(() => grown.stream()).toThrow(expect.objectContaining({ code: 'STATE' }));
  });

  test.each([
    ['too few features', new Float32Array(2), 'SHAPE', /x has shape \[2\].*layer lstm has shape \[1, 3\] or \[3\]/],
    [
      'a step of two sequences',
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
      'SHAPE',
      /x has shape \[2, 3\]/,
    ],
    ['a whole sequence', [[[1, 2, 3]]], 'SHAPE', /x has shape \[1, 1, 3\]/],
    ['a number for features', 1, 'SHAPE', /x has shape \[1\]/],
    ['NaN', [1, Number.NaN, 3], 'DATA', /x\[1\] is NaN/],
    ['what a float32 cannot hold', [1, 1e39, 3], 'DATA', /x\[1\] is 1e\+39/],
    ['nothing', undefined, 'ARGUMENT', /x must be/],
    ['text', 'abc', 'ARGUMENT', /x must be/],
  ])('refuses %s and stays as it was', (_label, x, code, message) => {
    const stream = lstm().stream();
    stream.step([1, 2, 3]);
    const { state } = stream;
    const step = () => stream.step(x as never);
    expect(step).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
    expect(stream.state).toEqual(state);
  });

  test('refuses ids outside the vocabulary', () => {
    const stream = make([new Embedding(V, D), new LSTM(H)], IDS).stream();
    for (const id of [V, -1, 1.5, Number.NaN])
      expect(() => stream.step(id)).toThrow(
        expect.objectContaining({ code: 'DATA', message: expect.stringMatching(/x\[0\] is .*embedding/) }),
      );
    expect(() => stream.step([1, 2])).toThrow(expect.objectContaining({ code: 'SHAPE' }));
  });

  test('refuses an output array that does not fit, before it does the step', () => {
    const stream = lstm().stream();
    const { state } = stream;
    const step = (out: unknown) => () => stream.step([1, 2, 3], out as Float32Array);
    expect(step(new Float32Array(3))).toThrow(expect.objectContaining({ code: 'SHAPE', message: expect.stringMatching(/out has 3/) }));
    expect(step([0, 0])).toThrow(expect.objectContaining({ code: 'ARGUMENT', message: expect.stringMatching(/out must be/) }));
    expect(stream.state).toEqual(state);
  });

  test.each([
    ['no object', 5, 'ARGUMENT', /state must be an object/],
    ['a layer that has none', { dense: {} }, 'ARGUMENT', /^state: no layer 'dense'; the layers with states are lstm, gru$/],
    [
      'a state that is not there',
      { lstm: { h: [[1, 2, 3, 4, 5]], c: [[1, 2, 3, 4, 5]] }, gru: { c: [] } },
      'ARGUMENT',
      /state.gru: unknown option 'c'/,
    ],
    ['too few layers', { lstm: { h: [[1, 2, 3, 4, 5]], c: [[1, 2, 3, 4, 5]] } }, 'ARGUMENT', /state.gru.h is missing/],
    [
      'another shape',
      { lstm: { h: [[1, 2]], c: [[1, 2]] }, gru: { h: [[1, 2]] } },
      'SHAPE',
      /state.lstm.h has shape \[1, 2\], expected \[1, 5\]/,
    ],
    [
      'NaN in the last',
      { lstm: { h: [[1, 2, 3, 4, 5]], c: [[1, 2, 3, 4, 5]] }, gru: { h: [[1, 2, 3, 4, Number.NaN]] } },
      'DATA',
      /state.gru.h\[0\]\[4\] is NaN/,
    ],
  ])('refuses as states %s, and keeps its own', (_label, states, code, message) => {
    const stream = lstm().stream();
    stream.step([1, 2, 3]);
    const { state } = stream;
    const set = () => {
      stream.state = states as never;
    };
    expect(set).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
    expect(stream.state).toEqual(state);
  });

  test('refuses models that are not built or read no sequences, and unknown options', () => {
    const error = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });
    expect(() => new Sequential([new LSTM(2)]).stream()).toThrow(error('STATE', /not built/));
    expect(() => make([new Dense(1)], { shape: [2] }).stream()).toThrow(
      error('SHAPE', /no input is a sequence; the samples have shape \[2\], without steps/),
    );
    for (const batchSize of [0, 1.5, '1']) expect(() => lstm().stream({ batchSize } as never)).toThrow(error('ARGUMENT', /batchSize/));
    expect(() => lstm().stream({ batchsize: 1 } as never)).toThrow(error('ARGUMENT', /unknown option 'batchsize'/));
  });

  test('moves to another backend with its model', async () => {
    const x = samples(FLOATS, 1, new RandomArrays(4));
    for (const { backend: other, label } of await everyBackend()) {
      startOn(backend);
      const model = lstm();
      const stream = model.stream();
      run(stream, x, 0, 4);
      selectBackend(other);
      model.compile({ loss: 'mse' });
      run(stream, x, 4, 8);
      const output = run(stream, x, 8)[0];
      expectClose(output, await predictLast(model, x), streamTolerance(backend, other), `from ${backend.build} to ${label}`);
    }
  });
});

describe.each(await availableBackends())('weights of streams on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => vi.restoreAllMocks());

  test('are packed when they have changed, and not at each step', async () => {
    const model = builtModel([new LSTM(H, { returnSequences: true }), new GRU(H), new Dense(1)], [T, D], new RandomArrays(3));
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const run = vi.spyOn(backend, 'run');
    const packings = () => {
      const count = run.mock.calls.flatMap(([calls]) => calls).filter(({ kernel }) => kernel === 'packSequence').length;
      run.mockClear();
      return count;
    };
    const streams = [model.stream(), model.stream({ batchSize: 4 })] as const;
    const step = () => streams.map((stream) => stream.step(new Float32Array(stream.batchSize * D).fill(0.5)));
    for (let count = 0; count < 5; count++) step();
    // Two layers in each stream.
    expect(packings()).toBe(4);
    model.setWeights(model.getWeights().map(({ shape, data }) => ({ shape, data: data.map((value) => -value) })));
    step();
    expect(packings()).toBe(4);
    await model.fit({ shape: [1, T, D], data: new Float64Array(T * D).fill(1) }, [1], { epochs: 2, verbose: 0, workers: 0 });
    packings();
    step();
    step();
    expect(packings()).toBe(4);
  });
});
