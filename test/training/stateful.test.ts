import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  Bidirectional,
  Dense,
  GRU,
  Input,
  LSTM,
  loadModel,
  Model,
  modelToBytes,
  Sequential,
  SGD,
  ShapeError,
  SimpleRNN,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import '../../ts/formats/entry.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { expectRefused } from '../support/refusals.ts';

const random = new RandomArrays(5);
const [BATCH, STEPS, FEATURES] = [2, 4, 3];
/** Three batches. */
const X = tensor([6, STEPS, FEATURES], random);
const Y = tensor([6, 1], random);
const ORDERED = { batchSize: BATCH, shuffle: false, verbose: 0 } as const;

/** Samples `from` to `to`, and their steps `first` to `last`. */
function part({ shape, data }: Tensor, from: number, to: number, first = 0, last = STEPS): Tensor {
  if (shape.length === 2) return { shape: [to - from, 1], data: data.slice(from, to) };
  const rows = Array.from({ length: to - from }, (_, row) =>
    Array.from(data.slice(((from + row) * STEPS + first) * FEATURES, ((from + row) * STEPS + last) * FEATURES)),
  );
  return { shape: [to - from, last - first, FEATURES], data: Float64Array.from(rows.flat()) };
}

/** Two stateful layers, one over the other, and dropout. */
function network(options: object = {}): Sequential {
  const model = new Sequential([
    new LSTM(3, { stateful: true, returnSequences: true, dropout: 0.2, inputShape: [null, FEATURES], ...options }),
    new GRU(2, { stateful: true, ...options }),
    new Dense(1),
  ]);
  model.compile({ optimizer: new SGD({ learningRate: 0.1, momentum: 0.9 }), loss: 'mse' });
  return model;
}

async function predict(model: Model, x: Tensor, batchSize = BATCH): Promise<number[]> {
  return Array.from((await model.predict(x, { batchSize })).data);
}

