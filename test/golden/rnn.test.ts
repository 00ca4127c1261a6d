import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Cell,
  Dense,
  GRU,
  GRUCell,
  Input,
  LSTM,
  LSTMCell,
  loadBackend,
  loadModel,
  Model,
  modelToBytes,
  RNN,
  Sequential,
  SGD,
  SimpleRNNCell,
  StackedRNNCells,
  type SymbolicTensor,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectGradient } from '../support/modelGradients.ts';
import { flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { goldenTolerance, TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';
import { tensorOf } from './goldenModels.ts';

interface RNNCase {
  readonly name: string;
  readonly cells: readonly { readonly className: keyof typeof CELLS; readonly units: number }[];
  readonly options: { readonly returnSequences?: boolean; readonly returnState?: boolean };
  readonly x: GoldenTensor;
  readonly mask: GoldenTensor | null;
  readonly initialState: readonly GoldenTensor[];
  readonly weights: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
}

const CELLS = { SimpleRNNCell, LSTMCell, GRUCell };
const { cases } = readGolden<{ cases: RNNCase[] }>('rnn');
const random = new RandomArrays(3);
const X = tensor([6, 4, 3], random);
const Y = tensor([6, 1], random);

const compiled = <M extends Model>(model: M): M => {
  model.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss: 'mse' });
  return model;
};

describe.each(await availableBackends())('RNN on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each(cases)('$name: outputs and states are those of Keras', async (each) => {
    const cells = each.cells.map(({ className, units }) => new CELLS[className](units));
    const layer = new RNN<boolean>(cells, each.options);
    const sample = ({ shape }: GoldenTensor) => shape.slice(1);
    const x = Input({ shape: sample(each.x) });
    const mask = each.mask && Input({ shape: sample(each.mask), dtype: 'bool' });
    const states = each.initialState.map((state) => Input({ shape: sample(state) }));
    const outputs = layer.applyAll(x, { ...(mask && { mask }), ...(states.length > 0 && { initialState: states }) });
    const model = new Model({ inputs: [x, ...(mask ? [mask] : []), ...states], outputs: [...outputs] });
    model.setWeights(each.weights.map(tensorOf));
    const given = [each.x, ...(each.mask ? [each.mask] : []), ...each.initialState].map(tensorOf);
    const found = [(await model.predict(given)) as Tensor | Tensor[]].flat();
    expect(found.map(({ shape }) => shape)).toEqual(each.outputs.map(({ shape }) => shape));
    for (const [index, { data }] of found.entries())
      expectClose(data, (each.outputs[index] as GoldenTensor).data, goldenTolerance(backend), `output ${index}`);
  });

  test('one cell is the layer of its kind, to the bit, in training too', async () => {
    const run = async (layer: LSTM | RNN) => {
      startOn(backend, 5);
      const model = compiled(new Sequential([layer, new Dense(1)]));
      await model.fit(X, Y, { epochs: 3, batchSize: 4, verbose: 0 });
      return flatWeights(model);
    };
    const options = { dropout: 0.2, kernelRegularizer: 'l2' } as const;
    expect(await run(new RNN(new LSTMCell(3, options)))).toEqual(await run(new LSTM(3, options)));
  });

  test('several cells are layers one after the other', async () => {
    const stacked = compiled(new Sequential([new RNN([new GRUCell(3), new StackedRNNCells([new LSTMCell(2)])]), new Dense(1)]));
    const layers = compiled(new Sequential([new GRU(3, { returnSequences: true }), new LSTM(2), new Dense(1)]));
    for (const model of [stacked, layers]) model.build([null, 4, 3]);
    layers.setWeights(stacked.getWeights());
    for (const model of [stacked, layers]) await model.fit(X, Y, { epochs: 2, shuffle: false, verbose: 0 });
    expect(flatWeights(stacked)).toEqual(flatWeights(layers));
  });

  test('is saved, loaded, cloned and streamed, and trains in workers', async () => {
    const make = () => {
      startOn(backend, 9);
      const cells = [
        new LSTMCell(3, { dropout: 0.1, recurrentActivation: 'hardSigmoid' }),
        new GRUCell(2, { resetAfter: false, name: 'second' }),
      ];
      return compiled(new Sequential([new RNN(cells, { truncate: 3 }), new Dense(1)]));
    };
    const model = make();
    await model.fit(X, Y, { epochs: 2, batchSize: 4, verbose: 0 });
    const loaded = (await loadModel(await modelToBytes(model))) as Sequential;
    expect(loaded.weights.map(({ path }) => path)).toEqual(model.weights.map(({ path }) => path));
    expect((await loaded.predict(X)).data).toEqual((await model.predict(X)).data);
    const copy = model.layers[0]?.clone();
    expect(copy?.getConfig()).toEqual(model.layers[0]?.getConfig());
    const stream = model.stream();
    let last: ArrayLike<number> = [];
    for (let step = 0; step < 4; step++) last = stream.step(Array.from(X.data.slice(3 * step, 3 * step + 3)));
    expectClose(
      last,
      (await model.predict({ shape: [1, 4, 3], data: X.data.slice(0, 12) })).data,
      { absolute: 1e-6, relative: 1e-6 },
      'stream',
    );
    for (const workers of [1, 2]) {
      const there = make();
      await there.fit(X, Y, { epochs: 2, batchSize: 4, verbose: 0, workers });
      expectClose(flatWeights(there), flatWeights(model), { absolute: 1e-5, ...TRAIN_STEP_FLOAT32 }, `${workers} workers`);
    }
  });
});

test('gradients of cells and of their states are those of central differences', async () => {
  startOn(await loadBackend('reference'));
  const x = Input({ shape: [4, 3] });
  const layer = new RNN([new LSTMCell(2), new GRUCell(3)], { returnState: true });
  const [, ...states] = layer.applyAll(new Dense(3).apply(x)) as [SymbolicTensor, ...SymbolicTensor[]];
  const again = new RNN([new LSTMCell(2), new GRUCell(3)], { name: 'again' }).apply(x, { initialState: states });
  const model = new Model({ inputs: x, outputs: new Dense(1).apply(again) });
  model.setWeights(model.weights.map(({ shape }, index) => tensor(shape, new RandomArrays(30 + index), -0.8, 0.8)));
  await expectGradient(model, X, Y);
});

test.each([
  [() => new RNN([]), /^RNN takes at least one cell, got an empty array$/],
  [() => new RNN(new LSTM(2) as unknown as Cell), /^RNN takes cells, such as new LSTMCell\(8\) or a CustomCell, or an array of them, got /],
  [() => new LSTMCell(2, { returnSequences: true } as never), /^LSTMCell: 'returnSequences' is an option of RNN, as in new RNN\(/],
  [() => new GRUCell(2, { unitForgetBias: true } as never), /^GRUCell: unknown option 'unitForgetBias'/],
  [() => new SimpleRNNCell(0), /units must be an integer of at least 1, got 0$/],
  [() => new StackedRNNCells(3 as never), /^StackedRNNCells takes cells/],
  [
    () => new RNN(new LSTMCell(2), { returnSequence: true } as never),
    /^RNN: unknown option 'returnSequence' \(did you mean 'returnSequences'\?\)/,
  ],
])('%#: what cannot be run is refused', (make, message) => {
  expect(make).toThrow(expect.objectContaining({ code: 'ARGUMENT', message: expect.stringMatching(message) }));
});
