import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  Adam,
  ArgumentError,
  binaryCrossentropy,
  type CompileState,
  Dense,
  Embedding,
  FileError,
  FormatError,
  GRU,
  loadModel,
  modelToBytes,
  Sequential,
} from '../../ts/index.ts';
import { availableBackends, everyBackend } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, expectSameWeights, samples, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { caught, expectError } from '../support/refusals.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

const x = samples({ steps: 5, ids: 7 }, 6, new RandomArrays(1));
const y = tensor([6, 1], new RandomArrays(2), 0, 1);

const network = () =>
  builtModel([new Embedding(7, 3, { maskZero: true }), new GRU(2), new Dense(1, { activation: 'sigmoid' })], [5], new RandomArrays(3));
const trained = async () => {
  const model = network();
  model.compile({ optimizer: new Adam({ clipnorm: 1 }), loss: 'binaryCrossentropy', metrics: ['accuracy', 'mae'] });
  await model.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 });
  return model;
};

const backends = await availableBackends();

describe.each(backends)('saved models on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backtime-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('a file, an address, a Blob and bytes hold the same model', async () => {
    const model = await trained();
    const path = join(folder, 'model.safetensors');
    await model.save(path);
    const bytes = await modelToBytes(model);
    expect(Uint8Array.from(await readFile(path))).toEqual(bytes);
    const expected = (await model.predict(x)).data;
    const { buffer } = bytes.slice();
    const url = pathToFileURL(path);
    for (const source of [path, url, url.href, bytes, Buffer.from(bytes), buffer as ArrayBuffer, new Blob([buffer as ArrayBuffer])]) {
      expect((await (await loadModel(source)).predict(x)).data).toEqual(expected);
    }
  });

  test('a file: URL is saved to as its file is', async () => {
    const model = await trained();
    for (const [name, asText] of [
      ['first', false],
      ['a second', true],
    ] as const) {
      const path = join(folder, `${name}.safetensors`);
      const url = pathToFileURL(path);
      await model.save(asText ? url.href : url);
      expect(Uint8Array.from(await readFile(path))).toEqual(await modelToBytes(model));
    }
    const refused = () => model.save(new URL('https://example.com/model.safetensors'));
    expectError(
      await caught(refused),
      ArgumentError,
      /^https:\/\/example\.com\/model\.safetensors is not the address of a file on this system$/,
    );
  });

  test('a model whose training diverged is saved and loaded with what became of its weights', async () => {
    const model = await trained();
    model.optimizer.learningRate = Number.MAX_VALUE;
    for (let step = 0; step < 8; step++) await model.trainOnBatch(x, y);
    const loaded = await loadModel(await modelToBytes(model));
    expectSameWeights(loaded, model);
    expect(loaded.getWeights().some(({ data }) => data.some((value) => !Number.isFinite(value)))).toBe(true);
  });

  test('a file without a checksum loads; one with another is named in the error', async () => {
    const model = await trained();
    const bytes = await modelToBytes(model);
    const text = new TextDecoder('latin1').decode(bytes);
    const at = text.indexOf('"checksum"');
    const file = bytes.slice();
    file[at + 1] = 'k'.charCodeAt(0);
    expectSameWeights(await loadModel(file), model);
    const path = join(folder, 'spoiled.safetensors');
    file.set(bytes);
    file[file.length - 1] ^= 1;
    await writeFile(path, file);
    expectError(await caught(() => loadModel(path)), FormatError, /spoiled\.safetensors is corrupt: /);
  });

  test('everything of the model comes back: names, layers, shapes, compilation, seed, progress', async () => {
    const model = await trained();
    const loaded = await loadModel(await modelToBytes(model));
    expect(loaded).toBeInstanceOf(Sequential);
    expect(loaded.getState()).toEqual(model.getState());
    expect(await loaded.evaluate(x, y)).toEqual(await model.evaluate(x, y));
    expect((await loaded.predict(samples({ steps: 9, ids: 7 }, 2, new RandomArrays(4)))).shape).toEqual([2, 1]);
  });

  test('a model that was not compiled, or not trained, is saved as it is', async () => {
    const model = network();
    const plain = await loadModel(await modelToBytes(model));
    expectSameWeights(plain, model);
    await expect(plain.fit(x, y)).rejects.toThrow(/not compiled/);
    model.compile({ optimizer: 'adam', loss: binaryCrossentropy({ fromLogits: true }) });
    const compiled = await loadModel(await modelToBytes(model));
    expect(compiled.getState()).toEqual(model.getState());
    await compiled.trainOnBatch(x, y);
    await model.trainOnBatch(x, y);
    expectSameWeights(compiled, model);
  });

  test('frozen layers stay frozen', async () => {
    const model = network();
    model.getLayer('gru').trainable = false;
    model.compile({ optimizer: 'adam', loss: 'mse' });
    await model.trainOnBatch(x, y);
    const loaded = await loadModel(await modelToBytes(model));
    const frozen = loaded.getWeights()[1];
    for (const each of [model, loaded]) await each.fit(x, y, { epochs: 2, verbose: 0 });
    expectSameWeights(loaded, model);
    expect(loaded.getWeights()[1]).toEqual(frozen);
  });

  test('a loaded model trains on as compile settled it, whatever its layers say since, and compiles as they say', async () => {
    const model = await trained();
    model.getLayer('gru').trainable = false;
    const loaded = await loadModel(await modelToBytes(model));
    expect(loaded.getLayer('gru').trainable).toBe(false);
    for (const each of [model, loaded]) await each.fit(x, y, { verbose: 0 });
    expectSameWeights(loaded, model);
    expect(loaded.getState()).toEqual(model.getState());
    const trainedOn = loaded.getWeights()[1];
    loaded.compile({ optimizer: 'adam', loss: 'mse' });
    await loaded.fit(x, y, { verbose: 0 });
    expect(loaded.getWeights()[1]).toEqual(trainedOn);
  });

  test('a file that names no trained layers was compiled with what its layers say', async () => {
    const model = network();
    model.getLayer('gru').trainable = false;
    model.compile({ optimizer: 'adam', loss: 'mse' });
    await model.trainOnBatch(x, y);
    const { compile, ...state } = model.getState();
    const { trainable, ...older } = compile as CompileState;
    expect(trainable).not.toContain('gru');
    const loaded = Sequential.fromState({ ...state, compile: older });
    for (const each of [model, loaded]) await each.fit(x, y, { verbose: 0 });
    expectSameWeights(loaded, model);
  });

  test('a file that says to train a layer which it does not have is refused', async () => {
    const { compile, ...state } = (await trained()).getState();
    const strange = { ...(compile as CompileState), trainable: ['gru', 'gruu'] };
    expect(() => Sequential.fromState({ ...state, compile: strange })).toThrow(/compile\.trainable.*'gruu'/);
  });

  test.each(['optimizer', '__proto__', 'constructor', '__metadata__', 'a b', 'ö😀'])('a layer may be called %s', async (name) => {
    const model = new Sequential([new Dense(2, { name }), new Dense(1)], { name });
    model.compile({ optimizer: 'adam', loss: 'mse' });
    const features = samples({ shape: [3] }, 6, new RandomArrays(1));
    await model.fit(features, y, { verbose: 0 });
    const loaded = await loadModel(await modelToBytes(model));
    expect(loaded.name).toBe(name);
    for (const each of [model, loaded]) await each.fit(features, y, { verbose: 0 });
    expectSameWeights(loaded, model);
  });

  test('a model of another backend predicts the same within rounding, and trains on', async () => {
    const model = await trained();
    const bytes = await modelToBytes(model);
    const expected = await model.predict(x);
    for (const other of await everyBackend()) {
      startOn(other.backend);
      const loaded = await loadModel(bytes);
      expectClose((await loaded.predict(x)).data, expected.data, TRAIN_STEP_FLOAT32, `predictions on ${other.label}`);
      await loaded.fit(x, y, { verbose: 0 });
    }
  });

  test('a file that cannot be read is an error that names it', async () => {
    const missing = join(folder, 'missing.safetensors');
    for (const source of [missing, pathToFileURL(missing)]) {
      expectError(
        await caught(() => loadModel(source)),
        FileError,
        /^loadModel: cannot read .*missing\.safetensors: there is no file \S*missing\.safetensors$/,
      );
    }
    expectError(await caught(() => loadModel(folder)), FileError, /^loadModel: cannot read .*: it is a folder/);
    expectError(await caught(() => loadModel('a\0b')), FileError, /^loadModel: cannot read a/);
    const server = createServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.safetensors`;
    expectError(await caught(() => loadModel(address)), FileError, /^loadModel: http:.*model\.safetensors answered 404 Not Found$/);
    server.close();
    await once(server, 'close');
    expectError(
      await caught(() => loadModel(new URL(address))),
      FileError,
      /^loadModel: cannot fetch http:.*model\.safetensors: .*ECONNREFUSED/,
    );
  });

  test('a file that cannot be written is an error that names it, and the model is as before', async () => {
    const model = await trained();
    const before = model.getState();
    const file = join(folder, 'file');
    const directory = join(folder, 'directory.safetensors');
    await writeFile(file, '');
    await mkdir(directory);
    for (const [path, reason] of [
      [join(folder, 'missing', 'model.safetensors'), /^save: cannot write \S*model\.safetensors: there is no folder \S*missing$/],
      [join(file, 'model.safetensors'), /^save: cannot write \S*model\.safetensors: a part of its path is a file, not a folder$/],
      [directory, /^save: cannot write .*directory\.safetensors: it is not a regular file$/],
    ] as const) {
      expectError(await caught(() => model.save(path)), FileError, reason);
    }
    expect(model.getState()).toEqual(before);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await rm(file);
  });

  test('a save that is not awaited has the weights and the metadata of the time of the call', async () => {
    const model = await trained();
    const [before, file] = [model.getWeights(), join(folder, 'at-the-call.safetensors')];
    const [saved, bytes, bare] = [model.save(file), modelToBytes(model), modelToBytes(model, { includeOptimizer: false })];
    model.setWeights(before.map(({ shape, data }) => ({ shape, data: data.map(() => 0) })));
    await saved;
    expect((await loadModel(await bare)).getState().compile).toBeNull();
    for (const source of [file, await bytes]) {
      const loaded = await loadModel(source);
      expect(loaded.getWeights().map(({ data }) => [...data])).toEqual(before.map(({ data }) => [...data]));
    }
  });

  test('of saves to one file at once all resolve, and the last one wins', async () => {
    const path = join(folder, 'overlapping.safetensors');
    const url = pathToFileURL(path);
    for (let round = 0; round < 10; round++) {
      const models = Array.from({ length: 5 }, network);
      for (const [index, model] of models.entries()) {
        model.setWeights(model.weights.map(({ shape }) => tensor(shape, new RandomArrays(10 * round + index))));
      }
      await Promise.all(models.map((model, index) => model.save(index % 2 ? path : url)));
      expectSameWeights(await loadModel(path), models.at(-1) as Sequential);
      for (const model of models) model.dispose();
    }
    expect((await readdir(folder)).filter((name) => !name.endsWith('.safetensors'))).toEqual([]);
  });

  test('saving replaces a file only when everything is written, and leaves nothing beside it', async () => {
    const model = await trained();
    const path = join(folder, 'kept.safetensors');
    await writeFile(path, 'the old one');
    await expect(new Sequential([new Dense(1)]).save(path)).rejects.toThrow(/no weights yet/);
    expect(await readFile(path, 'utf8')).toBe('the old one');
    await model.save(path);
    expectSameWeights(await loadModel(path), model);
    expect((await readdir(folder)).filter((name) => !name.endsWith('.safetensors'))).toEqual([]);
  });
});
