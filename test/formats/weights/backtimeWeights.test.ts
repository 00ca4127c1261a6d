import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeHDF5 } from '../../../ts/formats/hdf5/writeHDF5.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../ts/formats/safetensors.ts';
import {
  ArgumentError,
  Bidirectional,
  Dense,
  Embedding,
  FileError,
  FormatError,
  GRU,
  type Layer,
  LSTM,
  loadModel,
  type Model,
  Sequential,
  StateError,
  TimeDistributed,
} from '../../../ts/index.ts';
import { availableBackends } from '../../support/backends.ts';
import { startOn } from '../../support/modelBackends.ts';
import { builtModel, samples } from '../../support/models.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { caught, expectError } from '../../support/refusals.ts';

const x = samples({ steps: 5, ids: 7 }, 6, new RandomArrays(1));

const layers = (units = 2, name = 'scores'): Layer[] => [
  new Embedding(7, 3),
  new Bidirectional(new LSTM(units, { returnSequences: true })),
  new TimeDistributed(new Dense(2)),
  new GRU(2),
  new Dense(1, { name }),
];
const network = (seed: number, units?: number, name?: string) => builtModel(layers(units, name), [5], new RandomArrays(seed));
const weightsOf = (model: Model) => model.getWeights().map(({ data }) => Array.from(data));
const dataOf = (model: Model, index: number) => model.layers[index]?.getWeights().map(({ data }) => Array.from(data));

const backends = await availableBackends();

