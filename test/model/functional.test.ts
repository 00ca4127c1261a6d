import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import {
  Add,
  ArgumentError,
  DataError,
  Dense,
  Dropout,
  Embedding,
  type FloatArray,
  FormatError,
  GRU,
  Input,
  LSTM,
  loadBackend,
  loadModel,
  Model,
  modelToBytes,
  type Predicted,
  Sequential,
  SGD,
  ShapeError,
  SimpleRNN,
  StateError,
  type SymbolicTensor,
  type Tensor,
} from '../../ts/index.ts';
import '../../ts/formats/entry.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient } from '../support/modelGradients.ts';
import { expectSameWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const random = new RandomArrays(1);
const SERIES = tensor([6, 4, 3], random);
const IDS = { shape: [6, 5], data: random.integers(30, 7) };
const Y = tensor([6, 2], random);

const compile = (model: Model) => model.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'mse' });

describe.each(await availableBackends())('a model of inputs and outputs on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test('that is a chain trains to the same bits as Sequential, whatever its dropout', async () => {
    const layers = () => [new GRU(4, { returnSequences: true, dropout: 0.2 }), new Dropout(0.3), new SimpleRNN(3), new Dense(2)];
    const run = async (make: () => Model) => {
      startOn(backend, 4);
      const model = make();
      compile(model);
      await model.fit(SERIES, Y, { epochs: 3, batchSize: 4, verbose: 0 });
      return model;
    };
    const chain = await run(() => new Sequential(layers()));
    const graph = await run(() => {
      const input = Input({ shape: [null, 3] });
      return new Model({ inputs: input, outputs: layers().reduce<SymbolicTensor>((tensor, layer) => layer.apply(tensor), input) });
    });
    expectSameWeights(graph, chain);
    expect((await graph.predict(SERIES)).data).toEqual((await chain.predict(SERIES)).data);
  });

  test('is saved and loaded with its wiring, predicts the same bits and trains on', async () => {
    const input = Input({ shape: [null, 3], name: 'readings' });
    const shared = new Dense(3, { name: 'shared', activation: 'tanh' });
    const output = new Dense(2).apply(new LSTM(4).apply(shared.apply(shared.apply(input))));
    const model = new Model({ inputs: input, outputs: output, name: 'twice' });
    model.compile({ optimizer: 'adam', loss: 'mse' });
    await model.fit(SERIES, Y, { verbose: 0 });
    const loaded = await loadModel<Model>(await modelToBytes(model));
    expect(loaded.name).toBe('twice');
    expect(loaded.layers.map(({ name }) => name)).toEqual(['readings', 'shared', 'lstm', 'dense']);
    for (const each of [model, loaded]) await each.fit(SERIES, Y, { verbose: 0, epochs: 2 });
    expectSameWeights(loaded, model);
    expect((await loaded.predict(SERIES)).data).toEqual((await model.predict(SERIES)).data);
  });

  test('takes the samples of its inputs as an array or by name, and checks each', async () => {
    const ids = Input({ shape: [null], name: 'words' });
    const series = Input({ shape: [null, 3], name: 'readings' });
    const read = new LSTM(4).apply(new Embedding(7, 3).apply(ids));
    const model = new Model({ inputs: [ids, series], outputs: [new Dense(2).apply(read), new GRU(3).apply(series)] });
    const outputs = await model.predict([IDS, SERIES]);
    expect(outputs.map(({ shape }) => shape)).toEqual([
      [6, 2],
      [6, 3],
    ]);
    expect(await model.predict({ readings: SERIES, words: IDS })).toEqual(outputs);
    const refused = async (x: unknown, errorClass: unknown, message: RegExp) => {
      const failure = await model.predict(x as never).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(errorClass);
      expect((failure as Error).message).toMatch(message);
    };
    await refused([IDS], ArgumentError, /^x must have one element for each of words, readings, got an array of 1$/);
    await refused(IDS, ArgumentError, /^x has 'shape', expected one of words, readings$/);
    await refused({ words: IDS }, ArgumentError, /^x lacks 'readings'/);
    await refused([IDS, tensor([5, 4, 3], random)], ShapeError, /^x.readings has 5 samples, but x.words has 6/);
    await refused([IDS, tensor([6, 4, 2], random)], ShapeError, /^x.readings has samples of shape \[4, 2\], but layer gru \(GRU\) takes/);
    await refused([{ shape: [6, 5], data: random.integers(30, 7).map(() => 7) }, SERIES], DataError, /^x.words\[0\]\[0\] is 7/);
  });

  // https://keras.io/api/models/model_training_apis/#compile-method: a list of as many entries as outputs has one for each.
  test.each([
    ['one for each output', ['mae', 'accuracy'], ['moodMae', 'nextAccuracy']],
    ['one name for all', 'mae', ['moodMae', 'nextMae']],
    ['a list for all', ['mae'], ['moodMae', 'nextMae']],
    ['a longer list for all', ['mae', 'mse', 'accuracy'], ['moodMae', 'moodMse', 'moodAccuracy', 'nextMae', 'nextMse', 'nextAccuracy']],
    ['none for one output', [null, 'mae'], ['nextMae']],
    ['one and a list', ['mae', ['mae', 'mse']], ['moodMae', 'nextMae', 'nextMse']],
    ['a name by the name of the output', { next: 'mae' }, ['nextMae']],
    ['none by the name of the output', { next: null, mood: ['mse'] }, ['moodMse']],
  ] as const)('metrics of two outputs: %s', async (_, metrics, expected) => {
    const x = Input({ shape: [3] });
    const model = new Model({ inputs: x, outputs: { mood: new Dense(2).apply(x), next: new Dense(2).apply(x) } });
    model.compile({ optimizer: 'sgd', loss: 'mse', metrics });
    const { history } = await model.fit(tensor([4, 3], random), [tensor([4, 2], random), tensor([4, 2], random)], { verbose: 0 });
    expect(Object.keys(history)).toEqual(['loss', 'moodLoss', 'nextLoss', ...expected]);
  });

  test('names of one’s own are those of data, losses, the history and predictions, also in the loaded model', async () => {
    const [ids, series] = [Input({ shape: [null], name: 'words' }), Input({ shape: [null, 3] })];
    const read = new LSTM(4).apply(new Embedding(7, 3).apply(ids));
    const outputs = { mood: new Dense(2).apply(read), next: new GRU(3).apply(series) };
    const model = new Model({ inputs: { text: ids, readings: series }, outputs });
    model.compile({ optimizer: 'sgd', loss: { next: 'mae', mood: 'mse' }, lossWeights: { mood: 2 } });
    const [x, y] = [
      { readings: SERIES, text: IDS },
      { next: tensor([6, 3], random), mood: Y },
    ];
    const loaded = await loadModel<typeof model>(await modelToBytes(model));
    for (const each of [model, loaded]) {
      const predicted = await each.predict(x);
      expect(Object.keys(predicted)).toEqual(['mood', 'next']);
      expectTypeOf(predicted).toEqualTypeOf<{ mood: Tensor<FloatArray>; next: Tensor<FloatArray> }>();
      expect([predicted.mood.shape, predicted.next.shape]).toEqual([
        [6, 2],
        [6, 3],
      ]);
      expect(await each.predict([IDS, SERIES])).toEqual(predicted);
      const { history } = await each.fit(x, y, { verbose: 0 });
      expect(Object.keys(history)).toEqual(['loss', 'moodLoss', 'nextLoss']);
    }
    expectSameWeights(loaded, model);
    for (const [names, message] of [
      [['mood'], /^the saved model's outputNames has 1 names for 2 tensors$/],
      [['mood', 'mood'], /graph\.outputNames .*an array of different strings/],
      [['mood', 1], /graph\.outputNames .*an array of different strings/],
    ] as const) {
      const state = model.getState();
      const load = () => Model.fromState({ ...state, graph: { ...state.graph, outputNames: names } });
      expect(load).toThrow(FormatError);
      expect(load).toThrow(message);
    }
    await expect(model.predict({ words: IDS, readings: SERIES })).rejects.toThrow(/^x has 'words', expected one of text, readings$/);
  });

  test('one output in an object gives an object, one output in an array a tensor', async () => {
    const input = Input({ shape: [null, 3] });
    const read = new GRU(2).apply(input);
    const named = new Model({ inputs: { readings: input }, outputs: { state: read } });
    named.compile({ optimizer: 'sgd', loss: { state: 'mse' } });
    await named.fit({ readings: SERIES }, { state: Y }, { verbose: 0 });
    const { state } = await named.predict({ readings: SERIES });
    const only = await new Model({ inputs: [input], outputs: [read] }).predict([SERIES]);
    const alone = await new Model({ inputs: input, outputs: read }).predictOnBatch(SERIES);
    expectTypeOf(only).toEqualTypeOf<Tensor<FloatArray>>();
    expectTypeOf(alone).toEqualTypeOf<Tensor<FloatArray>>();
    expect(only).toEqual(state);
    expect(alone).toEqual(state);
  });

  test('the types of predictions follow the outputs', () => {
    const [first, ...more] = new LSTM(2, { returnState: true }).apply(Input({ shape: [null, 3] }));
    expectTypeOf<Predicted<readonly [SymbolicTensor, SymbolicTensor]>>().toEqualTypeOf<[Tensor<FloatArray>, Tensor<FloatArray>]>();
    expectTypeOf<Predicted<readonly [typeof first, ...typeof more]>['length']>().toEqualTypeOf<3>();
    expectTypeOf<Predicted<SymbolicTensor[]>>().toEqualTypeOf<Tensor<FloatArray>[]>();
    expectTypeOf<Awaited<ReturnType<Sequential['predict']>>>().toEqualTypeOf<Tensor<FloatArray>>();
    expectTypeOf<Awaited<ReturnType<Model['predict']>>>().toBeAny();
  });

  test('an input may be read as ids and as numbers', async () => {
    const input = Input({ shape: [5] });
    const both = [new LSTM(2).apply(new Embedding(7, 3).apply(input)), new Dense(2).apply(input)];
    const model = new Model({ inputs: input, outputs: both });
    const [, dense] = await model.predict(IDS);
    const alone = new Sequential([model.getLayer('dense').clone()]);
    expect((await alone.predict(IDS)).data).toEqual(dense.data);
  });

  test.each<[string, () => Model]>([
    [
      'a graph',
      () => {
        const input = Input({ shape: [4, 3] });
        const hidden = new GRU(4, { returnSequences: true, name: 'hidden' }).apply(input);
        return new Model({ inputs: input, outputs: new Dense(2).apply(hidden) });
      },
    ],
    ['a Sequential', () => new Sequential([new GRU(4, { returnSequences: true, name: 'hidden' }), new Dense(2)])],
  ])('layer.output of %s begins a model of what an inner layer computes', async (_, make) => {
    const model = make();
    const first = await model.predict(SERIES);
    const layer = model.getLayer('hidden');
    const inner = new Model({ inputs: layer.input, outputs: [layer.output, model.getLayer(-1 + model.layers.length).output] });
    const [hidden, last] = (await inner.predict(SERIES)) as Tensor[];
    expect(hidden?.shape).toEqual([6, 4, 4]);
    expect(last?.data).toEqual(first.data);
    expect(layer.input).toBe(model.inputs[0]);
    expect(inner.getLayer('hidden')).toBe(layer);
  });

  test('layer.input and layer.output have the tensors of the one use', () => {
    const [a, b] = [Input({ shape: [3] }), Input({ shape: [3] })];
    const sum = new Add();
    expect(() => sum.output).toThrow(StateError);
    expect(() => sum.output).toThrow(/^output: layer add \(Add\) is not used: build its model$/);
    const out = sum.apply([a, b]);
    expect([sum.input, sum.output]).toEqual([[a, b], out]);
    const lstm = new LSTM(2, { returnState: true });
    const states = lstm.apply(Input({ shape: [4, 3] }));
    expect(lstm.output).toEqual(states);
    sum.apply([b, a]);
    for (const what of ['input', 'output'] as const) expect(() => sum[what]).toThrow(/is used more than once: keep what apply returns$/);
    // A model that uses it once answers for it.
    new Model({ inputs: [a, b], outputs: out });
    expect(sum.output).toBe(out);
    const growing = new Sequential([new Dense(2, { inputShape: [3] })]);
    growing.add(new Dense(1));
    expect(growing.layers.map((layer) => (layer.output as SymbolicTensor).shape)).toEqual([[2], [1]]);
  });

  test('wrong wiring is refused by name', () => {
    const input = Input({ shape: [null, 3], name: 'a' });
    const other = Input({ shape: [null, 3], name: 'b' });
    const output = new GRU(2, { name: 'gru' }).apply(input);
    const refused = (make: () => unknown, message: RegExp) =>
      expect(make).toThrow(expect.objectContaining({ code: 'ARGUMENT', message: expect.stringMatching(message) }));
    refused(
      () => new Model({ inputs: other, outputs: output }),
      /^Model: an output depends on layer a \(InputLayer\), which is not among the inputs$/,
    );
    refused(
      () => new Model({ inputs: [input, other], outputs: output }),
      /^Model: layer b \(InputLayer\) reaches no output: leave it out, or use it$/,
    );
    refused(() => new Model({ inputs: [input, input], outputs: output }), /^inputs has layer a \(InputLayer\) twice$/);
    refused(() => new Model({ inputs: output, outputs: output }), /^inputs\[0\] is an output of layer gru \(GRU\)/);
    refused(() => new Model({ inputs: [], outputs: output }), /^Model: inputs is empty/);
    refused(() => new Model({ inputs: input, outputs: 5 as never }), /^Model: outputs must be a symbolic tensor/);
    refused(() => new Model({ inputs: input, outputs: [SERIES] as never }), /^Model: outputs\[0\] must be a symbolic tensor/);
    const same = new Dense(2, { name: 'gru' }).apply(output);
    refused(() => new Model({ inputs: input, outputs: same }), /^Model: two layers are called 'gru' \(GRU and Dense\)/);
    refused(() => new Dense(2).apply(SERIES as never), /^layer dense \(Dense\): input must be a symbolic tensor/);
    expect(() => new Dense(2).apply([input, other])).toThrow(/^layer dense \(Dense\) takes one input, got 2$/);
    expect(() => new GRU(2).apply(output)).toThrow(ShapeError);
    expect(() => new Dense(2).apply(output, { mask: Input({ shape: [2], dtype: 'bool' }) })).toThrow(
      /^layer dense \(Dense\): mask says which steps count, but its input of shape \[2\] has no steps$/,
    );
  });

  test('a refused model leaves its layers without names', () => {
    const [input, other] = [Input({ shape: [3] }), Input({ shape: [3] })];
    const [first, second] = [new Dense(2), new Dense(2)];
    const output = second.apply(first.apply(input));
    expect(() => new Model({ inputs: [input, other], outputs: output })).toThrow(/reaches no output/);
    expect([first.hasName, second.hasName]).toEqual([false, false]);
    const model = new Model({ inputs: input, outputs: first.apply(input) });
    expect(model.layers.map(({ name }) => name)).toEqual(['input_layer', 'dense']);
  });

  test('a numbered output does not take the name of another', () => {
    const input = Input({ shape: [3] });
    const twice = new Dense(2, { name: 'tag' });
    const outputs = [twice.apply(input), twice.apply(input), new Dense(2, { name: 'tag_1' }).apply(input)];
    const model = new Model({ inputs: input, outputs });
    model.compile({ optimizer: 'sgd', loss: { tag: 'mse', tag_2: 'mae', tag_1: 'mse' } });
    expect(() => model.compile({ optimizer: 'sgd', loss: { tag: 'mse', tag_1: 'mae' } })).toThrow(/tag_2/);
  });
});

