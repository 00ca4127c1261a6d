import { beforeEach, describe, test } from 'vitest';
import {
  Dense,
  Embedding,
  GRU,
  Input,
  LSTM,
  loadModel,
  Model,
  modelToBytes,
  SGD,
  SimpleRNN,
  sparseCategoricalCrossentropy,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';

type Named<T> = Readonly<Record<'tags' | 'kind' | 'free', T>>;
type LayerWeights = Readonly<Record<string, readonly GoldenTensor[]>>;

interface Case {
  readonly name: string;
  readonly x: GoldenTensor;
  readonly y: Named<GoldenTensor>;
  readonly sampleWeight: Named<GoldenTensor> | null;
  readonly batchSize: number;
  readonly weights: LayerWeights;
  /** Of all samples, before training. */
  readonly loss: number;
  readonly losses: Named<number>;
  /** The loss of each epoch. */
  readonly history: readonly number[];
  readonly after: LayerWeights;
}

const { cases } = readGolden<{ cases: readonly Case[] }>('ignoredClasses');
const [T, D, V, TAGS, KINDS] = [6, 3, 7, 4, 3];
const each = { returnSequences: true } as const;

/** Tags of the steps that the mask leaves, a kind of each sample, tags of all steps as logits. */
function makeModel(): Model {
  const ids = Input({ shape: [T] });
  const words = new Embedding(V, D, { maskZero: true, name: 'words' }).apply(ids);
  const plain = new Embedding(V, D, { name: 'plain' }).apply(ids);
  const outputs = {
    tags: new Dense(TAGS, { activation: 'softmax', name: 'tags' }).apply(new LSTM(D, { ...each, name: 'each' }).apply(words)),
    kind: new Dense(KINDS, { activation: 'softmax', name: 'kind' }).apply(new GRU(D, { name: 'last' }).apply(words)),
    free: new Dense(TAGS, { name: 'free' }).apply(new SimpleRNN(D, { ...each, name: 'other' }).apply(plain)),
  };
  return new Model({ inputs: ids, outputs });
}

const tensorOf = ({ shape, data }: GoldenTensor): Tensor => ({ shape, data: Float64Array.from(data) });
const named = (values: Named<GoldenTensor>) => ({ tags: tensorOf(values.tags), kind: tensorOf(values.kind), free: tensorOf(values.free) });

describe.each(await availableBackends())('ignored classes of several outputs on $label give what Keras gives', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? { absolute: 1e-12, relative: 1e-12 } : { absolute: 4e-6, relative: 1e-5 };
  beforeEach(() => startOn(backend));

  test.each(cases)('$name', async ({ x, y, sampleWeight, batchSize, weights, loss, losses, history, after }) => {
    const model = makeModel();
    for (const [layer, values] of Object.entries(weights)) model.getLayer(layer).setWeights(values.map(tensorOf));
    model.compile({
      optimizer: new SGD({ learningRate: 0.25 }),
      loss: {
        tags: sparseCategoricalCrossentropy({ ignoreClass: 2 }),
        kind: sparseCategoricalCrossentropy({ ignoreClass: -1 }),
        free: sparseCategoricalCrossentropy({ ignoreClass: 0, fromLogits: true }),
      },
      lossWeights: { tags: 1, kind: 0.5, free: 2 },
    });
    const more = sampleWeight ? { sampleWeight: named(sampleWeight) } : {};
    for (const made of [model, (await loadModel(await modelToBytes(model))) as Model]) {
      const logs = await made.evaluate(tensorOf(x), named(y), { batchSize: x.shape[0], ...more });
      expectClose([logs.loss as number], [loss], tolerance, 'loss');
      for (const [output, expected] of Object.entries(losses))
        expectClose([logs[`${output}Loss`] as number], [expected], tolerance, output);
      const trained = await made.fit(tensorOf(x), named(y), { batchSize, epochs: 2, shuffle: false, verbose: 0, ...more });
      expectClose(trained.history.loss as number[], history, tolerance, 'history');
      for (const [layer, values] of Object.entries(after))
        for (const [index, { data }] of made.getLayer(layer).getWeights().entries())
          expectClose(data, values[index]?.data as readonly number[], tolerance, `${layer} ${index}`);
    }
  });
});