describe.each(backends)('files of weights on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  let folder = '';
  let path = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backtime-'));
    path = join(folder, 'weights.safetensors');
    await network(1).saveWeights(path);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('give another model the same outputs', async () => {
    const [first, second] = [network(1), network(2)];
    const report = await second.loadWeights(path);
    expect(report).toEqual({ loaded: second.getState(false).weights.map(({ name }) => name), missing: [], unexpected: [] });
    expect(report.loaded).toContain('bidirectional/backward_lstm/recurrentKernel');
    expect(weightsOf(second)).toEqual(weightsOf(first));
    expect((await second.predict(x)).data).toEqual((await first.predict(x)).data);
  });

  test('keep how a model is compiled and how far it was trained', async () => {
    const model = network(2);
    model.compile({ optimizer: 'adam', loss: 'mse' });
    await model.fit(x, { shape: [6, 1], data: new Float32Array(6) }, { verbose: 0 });
    await model.loadWeights(await readFile(path));
    expect(model.iterations).toBe(1);
    expect(weightsOf(model)).toEqual(weightsOf(network(1)));
  });

  test('are read from whole models, whose slots are no weights', async () => {
    const model = network(1);
    model.compile({ optimizer: 'adam', loss: 'mse' });
    await model.fit(x, { shape: [6, 1], data: new Float32Array(6) }, { verbose: 0 });
    const whole = join(folder, 'model.safetensors');
    await model.save(whole);
    const other = network(2);
    expect((await other.loadWeights(whole)).unexpected).toEqual([]);
    expect(weightsOf(other)).toEqual(weightsOf(model));
  });

  test('are those of the time of the call', async () => {
    const model = network(3);
    const before = weightsOf(model);
    const moment = join(folder, 'moment.safetensors');
    const saving = model.saveWeights(moment);
    model.setWeights(network(4).getWeights());
    await saving;
    const other = network(5);
    await other.loadWeights(moment);
    expect(weightsOf(other)).toEqual(before);
  });

  test('that do not fit change nothing, unless skipMismatch is true', async () => {
    const model = network(2, 3);
    const before = weightsOf(model);
    const error = await caught(() => model.loadWeights(path));
    expectError(error, FormatError, /weights\.safetensors does not fit model sequential: 'bidirectional\/forward_lstm\/kernel' has shape/);
    expect(weightsOf(model)).toEqual(before);
    const { loaded, missing, unexpected } = await model.loadWeights(path, { skipMismatch: true });
    expect(loaded).toEqual([
      'embedding/embeddings',
      'time_distributed/dense/bias',
      'gru/kernel',
      'gru/recurrentKernel',
      'gru/bias',
      'scores/kernel',
      'scores/bias',
    ]);
    expect(missing).toEqual(unexpected);
    expect(missing).toContain('bidirectional/forward_lstm/kernel');
    expect(dataOf(model, 0)).toEqual(dataOf(network(1), 0));
    expect(dataOf(model, 1)).toEqual(dataOf(network(2, 3), 1));
  });

  test('byName loads the layers that are there, and refuses other shapes of them', async () => {
    const model = network(2, 2, 'own');
    expectError(
      await caught(() => model.loadWeights(path)),
      FormatError,
      /it has no 'own\/kernel' of shape \[2, 1\].*no layer takes its 'scores\/kernel'/,
    );
    const { missing, unexpected } = await model.loadWeights(path, { byName: true });
    expect(missing).toEqual(['own/kernel', 'own/bias']);
    expect(unexpected).toEqual(['scores/kernel', 'scores/bias']);
    expectError(await caught(() => network(2, 3).loadWeights(path, { byName: true })), FormatError, /does not fit/);
  });

  test('names say how layers are called in the file', async () => {
    const model = network(2, 2, 'own');
    expect((await model.loadWeights(path, { names: { scores: 'own' } })).loaded).toContain('own/kernel');
    const renamed = join(folder, 'renamed.safetensors');
    await model.saveWeights(renamed, { names: { tokens: 'embedding' } });
    expect(decodeSafetensors(await readFile(renamed), '').tensors[0]?.name).toBe('tokens/embeddings');
    expectError(await caught(() => model.loadWeights(path, { names: { scores: 'none' } })), ArgumentError, /no layer of this name/);
    expectError(
      await caught(() => model.loadWeights(path, { names: { scores: ['own'] } })),
      ArgumentError,
      /names\.scores must be the name of one layer/,
    );
    expectError(await caught(() => model.loadWeights(path, { names: { scores: 1 as never } })), ArgumentError, /names must be an object/);
  });

  test('are refused where something is wrong', async () => {
    const model = network(2);
    const { tensors, metadata } = decodeSafetensors(await readFile(path), '');
    const first = { ...(tensors[0] as (typeof tensors)[0]), data: new Float32Array(21) };
    const foreign = writeHDF5([{ path: 'x', shape: [2], data: new Float32Array(2) }]);
    const changed = encodeSafetensors({ tensors: [first, ...tensors.slice(1)], metadata });
    for (const [call, errorClass, message] of [
      [
        () => model.loadWeights(join(folder, 'none.safetensors')),
        FileError,
        /^loadWeights: cannot read .*none\.safetensors: there is no file \S*none\.safetensors$/,
      ],
      [() => model.loadWeights(3 as never), ArgumentError, /^loadWeights takes a file name, an address, bytes or a Blob, got 3/],
      [() => model.loadWeights(path, { skip: true } as never), ArgumentError, /unknown option 'skip'/],
      [
        () => model.loadWeights(path, { format: 'torch' as never }),
        ArgumentError,
        /format is 'torch' \(did you mean 'pytorch'\?\); it must be one of 'keras', 'pytorch', 'backtime'/,
      ],
      [() => model.loadWeights(changed), FormatError, /is corrupt: its contents do not have the checksum/],
      [() => model.loadWeights(encodeSafetensors({ tensors, metadata: {} })), FormatError, /Backtime did not write it.*format: 'pytorch'/],
      [() => model.loadWeights(encodeSafetensors({ tensors, metadata: { ...metadata, version: '9' } })), FormatError, /has version '9'/],
      [() => model.loadWeights(foreign), FormatError, /is an HDF5 file, but none of Keras with weights/],
      [() => loadModel(path), FormatError, /saved by saveWeights.*model\.loadWeights\(file\)$/],
      [() => model.saveWeights(join(folder, 'weights.json')), ArgumentError, /ends in \.safetensors, got '/],
      [() => new Sequential(layers()).saveWeights(path), StateError, /model/],
      [() => new Sequential(layers()).loadWeights(path), StateError, /loadWeights: model sequential has no weights yet/],
    ] as const)
      expectError(await caught(call as () => Promise<unknown>), errorClass, message);
    expect(weightsOf(model)).toEqual(weightsOf(network(2)));
    await writeFile(join(folder, 'cut.safetensors'), (await readFile(path)).subarray(0, 400));
    expectError(
      await caught(() => model.loadWeights(join(folder, 'cut.safetensors'))),
      FormatError,
      /cut\.safetensors is not a whole safetensors file/,
    );
  });
});
