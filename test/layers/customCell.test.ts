import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import * as backtime from '../../ts/index.ts';
import '../../ts/formats/entry.ts';
import {
  Bidirectional,
  type CellResult,
  CustomCell,
  Dense,
  Embedding,
  FormatError,
  GRUCell,
  generate,
  Input,
  type LayerConfig,
  LSTM,
  loadModel,
  Masking,
  Model,
  modelToBytes,
  ops,
  Reshape,
  RNN,
  registerClass,
  Sequential,
  SGD,
  StackedRNNCells,
  type SymbolicTensor,
  setWorker,
  type Tensor,
} from '../../ts/index.ts';
import * as memoryPlan from '../../ts/program/memoryPlan.ts';
import { availableBackends } from '../support/backends.ts';
import { describeLayer } from '../support/conformance.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient } from '../support/modelGradients.ts';
import { builtModel, flatWeights, tensor } from '../support/models.ts';
import { ownClasses } from '../support/ownClasses.mjs';
import { RandomArrays } from '../support/randomArrays.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

const own = ownClasses(backtime);
const random = new RandomArrays(1);
const [BATCH, STEPS, FEATURES] = [6, 5, 3];
const X = tensor([BATCH, STEPS, FEATURES], random);
const Y = tensor([BATCH, 1], random);
const peephole = (units = 2, name?: string) => new own.PeepholeLSTMCell({ units, ...(name !== undefined && { name }) });
const normalized = (units = 3) => new own.NormalizedLSTMCell({ units });

/** Its output is its second state, and its first state is the output of the step before. */
class DelayedCell extends CustomCell {
  static className = 'DelayedCell';
  readonly stateSize = [2, 2];
  readonly dense = new Dense(2, { activation: 'tanh' });

  override call(x: SymbolicTensor, states: readonly SymbolicTensor[]): CellResult {
    const [, last] = states as readonly [SymbolicTensor, SymbolicTensor];
    const output = ops.add(this.dense.apply(x), ops.multiply(last, 0.5));
    return [output, [last, output]];
  }
}

const fromConfig = (config: LayerConfig) => RNN.fromConfig(config);
const peepholeWeights = {
  peephole_i: [2],
  peephole_f: [2],
  peephole_o: [2],
  ...Object.fromEntries([0, 1, 2, 3].flatMap((gate) => [[`input${gate}/kernel`, [3, 2]] as const, [`input${gate}/bias`, [2]] as const])),
  ...Object.fromEntries([0, 1, 2, 3].map((gate) => [`state${gate}/kernel`, [2, 2]] as const)),
};

await describeLayer('RNN', {
  fromConfig,
  withOptions: (options) => new RNN(peephole(), options),
  cases: [
    {
      label: 'a peephole cell',
      make: () => new RNN(peephole(), { returnSequences: true }),
      input: { shape: [STEPS, FEATURES] },
      below: () => [new Dense(FEATURES)],
      output: [STEPS, 2],
      weights: peepholeWeights,
    },
    {
      label: 'a cell of loops in TypeScript, backwards',
      make: () => new RNN(new own.LoopedCell({ units: FEATURES }), { goBackwards: true }),
      input: { shape: [STEPS, FEATURES] },
      below: () => [new Dense(FEATURES)],
      above: () => [new Dense(2)],
      output: [FEATURES],
      weights: {},
    },
    {
      label: 'a cell with dropout',
      make: () => new RNN(new own.DroppingCell({ units: 2, rate: 0.4 })),
      input: { shape: [STEPS, FEATURES] },
      above: () => [new Dense(2)],
      output: [2],
      weights: { 'a/kernel': [3, 2], 'a/bias': [2], 'b/kernel': [2, 2] },
    },
  ],
  badValues: { 'no cell': () => new RNN([]), 'truncate of 0': () => new RNN(peephole(), { truncate: 0 }) },
  badInputs: [[3], [2, 3, 4]],
});

afterEach(() => setWorker(null));

