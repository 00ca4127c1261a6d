import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  BatchNormalization,
  Bidirectional,
  Concatenate,
  Dense,
  Embedding,
  FormatError,
  GRU,
  Input,
  LSTM,
  loadModel,
  Model,
  Sequential,
  TimeDistributed,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { caught, expectError } from '../support/refusals.ts';
import type { GoldenTensor } from './goldenFiles.ts';

interface WeightsCase<Y = GoldenTensor> {
  readonly name: string;
  readonly x: GoldenTensor;
  readonly y: Y;
  readonly files: Readonly<Record<string, string>>;
}

const golden = JSON.parse(readFileSync(new URL('kerasWeights.json', import.meta.url), 'utf8')) as {
  readonly models: readonly [WeightsCase, WeightsCase, WeightsCase<Readonly<Record<string, GoldenTensor>>>, WeightsCase];
};
const [chainCase, branchesCase, headsCase, frozenCase] = golden.models;
const bytesOf = (base64 = '') => Uint8Array.from(inflateSync(Buffer.from(base64, 'base64')));

/** The models of scripts/golden/kerasWeights.py; layers have other names where none are given. */
function chain(names: Readonly<Record<string, string>> = {}, classes = 2): Sequential {
  const named = (name: string) => (names[name] === undefined ? {} : { name: names[name] });
  return new Sequential([
    new Embedding(7, 3, { inputShape: [5], ...named('tokens') }),
    new Bidirectional(new LSTM(2, { returnSequences: true }), named('both')),
    new TimeDistributed(new Dense(4), named('each')),
    new BatchNormalization(named('moments')),
    new GRU(3, named('first')),
    new Dense(classes, { activation: 'softmax', ...named('classes') }),
  ]);
}

function branches(): Model {
  const x = Input({ shape: [4, 3] });
  const inner = new Sequential([new Dense(2, { inputShape: [4, 3] }), new BatchNormalization()]);
  const joined = new Concatenate().apply([new LSTM(2).apply(x), new LSTM(2).apply(inner.apply(x))]);
  return new Model({ inputs: x, outputs: new Dense(1).apply(joined) });
}

/** The names of its outputs, and of those of the model inside, are not in alphabetical order. */
function heads() {
  const taken = Input({ shape: [3] });
  const part = () => new Dense(3).apply(taken);
  const inner = new Model({ inputs: taken, outputs: { zeta: part(), alpha: part(), Beta: part() } });
  const x = Input({ shape: [3] });
  const { zeta, alpha, Beta } = inner.apply(x);
  return new Model({ inputs: x, outputs: { right: new Dense(3).apply(zeta), left: new Dense(3).apply(alpha), Middle: Beta } });
}

/** Layers inside of others are frozen, whose weights `.h5` files have behind the others. */
function frozen(): Model {
  const x = Input({ shape: [4, 3] });
  const inner = new Sequential([
    new Dense(3, { activation: 'tanh', trainable: false, inputShape: [4, 3] }),
    new BatchNormalization({ trainable: false }),
    new Dense(3),
  ]);
  const both = new Bidirectional(new LSTM(2, { trainable: false }), { backwardLayer: new LSTM(2, { goBackwards: true }) });
  return new Model({ inputs: x, outputs: both.apply(inner.apply(x)) });
}

const KERAS_NAMES = { tokens: 'tokens', both: 'both', each: 'each', moments: 'moments', first: 'first', classes: 'classes' };

const backends = await availableBackends();

