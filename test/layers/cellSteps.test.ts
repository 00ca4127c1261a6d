import { beforeEach, describe, expect, test } from 'vitest';
import {
  Bidirectional,
  Dense,
  type Expression,
  GRU,
  Input,
  LSTM,
  loadModel,
  Model,
  modelToBytes,
  ops,
  registerClass,
  Sequential,
  SGD,
  SimpleRNN,
  setRandomSeed,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights, samples, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const own = {
  tanh: registerClass((x: Expression) => ops.tanh(x), { name: 'cellStepsTanh' }),
  sigmoid: registerClass((x: Expression) => ops.sigmoid(x), { name: 'cellStepsSigmoid' }),
};
const CELLS = {
  SimpleRNN: { layer: SimpleRNN, states: 1, options: {}, gates: {} },
  LSTM: { layer: LSTM, states: 2, options: {}, gates: { recurrentActivation: own.sigmoid } },
  GRU: { layer: GRU, states: 1, options: {}, gates: { recurrentActivation: own.sigmoid } },
  'GRU, reset before': { layer: GRU, states: 1, options: { resetAfter: false }, gates: { recurrentActivation: own.sigmoid } },
};
const [BATCH, STEPS, FEATURES, UNITS] = [4, 5, 3, 2];
const VARIANTS = [
  {},
  { returnSequences: true },
  { returnState: true, goBackwards: true },
  { truncate: 2, returnSequences: true, returnState: true },
  { masked: true },
  { masked: true, zeroOutputForMask: true, returnState: true },
  { masked: true, returnSequences: true, goBackwards: true, truncate: 2 },
  { useBias: false, returnSequences: true },
];

describe.each(await availableBackends())('cells step by step on $label', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? { absolute: 1e-12, relative: 1e-12 } : { absolute: 4e-6, relative: 8e-6 };
  beforeEach(() => startOn(backend));

  // An expression of the same function takes the other way.
  const cases = Object.keys(CELLS).flatMap((cell) => VARIANTS.map((variant) => [cell as keyof typeof CELLS, variant] as const));
  test.each(cases)('%s %j train as the fused kernel does', async (cell, { masked = false, ...variant }: { masked?: boolean }) => {
    const { layer, states, options, gates } = CELLS[cell];
    const run = async (activations: object) => {
      const random = new RandomArrays(4);
      const source = Input({ shape: [STEPS, FEATURES] });
      const mask = Input({ shape: [STEPS], dtype: 'bool' });
      const initial = Array.from({ length: states }, () => Input({ shape: [UNITS] }));
      const below = new Dense(FEATURES);
      const recurrent = new layer(UNITS, { ...options, ...variant, ...activations } as object);
      const outputs = recurrent.applyAll(below.apply(source), { initialState: initial, ...(masked ? { mask } : {}) });
      const model = new Model({ inputs: [source, ...initial, ...(masked ? [mask] : [])], outputs: [...outputs] });
      const bits = { shape: [BATCH, STEPS], data: Int32Array.from({ length: BATCH * STEPS }, (_, index) => (index % 3 === 1 ? 0 : 1)) };
      const x: Tensor[] = [
        tensor([BATCH, STEPS, FEATURES], random),
        ...initial.map(() => tensor([BATCH, UNITS], random)),
        ...(masked ? [bits] : []),
      ];
      const y = outputs.map(({ shape }) => tensor([BATCH, ...(shape as number[])], random));
      model.setWeights(model.getWeights().map(({ shape }) => tensor([...shape], random)));
      model.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss: 'mse' });
      const losses: number[] = [];
      for (let step = 0; step < 3; step++) losses.push((await model.trainOnBatch(x, y)).loss);
      const predicted: unknown = await model.predict(x);
      const all = (Array.isArray(predicted) ? predicted : [predicted]) as Tensor[];
      return { losses, weights: flatWeights(model), outputs: all.flatMap(({ data }) => [...data]) };
    };
    const expected = await run({});
    const actual = await run({ activation: own.tanh, ...gates });
    expectClose(actual.losses, expected.losses, tolerance, 'losses');
    expectClose(actual.weights, expected.weights, tolerance, 'weights');
    expectClose(actual.outputs, expected.outputs, tolerance, 'outputs');
  });

  const layers = {
    SimpleRNN: (options: object) => new SimpleRNN(UNITS, options),
    LSTM: (options: object) => new LSTM(UNITS, options),
    GRU: (options: object) => new GRU(UNITS, options),
    Bidirectional: (options: object) => new Bidirectional(new LSTM(UNITS, options)),
    TimeDistributed: (options: object) => new TimeDistributed(new GRU(UNITS, options)),
  };
  const kinds = Object.keys(layers) as (keyof typeof layers)[];
  const shapeOf = (kind: keyof typeof layers) => (kind === 'TimeDistributed' ? [2, STEPS, FEATURES] : [STEPS, FEATURES]);
  const make = (kind: keyof typeof layers, options: object, seed = 3) => {
    setRandomSeed(seed);
    const model = new Sequential([layers[kind](options), new Dense(1)]);
    model.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss: 'mse' });
    model.build([null, ...shapeOf(kind)]);
    return model;
  };
  const dataOf = (kind: keyof typeof layers) => {
    const random = new RandomArrays(6);
    return [tensor([BATCH, ...shapeOf(kind)], random), tensor([BATCH, ...(kind === 'TimeDistributed' ? [2] : []), 1], random)] as const;
  };

  test.each(kinds)('%s: recurrentDropout drops in training and in no other case', async (kind) => {
    const [x, y] = dataOf(kind);
    const [plain, dropping] = [make(kind, {}), make(kind, { recurrentDropout: 0.5 })];
    expect((await dropping.predict(x)).data).toEqual((await plain.predict(x)).data);
    expect(await dropping.evaluate(x, y)).toEqual(await plain.evaluate(x, y));
    expect((await dropping.trainOnBatch(x, y)).loss).not.toBe((await plain.trainOnBatch(x, y)).loss);
  });

  test.each(kinds)('%s: a seed of its own fixes what is dropped, whatever the seed of the model', async (kind) => {
    const [x, y] = dataOf(kind);
    const lossOf = async (options: object, seed: number) => {
      const model = make(kind, { dropout: 0.3, recurrentDropout: 0.5, ...options }, seed);
      model.setWeights(make(kind, {}).getWeights());
      return (await model.trainOnBatch(x, y)).loss;
    };
    expect(await lossOf({ seed: 5 }, 1)).toBe(await lossOf({ seed: 5 }, 2));
    expect(await lossOf({ seed: 6 }, 1)).not.toBe(await lossOf({ seed: 5 }, 1));
    expect(await lossOf({}, 1)).not.toBe(await lossOf({}, 2));
  });

  test.each(['SimpleRNN', 'LSTM', 'GRU'] as const)('%s: a stream gives what predict gives', async (kind) => {
    const model = make(kind, { activation: 'swish', recurrentDropout: 0.5 });
    const x = samples({ shape: shapeOf(kind) }, 1, new RandomArrays(8));
    const stream = model.stream();
    let last: ArrayLike<number> = [];
    for (let step = 0; step < STEPS; step++) {
      const row = (x.data as Float64Array).slice(step * FEATURES, (step + 1) * FEATURES);
      last = stream.step({ shape: [1, FEATURES], data: row });
    }
    expectClose(last, (await model.predict(x)).data, tolerance, 'last output');
  });

  test.each(['LSTM', 'GRU'] as const)('%s: two workers drop what one thread drops', async (kind) => {
    const [x, y] = dataOf(kind);
    const train = async (workers: number) => {
      const model = make(kind, { dropout: 0.3, recurrentDropout: 0.5, truncate: 2 });
      await model.fit(x, y, { epochs: 2, batchSize: 4, shuffle: false, verbose: 0, workers });
      return flatWeights(model);
    };
    expectClose(await train(2), await train(0), tolerance, 'weights');
  });

  test('an activation of a user is saved with the layer', async () => {
    const [x] = dataOf('LSTM');
    const model = make('LSTM', { activation: own.tanh, recurrentActivation: 'hardSigmoid02' });
    const loaded = await loadModel(await modelToBytes(model));
    expect(loaded.layers[0].getConfig()).toMatchObject({ recurrentActivation: 'hardSigmoid02' });
    expect(((await loaded.predict(x)) as Tensor).data).toEqual((await model.predict(x)).data);
  });
});