describe.each(await availableBackends())('RNN of cells of one’s own on $label', ({ backend }) => {
  const isReference = backend.name === 'reference';
  const tolerance = isReference ? { absolute: 1e-12, relative: 1e-12 } : { absolute: 4e-6, relative: 8e-6 };
  beforeEach(() => startOn(backend, 3));

  const stacked = (options = {}) =>
    builtModel(
      [new RNN([peephole(), new StackedRNNCells([new GRUCell(3), normalized()])], options), new Dense(1)],
      [STEPS, FEATURES],
      random,
    );
  const both = () =>
    builtModel([new Bidirectional(new RNN(peephole(), { returnSequences: true })), new Dense(1)], [STEPS, FEATURES], random);
  const stateful = () => builtModel([new RNN(normalized(), { stateful: true }), new Dense(1)], [STEPS, FEATURES], random);

  test('gradients are those of central differences', async () => {
    if (!isReference) return;
    await expectGradient(stacked(), X, Y);
    await expectGradient(both(), X, tensor([BATCH, STEPS, 1], random));
    const x = Input({ shape: [STEPS, FEATURES] });
    const mask = Input({ shape: [STEPS], dtype: 'bool' });
    const first = new RNN<boolean>([normalized(2), peephole(2)], { returnState: true });
    const [, ...states] = first.applyAll(new Dense(3).apply(x), { mask });
    const again = new RNN([normalized(2), peephole(2)], { name: 'again' }).apply(x, { initialState: states as SymbolicTensor[] });
    const model = new Model({ inputs: [x, mask], outputs: new Dense(1).apply(again) });
    model.setWeights(model.weights.map(({ shape }, index) => tensor(shape, new RandomArrays(30 + index), -0.8, 0.8)));
    const bits = { shape: [BATCH, STEPS], data: Int32Array.from({ length: BATCH * STEPS }, (_, index) => (index % 3 === 1 ? 0 : 1)) };
    await expectGradient(model, [X, bits] as never, Y);
  });

  test('a stream gives what predict gives, its states can be read and set', async () => {
    const model = stacked();
    const expected = (await model.predict({ shape: [1, STEPS, FEATURES], data: X.data.slice(0, STEPS * FEATURES) })).data;
    const stream = model.stream();
    const row = (step: number) => [...X.data.slice(step * FEATURES, (step + 1) * FEATURES)];
    for (let step = 0; step < 3; step++) stream.step(row(step));
    const { state } = stream;
    expect(Object.keys(state.rnn ?? {})).toEqual([
      'peephole_lstm_cell/state0',
      'peephole_lstm_cell/state1',
      'gru_cell/h',
      'normalized_lstm_cell/state0',
      'normalized_lstm_cell/state1',
    ]);
    stream.step(row(0));
    stream.reset();
    stream.state = state;
    stream.step(row(3));
    expectClose(stream.step(row(4)), expected, tolerance, 'last output');
  });

  test('an output that is no state lasts over skipped steps, in streams and in windows of truncate too', async () => {
    const steps = 300;
    const make = (truncate: number | null) =>
      builtModel(
        [new Masking(), new RNN(new DelayedCell({ name: 'cell' }), { returnSequences: true, ...(truncate !== null && { truncate }) })],
        [steps, FEATURES],
        new RandomArrays(9),
      );
    const x = tensor([1, steps, FEATURES], random);
    // Step 44 is the first of the second window.
    for (const step of [0, 3, 4, 43, 44, 45, 299]) x.data.fill(0, step * FEATURES, (step + 1) * FEATURES);
    const whole = make(null);
    const { data } = await whole.predict(x);
    const at = (step: number) => data.slice(2 * step, 2 * step + 2);
    expect([...at(0)]).toEqual([0, 0]);
    expect(at(45)).toEqual(at(42));
    expect(at(45)).not.toEqual(at(46));
    expectClose((await make(2).predict(x)).data, data, tolerance, 'windows');
    const stream = whole.stream();
    const outputs = Array.from({ length: steps }, (_, step) => [...stream.step([...x.data.slice(step * FEATURES, (step + 1) * FEATURES)])]);
    expectClose(outputs.flat(), data, tolerance, 'stream');
    expect(Object.keys(stream.state.rnn ?? {})).toEqual(['cell/state0', 'cell/state1', 'cell/output']);
  });

  test('a stateful batch begins without the output of the one before, in windows too', async () => {
    const [steps, count] = [300, 2];
    const make = (truncate: number | null) =>
      builtModel(
        [new Masking(), new RNN(new DelayedCell(), { returnSequences: true, stateful: true, ...(truncate !== null && { truncate }) })],
        [steps, FEATURES],
        new RandomArrays(9),
      );
    const x = tensor([count, steps, FEATURES], random);
    // The first steps of a sample, and of its second window.
    for (const step of [0, 1, 44, steps + 0]) x.data.fill(0, step * FEATURES, (step + 1) * FEATURES);
    const [whole, windows] = [make(null), make(2)];
    for (let batch = 0; batch < 2; batch++) {
      const { data } = await whole.predict(x);
      expect([...data.slice(0, 4)]).toEqual([0, 0, 0, 0]);
      expectClose((await windows.predict(x)).data, data, tolerance, `batch ${batch}`);
    }
  });

  test('stateful batches go on where the batch before ended, until states are reset', async () => {
    const model = stateful();
    const half = (start: number, count: number): Tensor => ({
      shape: [BATCH, count, FEATURES],
      data: Float64Array.from({ length: BATCH * count * FEATURES }, (_, index) => {
        const [row, rest] = [Math.floor(index / (count * FEATURES)), index % (count * FEATURES)];
        return X.data[row * STEPS * FEATURES + start * FEATURES + rest] as number;
      }),
    });
    const whole = (await model.predict(X)).data;
    model.resetStates();
    const options = { batchSize: BATCH };
    await model.predict(half(0, 2), options);
    expectClose((await model.predict(half(2, 3), options)).data, whole, tolerance, 'continued');
    expect((await model.predict(half(2, 3), options)).data).not.toEqual(whole);
    model.resetStates();
    expectClose((await model.predict(X, options)).data, whole, tolerance, 'after a reset');
  });

  test('long sequences train in windows as one program does', async () => {
    // Windows of 300 and of 100 steps.
    const [steps, batch] = [400, 2];
    const x = tensor([batch, steps, 1], random);
    const y = tensor([batch, 1], random);
    const make = () => {
      const model = builtModel([new RNN(peephole(), { truncate: 50 }), new Dense(1)], [steps, 1], new RandomArrays(8));
      model.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss: 'mse' });
      return model;
    };
    const windowed = make();
    await windowed.fit(x, y, { epochs: 2, batchSize: batch, verbose: 0 });
    // A pass of one's own is one program of all steps.
    const model = make();
    for (let epoch = 0; epoch < 2; epoch++) {
      const pass = await model.forward(x, { training: true });
      const { data } = pass.outputs as Tensor;
      await pass.backward({ shape: [batch, 1], data: Float64Array.from(y.data, (target, index) => (data[index] as number) - target) });
      model.applyGradients(new SGD({ learningRate: 0.1 }));
    }
    expectClose(flatWeights(windowed), flatWeights(model), { absolute: 1e-5, ...TRAIN_STEP_FLOAT32 }, 'weights');
    expectClose((await windowed.predict(x)).data, (await model.predict(x)).data, { absolute: 1e-5, relative: 1e-5 }, 'output');
  });

  test('training tells call whether dropout is active, and each step drops anew', async () => {
    const seen: boolean[] = [];
    class Told extends own.DroppingCell {
      declare readonly stateSize: number;

      override call(x: SymbolicTensor, states: readonly SymbolicTensor[], options: { training: boolean }) {
        seen.push(options.training);
        return super.call(x, states, options);
      }
    }
    const model = new Sequential([new RNN(new Told({ units: 8, rate: 0.5 }), { returnSequences: true })]);
    model.compile({ optimizer: new SGD({ learningRate: 0 }), loss: 'mse' });
    await model.predict(X);
    seen.length = 0;
    const pass = await model.forward(X, { training: true });
    expect(seen).toContain(true);
    const { data } = pass.outputs as Tensor;
    const dropped = Array.from({ length: STEPS }, (_, step) =>
      [...data.slice(step * 8, step * 8 + 8)].map((value) => (value === 0 ? 0 : 1)).join(''),
    );
    expect(new Set(dropped).size).toBeGreaterThan(1);
    seen.length = 0;
    await model.evaluate(X, tensor([BATCH, STEPS, 8], random));
    expect(seen).not.toContain(true);
  });

  test.each([
    ['several cells', stacked],
    ['in Bidirectional', both],
    ['stateful', stateful],
  ] as const)('is saved, loaded, cloned and trains in workers: %s', async (_label, make) => {
    const y = _label === 'in Bidirectional' ? tensor([BATCH, STEPS, 1], new RandomArrays(4)) : Y;
    const trained = async (workers: number) => {
      random.floats(3);
      const model = make();
      const weights = new RandomArrays(9);
      model.setWeights(model.weights.map(({ shape }) => tensor(shape, weights, -0.5, 0.5)));
      model.compile({ optimizer: 'adam', loss: 'mse' });
      await model.fit(X, y, { epochs: 2, batchSize: BATCH, shuffle: false, verbose: 0, workers });
      return model;
    };
    const model = await trained(0);
    model.resetStates();
    const loaded = await loadModel(await modelToBytes(model));
    expect(loaded.weights.map(({ path }) => path)).toEqual(model.weights.map(({ path }) => path));
    expect(((await loaded.predict(X)) as Tensor).data).toEqual((await model.predict(X)).data);
    const copy = model.layers[0]?.clone();
    expect(copy?.getConfig()).toEqual(model.layers[0]?.getConfig());
    expect(copy?.getWeights()).toEqual(model.layers[0]?.getWeights());
    setWorker(() => new Worker(new URL('../support/ownWorker.mjs', import.meta.url)));
    for (const workers of [1, 2])
      expectClose(flatWeights(await trained(workers)), flatWeights(model), { absolute: 1e-5, ...TRAIN_STEP_FLOAT32 }, `${workers} workers`);
  });

  test('generate draws ids from it', () => {
    const model = new Sequential([new Embedding(5, 4), new RNN([peephole(4), normalized(4)]), new Dense(5, { activation: 'softmax' })]);
    model.build([null, null]);
    const ids = [...generate(model, [1, 2], { length: 6, seed: 4 })];
    expect(ids).toEqual([...generate(model, [1, 2], { length: 6, seed: 4 })]);
    expect(ids).toHaveLength(6);
  });

  test('a cell is a layer of one step: the loop over the steps written out gives the same', async () => {
    const x = Input({ shape: [STEPS, FEATURES] });
    const cell = peephole();
    const sequence = new RNN(cell, { returnSequences: true }).apply(x);
    const steps = Array.from({ length: STEPS }, () => Input({ shape: [FEATURES] }));
    const zeros = [Input({ shape: [2] }), Input({ shape: [2] })];
    let states: readonly SymbolicTensor[] = zeros;
    const outputs = steps.map((step) => {
      const [output, ...after] = cell.applyAll([step, ...states]) as [SymbolicTensor, ...SymbolicTensor[]];
      states = after;
      return new Reshape([1, 2]).apply(output);
    });
    const written = new Model({ inputs: [...steps, ...zeros], outputs: ops.concatenate(outputs, 1) });
    const whole = new Model({ inputs: x, outputs: sequence });
    whole.setWeights(whole.weights.map(({ shape }, index) => tensor(shape, new RandomArrays(50 + index))));
    const stepData = steps.map((_, step) =>
      tensorOfRows(
        Array.from({ length: BATCH }, (_, row) => [...X.data.slice((row * STEPS + step) * FEATURES, (row * STEPS + step + 1) * FEATURES)]),
      ),
    );
    const nothing = { shape: [BATCH, 2], data: new Float64Array(2 * BATCH) };
    const found = (await written.predict([...stepData, nothing, nothing] as never)) as Tensor;
    expectClose(found.data, ((await whole.predict(X)) as Tensor).data, tolerance, 'steps');
  });

  test('a cell that feeds itself with its own output learns to go on', async () => {
    const [warm, ahead] = [6, 4];
    const wave = (start: number, count: number) => Array.from({ length: count }, (_, step) => [Math.sin((start + step) * 0.7)]);
    const lstm = new LSTM<true>(8, { returnState: true });
    const head = new Dense(1);
    const x = Input({ shape: [warm, 1] });
    let [output, ...states] = lstm.apply(x) as SymbolicTensor[];
    const predictions: SymbolicTensor[] = [];
    for (let step = 0; step < ahead; step++) {
      const next = new Reshape([1, 1]).apply(head.apply(output as SymbolicTensor));
      predictions.push(next);
      [output, ...states] = lstm.apply(next, { initialState: states as SymbolicTensor[] }) as SymbolicTensor[];
    }
    const model = new Model({ inputs: x, outputs: ops.concatenate(predictions, 1) });
    model.compile({ optimizer: new backtime.Adam({ learningRate: 0.02 }), loss: 'mse' });
    const starts = Array.from({ length: 24 }, (_, index) => index);
    const [inputs, targets] = [starts.map((start) => wave(start, warm)), starts.map((start) => wave(start + warm, ahead))];
    const before = (await model.evaluate(inputs, targets)).loss;
    await model.fit(inputs, targets, { epochs: 60, batchSize: 8, verbose: 0 });
    expect((await model.evaluate(inputs, targets)).loss).toBeLessThan(before / 5);
    expect(model.weights).toHaveLength(5);
  });
});