describe.each(await availableBackends())('stateful layers on $label', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? { absolute: 1e-13 } : { absolute: 1e-6 };
  beforeEach(() => startOn(backend));

  test('a batch continues the batch before, in parts of any length', async () => {
    const model = network({ dropout: 0 });
    const whole = await predict(model, part(X, 0, 2));
    const all = [1, 3, 4].map((last, index) => part(X, 0, 2, [0, 1, 3][index], last));
    model.resetStates();
    let last: number[] = [];
    for (const piece of all) last = await predict(model, piece);
    expectClose(last, whole, tolerance, 'the last piece');
    expect(await predict(model, part(X, 0, 2))).not.toEqual(whole);
    model.layers[0].resetStates();
    const half = await predict(model, part(X, 0, 2));
    model.resetStates();
    expect(half).not.toEqual(whole);
    expectClose(await predict(model, part(X, 0, 2)), whole, tolerance, 'after the reset');
  });

  test('the batches of fit are those of trainOnBatch', async () => {
    const make = () => {
      startOn(backend, 3);
      return network();
    };
    const reset = make();
    await reset.fit(X, Y, { ...ORDERED, epochs: 2, callbacks: [{ onEpochBegin: (_epoch, model) => model.resetStates() }] });
    const carried = make();
    await carried.fit(X, Y, { ...ORDERED, epochs: 2 });
    for (const [model, resets] of [
      [reset, true],
      [carried, false],
    ] as const) {
      const own = make();
      for (let epoch = 0; epoch < 2; epoch++) {
        if (resets) own.resetStates();
        for (const start of [0, 2, 4]) await own.trainOnBatch(part(X, start, start + 2), part(Y, start, start + 2));
      }
      expect(flatWeights(own)).toEqual(flatWeights(model));
      expect(await predict(own, X)).toEqual(await predict(model, X));
    }
    expect(flatWeights(reset)).not.toEqual(flatWeights(carried));
  });

  test('validation, evaluate and predict during fit do not disturb the states of training', async () => {
    const run = async (disturb: boolean) => {
      startOn(backend, 3);
      const model = network();
      const evaluated: number[] = [];
      const disturbance = {
        validationData: [part(X, 0, 4), part(Y, 0, 4)] as const,
        validationBatchSize: 4,
        callbacks: [
          {
            onTrainBatchEnd: async () => {
              await predict(model, part(X, 0, 1), 1);
              evaluated.push((await model.evaluate(X, Y, { batchSize: 3 })).loss);
            },
          },
        ],
      };
      const { history } = await model.fit(X, Y, { ...ORDERED, epochs: 2, ...(disturb ? disturbance : {}) });
      return { weights: flatWeights(model), loss: history.loss, next: await predict(model, X), evaluated, valLoss: history.valLoss, model };
    };
    const [alone, disturbed] = [await run(false), await run(true)];
    expect(disturbed.weights).toEqual(alone.weights);
    expect(disturbed.loss).toEqual(alone.loss);
    expect(disturbed.next).toEqual(alone.next);
    // It began with zeros, and its second batch continues the first.
    disturbed.model.resetStates();
    expect((await disturbed.model.evaluate(part(X, 0, 4), part(Y, 0, 4), { batchSize: 4 })).loss).toBe(disturbed.valLoss?.[1]);
    disturbed.model.resetStates();
    expect((await disturbed.model.evaluate(X, Y, { batchSize: 3 })).loss).toBe(disturbed.evaluated.at(-1));
  });

  test('compile keeps the states; files and copies of layers have none', async () => {
    const model = network();
    const first = await predict(model, part(X, 0, 2));
    const loaded = Model.fromState(model.getState());
    expect(loaded.layers[0].stateful).toBe(true);
    expect(await predict(loaded, part(X, 0, 2))).toEqual(first);
    model.compile({ optimizer: new SGD(), loss: 'mse' });
    const second = await predict(model, part(X, 0, 2));
    expect(second).not.toEqual(first);
    expect(await predict(loaded, part(X, 0, 2))).toEqual(second);
  });

  test('files keep the batch size of Input', async () => {
    const model = new Sequential([Input({ shape: [null, FEATURES], batchSize: BATCH }), new GRU(2, { stateful: true })]);
    const loaded = (await loadModel(await modelToBytes(model))) as Sequential;
    expect(await predict(loaded, X)).toEqual(await predict(model, X));
    await expect(loaded.predict(X)).rejects.toThrow('Input({ batchSize: 2 }) sets 2');
    expect(() => Model.fromState({ ...model.getState(), batchSize: 0 })).toThrow('batchSize');
  });

  test('each use of a shared layer has its own states', async () => {
    const [a, b] = ['a', 'b'].map((name) => Input({ shape: [null, FEATURES], batchSize: BATCH, name }));
    const shared = new GRU(3, { stateful: true });
    const model = new Model({ inputs: [a, b], outputs: [shared.apply(a), shared.apply(b)] });
    const own = [0, 1].map(() => new Sequential([new GRU(3, { stateful: true, inputShape: [null, FEATURES] })]));
    for (const each of own) each.setWeights(shared.getWeights());
    for (let round = 0; round < 3; round++) {
      const inputs = [part(X, 0, 2), part(X, 2, 4)];
      const both = (await model.predict(inputs)) as unknown as Tensor[];
      for (const [index, each] of own.entries())
        expectClose(both[index].data, await predict(each, inputs[index]), tolerance, `use ${index} in round ${round}`);
    }
    shared.resetStates();
    for (const each of own) each.resetStates();
    const [again] = (await model.predict([part(X, 0, 2), part(X, 2, 4)])) as unknown as Tensor[];
    expectClose(again.data, await predict(own[0], part(X, 0, 2)), tolerance, 'after the reset');
  });

  test('a stream of a stateful model has its own states', async () => {
    const model = new Sequential([new SimpleRNN(2, { stateful: true, inputShape: [null, FEATURES] })]);
    const first = await predict(model, part(X, 0, 1), 1);
    const stream = model.stream();
    let last: ArrayLike<number> = [];
    for (let step = 0; step < STEPS; step++) last = stream.step(part(X, 0, 1, step, step + 1).data);
    expectClose(last, first, tolerance, 'the last step');
  });

  test('what cannot carry states is refused with the remedy, and nothing has changed', async () => {
    const model = network();
    await predict(model, part(X, 0, 2));
    const train = () => model.fit(X, Y, ORDERED);
    const refused = (call: () => unknown, kind: typeof ShapeError | typeof ArgumentError, message: RegExp) =>
      expectRefused(model, call, kind as never, message, train);
    const shuffled = /^fit: layer lstm \(LSTM\) is stateful: .* Give shuffle: false \(the default is true\)$/;
    await refused(() => model.fit(X, Y, { batchSize: BATCH, verbose: 0 }), ArgumentError, shuffled);
    await refused(() => model.fit(X, Y, { ...ORDERED, shuffle: true }), ArgumentError, shuffled);
    const last = (what: string, count: number, size: number, rest: number) =>
      new RegExp(
        `^${what}: ${count} samples in batches of ${size} leave a last batch of ${rest}, but layer lstm \\(LSTM\\) is stateful and takes ` +
          `batches of one size: give a batchSize that divides ${count}, or leave out ${rest} samples$`,
      );
    await refused(() => model.fit(part(X, 0, 5), part(Y, 0, 5), ORDERED), ShapeError, last('fit', 5, 2, 1));
    await refused(
      () => model.fit(X, Y, { ...ORDERED, validationData: [part(X, 0, 3), part(Y, 0, 3)] }),
      ShapeError,
      last('fit: the validation data', 3, 2, 1),
    );
    await refused(() => model.predict(part(X, 0, 5), { batchSize: 3 }), ShapeError, last('predict', 5, 3, 2));
    await refused(() => model.evaluate(X, Y, { batchSize: 4 }), ShapeError, last('evaluate', 6, 4, 2));
    const kept = (what: string, size: number) =>
      new RegExp(
        `^${what}: the batches have ${size} samples, but layer lstm \\(LSTM\\) is stateful and keeps the states of 2 sequences: ` +
          'give batches of 2, or call model.resetStates\\(\\) before new sequences$',
      );
    await refused(() => model.fit(X, Y, { ...ORDERED, batchSize: 3 }), ShapeError, kept('fit', 3));
    await refused(() => model.trainOnBatch(part(X, 0, 1), part(Y, 0, 1)), ShapeError, kept('trainOnBatch', 1));
    await refused(() => model.predict(X), ShapeError, kept('predict', 6));
    await refused(() => model.predictOnBatch(part(X, 0, 1)), ShapeError, kept('predict', 1));
    model.resetStates();
    await model.fit(X, Y, { ...ORDERED, batchSize: 3 });
  });

  test('Input sets the batch size for good', async () => {
    const input = Input({ shape: [null, FEATURES], batchSize: BATCH });
    const model = new Model({ inputs: input, outputs: new Bidirectional(new GRU(2, { stateful: true })).apply(input) });
    await predict(model, X);
    model.resetStates();
    await expect(model.predict(X)).rejects.toThrow(
      'predict: the batches have 6 samples, but Input({ batchSize: 2 }) sets 2 for layer bidirectional (Bidirectional), which is stateful: ' +
        'give batches of 2, or copy the weights to a model with another batchSize',
    );
    await expect(model.predict(X)).rejects.toThrow(ShapeError);
  });
});

test('stateful in layers that cannot carry states is refused', () => {
  expect(() => new TimeDistributed(new LSTM(2, { stateful: true }))).toThrow(ArgumentError);
  expect(() => new TimeDistributed(new LSTM(2, { stateful: true, name: 'read' }))).toThrow(
    'TimeDistributed takes no stateful layer, because each of its steps is a sample of its own: give layer read (LSTM) stateful: false',
  );
  expect(() => new LSTM(2, { stateful: 1 } as never)).toThrow('LSTM: stateful must be one of true, false, got 1');
  const forward = new GRU(2, { stateful: true });
  expect(() => new Bidirectional(forward, { backwardLayer: new GRU(2, { goBackwards: true }) })).toThrow(
    'both layers need the same stateful',
  );
});
