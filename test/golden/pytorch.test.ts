import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  BatchNormalization,
  Bidirectional,
  Conv1D,
  Conv2D,
  Dense,
  Embedding,
  FormatError,
  GRU,
  GRUCell,
  type Layer,
  LayerNormalization,
  LSTM,
  LSTMCell,
  RNN,
  Sequential,
  SimpleRNN,
  setWarningHandler,
  type WeightNames,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { caught, expectError } from '../support/refusals.ts';
import type { GoldenTensor } from './goldenFiles.ts';

interface TorchCase {
  readonly x: GoldenTensor;
  readonly y: GoldenTensor;
  readonly pt: string;
  readonly safetensors: string;
}

interface TorchFile {
  readonly layers: Readonly<Record<string, TorchCase>>;
  readonly forms: { readonly weight: GoldenTensor; readonly bias: GoldenTensor; readonly files: Readonly<Record<string, string>> };
  readonly refused: Readonly<Record<string, string>>;
}

const golden = JSON.parse(readFileSync(new URL('pytorch.json', import.meta.url), 'utf8')) as TorchFile;

interface Network {
  /** The same network here. */
  make(): Layer[];
  /** Which layer takes which module; absent where the order tells it. */
  readonly names?: WeightNames;
  /** The same for safetensors files, whose tensors have no order. */
  readonly sortedNames?: WeightNames;
}

const steps = { returnSequences: true } as const;
const torchEpsilon = { epsilon: 1e-5 } as const;

const tagger = (Cell: typeof LSTM | typeof GRU | typeof SimpleRNN): Network => ({
  make: () => [new Embedding(7, 3), new Bidirectional(new Cell(4, steps)), new Bidirectional(new Cell(4, steps)), new Dense(2)],
});

/** The network of each case of `layers` in scripts/golden/pytorch.py. */
const NETWORKS: Readonly<Record<string, Network>> = {
  'lstm tagger': tagger(LSTM),
  'gru tagger': tagger(GRU),
  'rnn tagger': {
    ...tagger(SimpleRNN),
    names: { rnn: ['bidirectional', 'bidirectional_1'], embedding: 'embedding', fc: 'dense' },
  },
  'gru of one direction': {
    make: () => [new Embedding(7, 3), new GRU(4, steps), new GRU(4, steps), new GRU(4, steps), new Dense(2)],
    sortedNames: { rnn: ['gru', 'gru_1', 'gru_2'] },
  },
  lstm: { make: () => [new LSTM(4)] },
  'lstm without bias': { make: () => [new LSTM(4, { useBias: false })] },
  gru: { make: () => [new GRU(4)] },
  'gru without bias': { make: () => [new GRU(4, { useBias: false })] },
  'rnn with relu': { make: () => [new SimpleRNN(4, { activation: 'relu' })] },
  cells: { make: () => [new RNN(new LSTMCell(4), steps), new RNN(new GRUCell(2))] },
  convolutions: {
    make: () => [
      new Conv1D(6, 3, { padding: 'same', groups: 2 }),
      new BatchNormalization(torchEpsilon),
      new Conv1D(5, 2, { dilationRate: 2, useBias: false }),
      new LayerNormalization(torchEpsilon),
    ],
  },
  image: { make: () => [new Conv2D(3, [3, 2])] },
  dense: { make: () => [new Dense(6, { activation: 'relu' }), new Dense(4, { activation: 'tanh', useBias: false }), new Dense(2)] },
  float16: { make: () => [new LSTM(4)] },
  bfloat16: { make: () => [new GRU(4)] },
  float64: { make: () => [new GRU(4)] },
};

const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));

const backends = await availableBackends();
const warnings: string[] = [];
beforeAll(() => setWarningHandler((message) => warnings.push(message)));
afterAll(() => setWarningHandler(null));

describe.each(backends)('models of PyTorch on $label', ({ backend }) => {
  beforeEach(() => {
    startOn(backend);
    warnings.length = 0;
  });

  test('the networks are all cases', () => expect(Object.keys(NETWORKS)).toEqual(Object.keys(golden.layers)));

  describe.each(Object.keys(NETWORKS))('%s', (name) => {
    const { x, y, pt, safetensors } = golden.layers[name] as TorchCase;
    const { make, names, sortedNames = names } = NETWORKS[name] as Network;
    const data = { shape: x.shape, data: Float64Array.from(x.data) };

    test.each([
      ['pt', pt, names],
      ['safetensors', safetensors, sortedNames],
    ] as const)('gives the outputs of PyTorch, from %s', async (_format, file, given) => {
      const model = new Sequential(make());
      model.build([null, ...x.shape.slice(1)]);
      const { loaded, missing, unexpected } = await model.loadWeights(bytesOf(file), {
        format: 'pytorch',
        ...(given ? { names: given } : {}),
      });
      expect([loaded.length, missing, unexpected]).toEqual([model.weights.length, [], []]);
      const predicted = await model.predict(data as never, { verbose: 0 });
      expect(predicted.shape).toEqual(y.shape);
      for (const [index, value] of predicted.data.entries()) expect(Math.abs(value - (y.data[index] as number))).toBeLessThan(1e-5);
      expect(warnings).toEqual([]);
    });
  });

  describe('every form of a state_dict gives the same weights', () => {
    test.each(Object.entries(golden.forms.files))('%s', async (_name, file) => {
      const model = new Sequential([new Dense(2, { inputShape: [3] })]);
      // No format: the first bytes tell it.
      await model.loadWeights(bytesOf(file));
      const [kernel, bias] = model.getWeights().map(({ data }) => Array.from(data));
      const { weight, bias: expected } = golden.forms;
      expect(kernel).toEqual([0, 1, 2].flatMap((input) => [0, 1].map((output) => weight.data[3 * output + input])));
      expect(bias).toEqual(expected.data);
    });
  });

  const REFUSED: Readonly<Record<string, RegExp>> = {
    'a whole model': /names '__main__\.Whole', which is not part of a state_dict; nothing of it was executed.*model\.state_dict\(\)/,
    'a TorchScript program': /is a TorchScript program/,
    'a file of before 1.6': /has the format of PyTorch before 1\.6\. Load it in PyTorch and save it again/,
    'one tensor': /holds one tensor; save model\.state_dict/,
    'a list': /holds no dict/,
    'no tensors': /has no dict of tensors only; its keys are 'epoch'/,
    'two state_dicts': /has several dicts of tensors: 'model', 'ema'\. .*checkpoint\['model'\]/,
    'a numpy number': /names 'numpy\._core\.multiarray\.scalar'/,
    proj_size: /weight_hr_l0, of an nn\.LSTM with proj_size/,
    'whole numbers': /tensor 'weight' holds values of type I32/,
    'a number beyond float32': /tensor 'weight' holds 1e\+300, which is beyond the range of float32/,
  };

  test.each(Object.entries(golden.refused))('%s is refused', async (name, file) => {
    const model = new Sequential([new Dense(2, { inputShape: [3] })]);
    const before = model.getWeights();
    expectError(await caught(() => model.loadWeights(bytesOf(file))), FormatError, REFUSED[name] as RegExp);
    expect(model.getWeights()).toEqual(before);
  });
});