function tensorOfRows(rows: readonly (readonly number[])[]): Tensor {
  return { shape: [rows.length, (rows[0] as readonly number[]).length], data: Float64Array.from(rows.flat()) };
}

describe('a cell of one’s own', () => {
  beforeEach(async () => startOn(await loadBackend('reference')));

  test('makes as many buffers for many steps as for few, and predicts with no more memory than its input takes', async () => {
    const plan = vi.spyOn(memoryPlan, 'planMemory');
    const planned = async (steps: number) => {
      plan.mockClear();
      const model = builtModel([new RNN(peephole()), new Dense(1)], [steps, 2], new RandomArrays(2));
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      const x = tensor([2, steps, 2], new RandomArrays(3));
      await model.predict(x);
      // What lives between steps, and what lives within one.
      const predicting = plan.mock.results.slice(-2).reduce((sum, { value }) => sum + value.bytes, 0);
      await model.trainOnBatch(x, tensor([2, 1], new RandomArrays(3)));
      return {
        buffers: plan.mock.calls.map(([buffers]) => buffers.map(({ name }) => name)).sort((a, b) => b.length - a.length)[0],
        predicting,
      };
    };
    const [few, many] = [await planned(10), await planned(80)];
    plan.mockRestore();
    expect(many.buffers).toEqual(few.buffers);
    // The input of the further steps: 2 rows of 2 floats of 8 bytes each.
    expect(many.predicting - few.predicting).toBe(70 * 2 * 2 * 8);
  });

  const MADE: Record<string, [make: () => unknown, message: RegExp]> = {
    'stateSize of nothing': [
      () => new RNN(new (cellClass({ stateSize: [] }))()).apply(Input({ shape: [4, 3] })),
      /^layer made \(Made\): stateSize must be a size or an array of sizes, got an array of 0/,
    ],
    'stateSize of 1.5': [
      () => new RNN(new (cellClass({ stateSize: 1.5 }))()).apply(Input({ shape: [4, 3] })),
      /stateSize\[0\] must be an integer/,
    ],
    'no call': [
      () => new RNN(new (cellClass({}))()).apply(Input({ shape: [4, 3] })),
      /layer made \(Made\) computes nothing: write its method call/,
    ],
    'call that returns no states': [
      () => new RNN(new (cellClass({ call: (x) => x }))()).apply(Input({ shape: [4, 2] })),
      /call must return \[output, states\], with the states as an array/,
    ],
    'call that returns another number of states': [
      () => new RNN(new (cellClass({ call: (x) => [x, [x, x]] }))()).apply(Input({ shape: [4, 2] })),
      /call must return an output \[2\] and states \[2\], as outputSize and stateSize say, got \[2\], \[2\], \[2\]/,
    ],
    'call that returns a state of another size': [
      () => new RNN(new (cellClass({ call: (x, [h]) => [h, [x]] }))()).apply(Input({ shape: [4, 3] })),
      /call must return an output \[2\] and states \[2\], .* got \[2\], \[3\]/,
    ],
    'a wrong initial state': [
      () => new RNN(peephole()).apply(Input({ shape: [4, 3] }), { initialState: [Input({ shape: [2] }), Input({ shape: [3] })] }),
      /layer peephole_lstm_cell \(PeepholeLSTMCell\): initialState\[1\] must have shape \[2\], got \[3\]/,
    ],
    'too few initial states': [
      () => new RNN(peephole()).apply(Input({ shape: [4, 3] }), { initialState: Input({ shape: [2] }) }),
      /initialState must be 2 tensors/,
    ],
    'a step without states': [() => peephole().apply(Input({ shape: [3] })), /takes an input and states \[2\], \[2\], got states none/],
    'a sequence as a step': [
      () => peephole().apply([Input({ shape: [4, 3] }), Input({ shape: [2] }), Input({ shape: [2] })]),
      /takes one step \[features\], got samples of shape \[4, 3\]/,
    ],
    'two cells of one name': [
      () => new RNN([peephole(2, 'mine'), peephole(2, 'mine')]),
      /^RNN: two cells are called 'mine': give each cell a name/,
    ],
    'options without units': [() => new RNN(new own.PeepholeLSTMCell({} as never)), /units must be an integer/],
  };

  test.each(Object.entries(MADE))('is refused: %s', (_label, [make, message]) => {
    expect(make).toThrow(message);
  });

  test('is saved under its registered name only', async () => {
    const Unknown = cellClass({ call: (_x, [h]) => [h, [h]] });
    const model = new Sequential([new RNN(new Unknown(), { inputShape: [4, 3] })]);
    expect(() => model.getState()).toThrow(/layer made \(Made\) is of .*registerClass/);
    registerClass(Unknown, { package: 'test' });
    const state = model.getState();
    expect(JSON.stringify(state.layers)).toContain('"className":"test>Made"');
    const broken = JSON.parse(JSON.stringify(state).replaceAll('test>Made', 'test>Centered'));
    expect(() => Sequential.fromState(broken)).toThrow(/'test>Centered' is registered, but does not extend CustomCell/);
  });

  test('a class of customObjects that is none is named by its key', async () => {
    const model = new Sequential([new RNN(peephole(), { inputShape: [4, 3] })]);
    const bytes = await modelToBytes(model);
    class Other extends Dense {}
    for (const Own of [class {}, Other]) {
      const loading = loadModel(bytes, { customObjects: { PeepholeLSTMCell: Own } });
      await expect(loading).rejects.toThrow(FormatError);
      await expect(loading).rejects.toThrow(/customObjects\.PeepholeLSTMCell does not extend CustomCell/);
    }
  });

  test('shares its weights when two RNNs have it', () => {
    const cell = peephole();
    const x = Input({ shape: [4, 3] });
    const model = new Model({ inputs: x, outputs: [new RNN(cell).apply(x), new RNN(cell, { goBackwards: true }).apply(x)] });
    expect(model.weights).toHaveLength(cell.weights.length);
  });
});

type Call = (x: SymbolicTensor, states: readonly [SymbolicTensor]) => unknown;

/** A class of a cell with one state of 2 units. */
function cellClass({ stateSize = 2, call }: { stateSize?: number | number[]; call?: Call }) {
  return class Made extends CustomCell {
    static className = 'Made';
    readonly stateSize = stateSize;

    override call(...given: Parameters<CustomCell['call']>) {
      return (call ? call(given[0], given[1] as unknown as readonly [SymbolicTensor]) : super.call(...given)) as ReturnType<
        CustomCell['call']
      >;
    }
  };
}