describe.each(backends)("weights of Keras's files on $label", ({ backend }) => {
  beforeEach(() => startOn(backend));

  describe.each([
    ['a chain', chainCase, () => chain()],
    ['branches with a model inside', branchesCase, branches],
    ['frozen layers inside of others', frozenCase, frozen],
  ] as const)('of %s', (_label, { x, y, files }, make) => {
    test.each(Object.keys(files))('%s', async (name) => {
      const model: Model = make();
      const { loaded, missing, unexpected } = await model.loadWeights(bytesOf(files[name]), { format: 'keras' });
      expect([loaded.length, missing, unexpected]).toEqual([model.weights.length, [], []]);
      const { data } = await model.predict({ shape: x.shape, data: Float64Array.from(x.data) } as never, { verbose: 0 });
      for (const [index, value] of y.data.entries()) expect(Math.abs((data[index] as number) - value)).toBeLessThan(1e-5);
    });
  });

  test.each(['whole h5', 'keras'])('of frozen layers inside of others, in a whole model: %s', async (name) => {
    const { x, y, files } = frozenCase;
    const model = await loadModel<Model>(bytesOf(files[name]));
    const { data } = await model.predict({ shape: x.shape, data: Float64Array.from(x.data) } as never, { verbose: 0 });
    expectClose(data, y.data, { absolute: 1e-5 }, name);
  });

  test.each(Object.keys(headsCase.files))('of a model with outputs by names: %s', async (name) => {
    const model = heads();
    const { missing, unexpected } = await model.loadWeights(bytesOf(headsCase.files[name]), { format: 'keras' });
    expect([missing, unexpected]).toEqual([[], []]);
    const { x, y } = headsCase;
    const predicted = await model.predict({ shape: x.shape, data: Float64Array.from(x.data) }, { verbose: 0 });
    expect(Object.keys(predicted).sort()).toEqual(Object.keys(y).sort());
    for (const [output, { data }] of Object.entries(predicted)) expectClose(data, y[output]?.data, { absolute: 1e-5 }, output);
  });

  const trained = async () => {
    const model = chain();
    await model.loadWeights(bytesOf(chainCase.files.h5));
    return model.getWeights().map(({ data }) => Array.from(data));
  };

  describe.each(['weights.h5', 'h5', 'whole h5'])('%s', (name) => {
    const file = bytesOf(chainCase.files[name]);

    test('loads layers by their names', async () => {
      const all = await trained();
      const model = chain({ ...KERAS_NAMES, classes: 'others' }, 3);
      const { missing, unexpected } = await model.loadWeights(file, { byName: true });
      expect(missing).toEqual(['others/kernel', 'others/bias']);
      expect(unexpected).toHaveLength(2);
      expect(
        model
          .getWeights()
          .slice(0, -2)
          .map(({ data }) => Array.from(data)),
      ).toEqual(all.slice(0, -2));
      const other = chain({ first: 'given' });
      const report = await other.loadWeights(file, { byName: true, names: { first: 'given' } });
      expect(report.loaded).toEqual(['given/kernel', 'given/recurrentKernel', 'given/bias']);
    });

    test('that does not fit changes nothing, unless skipMismatch is true', async () => {
      const model = chain({}, 3);
      const before = model.getWeights();
      expectError(
        await caught(() => model.loadWeights(file)),
        FormatError,
        /has shape \[3, 2\], but dense\/kernel has \[3, 3\].*No weight has changed$/,
      );
      expectError(await caught(() => chain({ ...KERAS_NAMES }, 3).loadWeights(file, { byName: true })), FormatError, /has shape \[3, 2\]/);
      expect(model.getWeights()).toEqual(before);
      const { missing, unexpected } = await model.loadWeights(file, { skipMismatch: true });
      expect(missing).toEqual(['dense/kernel', 'dense/bias']);
      expect(unexpected).toHaveLength(2);
    });

    test('refuses names that are not there', async () => {
      expectError(
        await caught(() => chain().loadWeights(file, { names: { none: 'gru' } })),
        ArgumentError,
        /the file has no such layer; it has .*tokens/,
      );
      expectError(
        await caught(() => chain().loadWeights(file, { names: { first: 'none' } })),
        ArgumentError,
        /the model has no such layer/,
      );
    });
  });

  test('a file of another program is refused', async () => {
    const keras = bytesOf(chainCase.files.keras);
    expectError(
      await caught(() => chain().loadWeights(keras, { format: 'pytorch' })),
      FormatError,
      /For a \.keras file give format: 'keras'/,
    );
    expectError(
      await caught(() => new Sequential([new Dense(1, { inputShape: [2] })]).loadWeights(bytesOf(chainCase.files.h5))),
      FormatError,
      /does not fit/,
    );
  });
});