describe('gradients through graphs', () => {
  beforeEach(async () => startOn(await loadBackend('reference')));

  const built = <M extends Model>(model: M): M => {
    model.setWeights(model.weights.map(({ shape }, index) => tensor(shape, new RandomArrays(30 + index), -0.8, 0.8)));
    return model;
  };

  test('a layer used twice has the sum of the gradients of both uses', async () => {
    const shared = new Dense(3, { activation: 'tanh' });
    const input = Input({ shape: [null, 3] });
    const model = new Model({ inputs: input, outputs: new Dense(2).apply(new GRU(3).apply(shared.apply(shared.apply(input)))) });
    await expectGradient(built(model), SERIES, Y);
  });

  test.each([
    ['SimpleRNN', () => [new SimpleRNN(3, { returnState: true }), new SimpleRNN(3)]],
    ['GRU', () => [new GRU(3, { returnState: true }), new GRU(3)]],
    ['LSTM', () => [new LSTM(3, { returnState: true }), new LSTM(3)]],
    ['LSTM of sequences', () => [new LSTM(3, { returnState: true, returnSequences: true }), new LSTM(3)]],
  ])('states out of one layer and into another: %s', async (_name, make) => {
    const [encoder, decoder] = make() as [LSTM<true>, LSTM];
    const [ids, series] = [Input({ shape: [null], name: 'ids' }), Input({ shape: [null, 3], name: 'series' })];
    const table = new Embedding(7, 3, { maskZero: true });
    const [output, ...states] = encoder.apply(table.apply(ids));
    const decoded = decoder.apply(series, { initialState: states });
    const both = output.shape.length === 1 ? decoder.apply(series, { initialState: [output, ...states.slice(1)] }) : decoded;
    const model = new Model({ inputs: [ids, series], outputs: new Dense(2).apply(new Dense(2).apply(both)) });
    await expectGradient(built(model), [IDS, SERIES], Y);
    const loaded = await loadModel<Model>(await modelToBytes(model));
    expect((await loaded.predict([IDS, SERIES])).data).toEqual((await model.predict([IDS, SERIES])).data);
    expect(loaded.summary).toBeTypeOf('function');
  });

  test('outputs of skipped last steps are zeros where the layer says so, and the state goes on', async () => {
    const input = Input({ shape: [5] });
    const table = new Embedding(7, 3, { maskZero: true });
    const [output, state] = new GRU(3, { zeroOutputForMask: true, returnState: true }).apply(table.apply(input));
    const ids = { shape: [2, 5], data: Int32Array.of(1, 2, 3, 0, 0, 1, 2, 3, 4, 5) };
    const model = built(new Model({ inputs: input, outputs: [output, state] }));
    const [outputs, states] = await model.predict(ids);
    expect(Array.from(outputs.data.slice(0, 3))).toEqual([0, 0, 0]);
    expect(Array.from(outputs.data.slice(3))).toEqual(Array.from(states.data.slice(3)));
    expect(states.data.slice(0, 3).every((value) => value !== 0)).toBe(true);
    await expectGradient(built(new Model({ inputs: input, outputs: new Dense(2).apply(output) })), ids, tensor([2, 2], random));
  });

  test('states of another size or number are refused', () => {
    const input = Input({ shape: [null, 3] });
    const state = new Dense(4).apply(Input({ shape: [2] }));
    expect(() => new LSTM(4).apply(input, { initialState: state })).toThrow(
      /^layer lstm \(LSTM\): initialState must be 2 tensors \[4\], got 1$/,
    );
    expect(() => new GRU(3).apply(input, { initialState: [state] })).toThrow(/initialState\[0\] must have shape \[3\], got \[4\]$/);
  });
});
