import { beforeEach, describe, test } from 'vitest';
import {
  Add,
  Concatenate,
  Dense,
  Embedding,
  GRU,
  Input,
  LSTM,
  loadModel,
  Model,
  modelToBytes,
  SimpleRNN,
  type SymbolicTensor,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';

interface Case {
  readonly name: string;
  readonly inputs: readonly GoldenTensor[];
  readonly targets: readonly GoldenTensor[];
  /** By layer. */
  readonly weights: Readonly<Record<string, readonly GoldenTensor[]>>;
  readonly outputs: readonly GoldenTensor[];
  readonly loss: number;
}

const { cases } = readGolden<{ cases: readonly Case[] }>('masks');
const [STEPS, MORE, FEATURES, VOCABULARY, UNITS] = [5, 4, 3, 6, 2];
const every = { returnSequences: true } as const;

function joined(...masked: boolean[]): Model {
  const sources = [Input({ shape: [STEPS] }), Input({ shape: [MORE] })];
  const tables = sources.map((source, index) =>
    new Embedding(VOCABULARY, FEATURES, { maskZero: masked[index], name: ['a', 'b'][index] }).apply(source),
  );
  const steps = new Concatenate({ axis: 1 }).apply(tables);
  return new Model({
    inputs: sources,
    outputs: [new GRU(UNITS, { ...every, name: 'each' }).apply(steps), new LSTM(UNITS, { name: 'last' }).apply(steps)],
  });
}

const words = (source: SymbolicTensor) => new Embedding(VOCABULARY, FEATURES, { maskZero: true, name: 'words' }).apply(source);

const MODELS: Record<string, () => Model> = {
  'steps one after the other, both masked': () => joined(true, true),
  'steps one after the other, first masked': () => joined(true, false),
  'steps one after the other, second masked': () => joined(false, true),
  'a mask as an input': () => {
    const [series, mask] = [Input({ shape: [STEPS, FEATURES] }), Input({ shape: [STEPS], dtype: 'bool' })];
    const each = new SimpleRNN(UNITS, { ...every, name: 'each' }).apply(series, { mask });
    const both = new Concatenate().apply([each, new GRU(UNITS, { ...every, name: 'again' }).apply(each)]);
    return new Model({ inputs: [series, mask], outputs: new Dense(UNITS, { name: 'scored' }).apply(both) });
  },
  'outputs with and without a mask': () => {
    const [ids, series] = [Input({ shape: [STEPS] }), Input({ shape: [STEPS, FEATURES] })];
    const table = words(ids);
    const both = new Add().apply([table, series]);
    const tags = new LSTM(UNITS, { ...every, name: 'each' }).apply(table);
    const free = new LSTM(UNITS, { ...every, name: 'other' }).apply(both);
    return new Model({
      inputs: [ids, series],
      outputs: [new Dense(UNITS, { name: 'tags' }).apply(tags), new Dense(UNITS, { name: 'free' }).apply(free)],
    });
  },
  'an output whose steps are all masked': () => {
    const ids = Input({ shape: [STEPS] });
    const table = words(ids);
    const [tags, last] = [new GRU(UNITS, { ...every, name: 'each' }).apply(table), new GRU(UNITS, { name: 'last' }).apply(table)];
    return new Model({
      inputs: ids,
      outputs: [new Dense(UNITS, { name: 'tags' }).apply(tags), new Dense(UNITS, { name: 'end' }).apply(last)],
    });
  },
};

const tensorOf = ({ shape, data }: GoldenTensor): Tensor => ({ shape, data: Float64Array.from(data) });

describe.each(await availableBackends())('masks on $label give what Keras gives', ({ backend }) => {
  const tolerance = backend.name === 'reference' ? { absolute: 1e-12, relative: 1e-12 } : { absolute: 2e-6, relative: 4e-6 };
  beforeEach(() => startOn(backend));

  test.each(cases.map((each) => [each.name, each] as const))('%s', async (name, { inputs, targets, weights, outputs, loss }) => {
    const model = MODELS[name]();
    for (const [layer, values] of Object.entries(weights)) model.getLayer(layer).setWeights(values.map(tensorOf));
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const [x, y] = [inputs.map(tensorOf), targets.map(tensorOf)];
    for (const each of [model, (await loadModel(await modelToBytes(model))) as Model]) {
      const predicted: unknown = await each.predict(x);
      for (const [index, { data }] of ([predicted].flat() as Tensor[]).entries())
        expectClose(data, outputs[index].data, tolerance, `output ${index}`);
      expectClose([(await each.evaluate(x, y)).loss as number], [loss], tolerance, 'loss');
    }
  });
});
