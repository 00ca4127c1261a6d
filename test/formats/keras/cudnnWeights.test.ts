import { beforeEach, expect, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { writeHDF5 } from '../../../ts/formats/hdf5/writeHDF5.ts';
import { FormatError, GRU, LSTM, Sequential } from '../../../ts/node.ts';
import { startOn } from '../../support/modelBackends.ts';
import { caught, expectError } from '../../support/refusals.ts';

const reference = await loadBackend('reference');
beforeEach(() => startOn(reference));

const range = (count: number, start = 0) => Float32Array.from({ length: count }, (_, index) => start + index);

/** A file of Keras 2 with one layer whose weights are numbered in the file, on 3 features. */
function fileOf(name: string, gates: number): Uint8Array {
  const path = (weight: string) => `${name}/${name}/${weight}`;
  return writeHDF5(
    [
      { path: path('kernel'), shape: [3, 2 * gates], data: range(6 * gates) },
      { path: path('recurrent_kernel'), shape: [2, 2 * gates], data: range(4 * gates, 100) },
      { path: path('bias'), shape: [4 * gates], data: range(4 * gates, 1) },
    ],
    [],
    new Map<string, Readonly<Record<string, string>>>([
      ['', { layer_names: name }],
      [name, { weight_names0: `${name}/kernel`, weight_names1: `${name}/recurrent_kernel`, weight_names2: `${name}/bias` }],
    ]),
  );
}

// What numpy gives for the reordering of Keras 2.2: kernels `k.T.reshape(k.shape, order="F")`, and
// recurrent kernels `k.T`, of each gate.
test.each([
  {
    name: 'a CuDNNLSTM',
    layer: () => new LSTM(2, { name: 'layer' }),
    gates: 4,
    kernel: [0, 9, 2, 11, 4, 13, 6, 15, 1, 16, 3, 18, 5, 20, 7, 22, 8, 17, 10, 19, 12, 21, 14, 23],
    recurrent: [100, 108, 102, 110, 104, 112, 106, 114, 101, 109, 103, 111, 105, 113, 107, 115],
    bias: [10, 12, 14, 16, 18, 20, 22, 24],
  },
  {
    name: 'a CuDNNGRU',
    layer: () => new GRU(2, { name: 'layer' }),
    gates: 3,
    kernel: [0, 7, 2, 9, 4, 11, 1, 12, 3, 14, 5, 16, 6, 13, 8, 15, 10, 17],
    recurrent: [100, 106, 102, 108, 104, 110, 101, 107, 103, 109, 105, 111],
    bias: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  },
])('the weights of $name are those of its layer here', async ({ layer, gates, kernel, recurrent, bias }) => {
  const model = new Sequential([layer()]);
  model.build([null, 4, 3]);
  const { missing, unexpected } = await model.loadWeights(fileOf('layer', gates), { format: 'keras', byName: true });
  expect([missing, unexpected]).toEqual([[], []]);
  expect(model.getWeights().map(({ data }) => [...data])).toEqual([kernel, recurrent, bias]);
});

test.each(['before', 'after'])('a CuDNNGRU does not fit a GRU with one bias, and changes no weight %s predict', async (when) => {
  const model = new Sequential([new GRU(2, { name: 'layer', resetAfter: false })]);
  model.build([null, 4, 3]);
  if (when === 'after') await model.predict({ shape: [1, 4, 3], data: new Float32Array(12) }, { verbose: 0 });
  const before = model.getWeights();
  const load = (skipMismatch: boolean) => model.loadWeights(fileOf('layer', 3), { format: 'keras', byName: true, skipMismatch });
  const expected = /'layer\/layer\/bias' has shape \[12\], but layer\/bias has \[6\].*No weight has changed$/;
  expectError(await caught(() => load(false)), FormatError, expected);
  expect(model.getWeights()).toEqual(before);
  const { loaded, missing } = await load(true);
  expect([loaded, missing]).toEqual([[], ['layer/kernel', 'layer/recurrentKernel', 'layer/bias']]);
  expect(model.getWeights()).toEqual(before);
});
