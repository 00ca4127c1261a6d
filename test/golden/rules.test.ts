import { beforeEach, describe, expect, test } from 'vitest';
import {
  Bidirectional,
  Dense,
  type DenseOptions,
  Embedding,
  type EmbeddingOptions,
  LSTM,
  type LSTMOptions,
  loadModel,
  modelToBytes,
  Sequential,
  SGD,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { goldenTrainingTolerance, TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';
import { tensorOf } from './goldenModels.ts';

interface RulesCase {
  readonly name: string;
  readonly rules: readonly [EmbeddingOptions, LSTMOptions, DenseOptions];
  readonly options: { readonly maskZero?: boolean; readonly softmax?: boolean; readonly frozen?: boolean; readonly wrapped?: boolean };
  readonly x: GoldenTensor;
  readonly y: GoldenTensor;
  readonly before: readonly GoldenTensor[];
  /** Of four steps on the same batch, each from before its step. */
  readonly losses: readonly number[];
  readonly after: readonly GoldenTensor[];
  /** The loss after the steps. */
  readonly evaluate: number;
}

const { cases } = readGolden<{ cases: RulesCase[] }>('rules');

function modelOf({ rules: [embedding, lstm, dense], options, before }: RulesCase): Sequential {
  const recurrent = new LSTM(2, { ...lstm, returnSequences: true, trainable: !(options.frozen ?? false) });
  const head = new Dense(2, { ...dense, activation: options.softmax ? 'softmax' : 'linear' });
  const layers = options.wrapped ? [new Bidirectional(recurrent), new TimeDistributed(head)] : [recurrent, head];
  const model = new Sequential([new Embedding(7, 3, { ...embedding, maskZero: options.maskZero ?? false }), ...layers]);
  model.compile({
    optimizer: new SGD({ learningRate: 0.125, momentum: 0.5 }),
    loss: options.softmax ? 'categoricalCrossentropy' : 'mse',
  });
  model.build([null, 4]);
  model.setWeights(before.map(tensorOf));
  return model;
}

describe.each(await availableBackends())('regularizers and constraints on $label', ({ label, backend }) => {
  beforeEach(() => startOn(backend));
  const tolerance = goldenTrainingTolerance(backend);

  test.each(cases)('$name: losses and weights are those of Keras', async (each) => {
    const model = modelOf(each);
    const [x, y] = [tensorOf(each.x), tensorOf(each.y)];
    const losses: number[] = [];
    for (const _ of each.losses) losses.push((await model.trainOnBatch(x, y)).loss as number);
    expectClose(losses, each.losses, tolerance, 'losses');
    for (const [index, weight] of model.getWeights().entries())
      expectClose(weight.data, (each.after[index] as GoldenTensor).data, tolerance, `weight ${index}`);
    expectClose([(await model.evaluate(x, y)).loss as number], [each.evaluate], tolerance, 'evaluate');
  });

  test.each(cases)('$name: a loaded model trains on to the same bits', async (each) => {
    const model = modelOf(each);
    const [x, y] = [tensorOf(each.x), tensorOf(each.y)];
    await model.fit(x, y, { epochs: 2, batchSize: 4, shuffle: false, verbose: 0 });
    const loaded = await loadModel(await modelToBytes(model));
    for (const one of [model, loaded]) await one.fit(x, y, { epochs: 2, batchSize: 4, shuffle: false, verbose: 0 });
    expect(flatWeights(loaded)).toEqual(flatWeights(model));
    const copies = model.layers.map((layer) => layer.clone());
    expect(copies.map((copy) => copy.getConfig())).toEqual(model.layers.map((layer) => layer.getConfig()));
  });

  test("a training step of one's own applies constraints", async () => {
    const model = new Sequential([new Dense(2, { kernelConstraint: 'unitNorm', kernelRegularizer: 'l2', inputShape: [3] })]);
    const pass = await model.forward([[1, 2, 3]]);
    pass.backward([[1, -1]]);
    model.applyGradients(new SGD({ learningRate: 0.1 }));
    const [kernel] = model.getWeights() as [Tensor];
    for (const column of [0, 1])
      expect([0, 1, 2].reduce((sum, row) => sum + (kernel.data[2 * row + column] as number) ** 2, 0)).toBeCloseTo(1, 5);
  });

  // Two workers have different numbers of counted steps; of three the last has none in the last
  // batch.
  test.each(cases.filter(({ name }) => label !== 'reference' || /wrappers|masked|norms of rows/.test(name)))(
    '$name: several workers train as this thread does',
    async (each) => {
      const [x, y] = [tensorOf(each.x), tensorOf(each.y)];
      const run = async (workers: number) => {
        const model = modelOf(each);
        const { history } = await model.fit(x, y, { epochs: 3, batchSize: 4, shuffle: false, verbose: 0, workers });
        return { weights: flatWeights(model), loss: history.loss, evaluate: await model.evaluate(x, y, { workers, batchSize: 4 }) };
      };
      const here = await run(0);
      for (const workers of [1, 2, 3]) {
        const there = await run(workers);
        const within = { absolute: 1e-5, ...TRAIN_STEP_FLOAT32 };
        expectClose(there.weights, here.weights, within, 'weights');
        expectClose(there.loss, here.loss, within, 'loss');
        expectClose([there.evaluate.loss as number], [here.evaluate.loss as number], within, 'evaluate');
      }
    },
  );
});
