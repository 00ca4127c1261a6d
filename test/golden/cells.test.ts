import { beforeEach, describe, expect, test } from 'vitest';
import { GRU, Input, LSTM, Model, SGD, SimpleRNN, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';

interface CellCase {
  readonly cell: keyof typeof CELLS;
  readonly masked: boolean;
  readonly options: object;
  readonly activations: object;
  readonly x: GoldenTensor;
  readonly y: GoldenTensor;
  readonly weights: readonly GoldenTensor[];
  readonly losses: readonly number[];
  readonly trained: readonly GoldenTensor[];
  readonly prediction: GoldenTensor;
}

const { cases } = readGolden<{ cases: readonly CellCase[] }>('cells');
const CELLS = { simpleRnn: SimpleRNN, lstm: LSTM, gru: GRU, gruResetBefore: GRU };
const [SEED, UNITS] = [77, 2];
const MASK = {
  shape: [3, 4],
  data: Int32Array.from(
    [
      [1, 1, 0, 0],
      [0, 1, 0, 1],
      [1, 1, 1, 1],
    ].flat(),
  ),
};

const named = cases.map((each) => {
  const { cell, masked, options, activations } = each;
  return [`${cell} ${JSON.stringify({ masked, ...options, ...activations })}`, each] as const;
});

const tensorOf = ({ shape, data }: GoldenTensor): Tensor => ({ shape: [...shape], data: Float64Array.from(data) });

describe.each(await availableBackends())('recurrent layers step by step on $label give what Keras gives', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? { absolute: 1e-12, relative: 1e-12 } : { absolute: 4e-6, relative: 8e-6 };
  beforeEach(() => startOn(backend));

  test.each(named)('trainOnBatch and predict: %s', async (_label, { cell, masked, options, activations, ...each }) => {
    const source = Input({ shape: each.x.shape.slice(1) });
    const mask = Input({ shape: [4], dtype: 'bool' });
    const layer = new CELLS[cell](UNITS, { ...options, ...activations, seed: SEED } as object);
    const output = layer.apply(source, masked ? { mask } : {});
    const model = new Model({ inputs: masked ? [source, mask] : source, outputs: output });
    const x = (masked ? [tensorOf(each.x), MASK] : tensorOf(each.x)) as Tensor;
    model.setWeights(each.weights.map(tensorOf));
    model.compile({ optimizer: new SGD({ learningRate: 0.125 }), loss: 'mse' });
    const losses: number[] = [];
    for (const _ of each.losses) losses.push((await model.trainOnBatch(x, tensorOf(each.y))).loss);
    expectClose(losses, each.losses, tolerance, 'losses');
    expectClose(
      flatWeights(model),
      each.trained.flatMap(({ data }) => data),
      tolerance,
      'weights',
    );
    const prediction = (await model.predict(x)) as Tensor;
    expect(prediction.shape).toEqual(each.prediction.shape);
    expectClose(prediction.data, each.prediction.data, tolerance, 'prediction');
  });
});
