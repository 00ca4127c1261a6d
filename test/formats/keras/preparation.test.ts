import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { FormatError } from '../../../ts/core/errors.ts';
import { decodeText } from '../../../ts/core/nodeGlobals.ts';
import { writeZip } from '../../../ts/data/writeZip.ts';
import { ZipArchive } from '../../../ts/data/zip.ts';
import { joinedBytes } from '../../../ts/formats/joinedBytes.ts';
import {
  Concatenate,
  Dense,
  Discretization,
  Embedding,
  Flatten,
  GRU,
  Hashing,
  Input,
  type InputsLike,
  loadModel,
  type Model,
  Model as ModelOf,
  modelToBytes,
  Normalization,
  Sequential,
  StringLookup,
  type SymbolicTensor,
  type Tensor,
  TextVectorization,
} from '../../../ts/node.ts';
import { type GoldenTensor, readGolden } from '../../golden/goldenFiles.ts';
import { expectClose } from '../../support/differences.ts';
import { startOn } from '../../support/modelBackends.ts';
import { caught, expectError } from '../../support/refusals.ts';

const reference = await loadBackend('reference');
beforeEach(() => startOn(reference));

interface GoldenInput {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

interface Case {
  readonly name: string;
  /** The file, packed by zlib, in base 64. */
  readonly file: string;
  readonly inputs: readonly GoldenInput[];
  readonly outputs: readonly [GoldenTensor];
}

/** Where files are kept for Keras to load. */
const FOLDER = process.env.BACKTIME_KERAS_FILES;
/** Keras computes what prepares data in float32, also where the model is float64. */
const IN_FLOAT32 = { relative: 2e-6 };
/** Weights are float32 in files. */
const IN_FILE = { relative: 1e-6 };

const { models } = readGolden<{ models: readonly Case[] }>('kerasPreparation');
const bytesOf = ({ file }: Case) => new Uint8Array(inflateSync(Buffer.from(file, 'base64')));
const bytesNamed = (name: string) => bytesOf(models.find((each) => each.name === name) as Case);

function dataOf({ shape, data }: GoldenInput): Tensor | string[] | string[][] {
  if (typeof data[0] === 'number') return { shape, data: Float64Array.from(data as number[]) };
  return shape.length === 1 ? (data as string[]) : (data as string[]).map((text) => [text]);
}

async function outputOf(model: Model, inputs: readonly GoldenInput[]): Promise<Tensor> {
  const all = inputs.map(dataOf);
  return (await model.predict((all.length === 1 ? all[0] : all) as InputsLike)) as Tensor;
}

describe('files of Keras with layers that prepare data', () => {
  test.each(models)('$name predicts as in Keras, also after it was saved again', async ({ name, file, inputs, outputs: [expected] }) => {
    const model = await loadModel<Model>(bytesOf({ name, file, inputs, outputs: [expected] }));
    const again = await modelToBytes(model, { format: 'keras' });
    if (FOLDER) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(join(FOLDER, `${name}.keras`), again);
    }
    for (const each of [model, await loadModel<Model>(again), await loadModel<Model>(await modelToBytes(model))]) {
      const { shape, data } = await outputOf(each, inputs);
      expect(shape).toEqual(expected.shape);
      expectClose(data, expected.data, IN_FLOAT32, name);
    }
  });
});

/** What the archive has in a file. */
const textIn = (bytes: Uint8Array, name: string) => decodeText(new ZipArchive(bytes, 'test').read(name), true);

describe('models of Backtime that prepare data', () => {
  const x = [
    [1, 5],
    [2, 4],
    [8, 3],
  ];

  function normalization(data: number[][], options = {}) {
    const layer = new Normalization(options);
    layer.adapt(data);
    return layer;
  }

  test('have their vocabularies as texts of the archive', async () => {
    const words = new TextVectorization();
    words.adapt(['a b', 'b c']);
    const model = new Sequential([words, new Embedding(5, 2), new GRU(2), new Dense(1)]);
    const texts = ['c b a', 'new'];
    const { data } = await model.predict(texts);
    const bytes = await modelToBytes(model, { format: 'keras' });
    expect(textIn(bytes, 'assets/layers/text_vectorization/vocabulary.txt')).toBe('\n[UNK]\nb\nc\na');
    // Keras needs the number of columns before it reads the tokens.
    for (const part of ['"vocabulary":null', '"vocabulary_size":5']) expect(textIn(bytes, 'config.json')).toContain(part);
    expectClose((await (await loadModel<Model>(bytes)).predict(texts)).data, data, IN_FILE, 'texts');
  });

  test.each(['keras', 'safetensors'] as const)('may come after an Input with the size of batches: %s', async (format) => {
    const words = new TextVectorization({ vocabulary: ['a', 'b'] });
    const model = new Sequential([Input({ shape: [], dtype: 'string', batchSize: 2 }), words, new Embedding(4, 2), new GRU(2)]);
    const { data } = await model.predict(['a b', 'b']);
    const loaded = await loadModel<Model>(await modelToBytes(model, { format }));
    expectClose((await loaded.predict(['a b', 'b'])).data, data, IN_FILE, 'texts');
    const classes = new Sequential([
      Input({ shape: [1], batchSize: 2 }),
      new Discretization({ binBoundaries: [0, 1] }),
      new Embedding(3, 2),
    ]);
    const expected = await classes.predict([[-1], [0.5]]);
    const again = await loadModel<Model>(await modelToBytes(await loadModel<Model>(await modelToBytes(classes, { format }))));
    expectClose((await again.predict([[-1], [0.5]])).data, expected.data, IN_FILE, 'numbers');
    expect(again.getState().batchSize).toBe(2);
  });

  test('have tokens that would be several lines in the configuration', async () => {
    const tags = new StringLookup({ vocabulary: ['two\nlines', 'one'] });
    const model = new Sequential([Input({ shape: [1], dtype: 'string' }), tags, new Embedding(3, 2), new Flatten(), new Dense(1)]);
    const { data } = await model.predict([['two\nlines'], ['other']]);
    const bytes = await modelToBytes(model, { format: 'keras' });
    expect(new ZipArchive(bytes, 'test').names).not.toContain('assets/layers/string_lookup/vocabulary.txt');
    expectClose((await (await loadModel<Model>(bytes)).predict([['two\nlines'], ['other']])).data, data, IN_FILE, 'tokens');
  });

  test('may have several layers with one name and different numbers, or one layer for two inputs', async () => {
    const [a, b, c] = [Input({ shape: [2], name: 'a' }), Input({ shape: [2], name: 'b' }), Input({ shape: [2], name: 'c' })];
    const first = normalization(x);
    const second = normalization([
      [0, 1],
      [4, 3],
    ]);
    const joined = new Concatenate().apply([first.apply(a), second.apply(b), first.apply(c)] as SymbolicTensor[]);
    const model = new ModelOf({ inputs: [a, b, c], outputs: new Dense(2).apply(joined) });
    const bytes = await modelToBytes(model, { format: 'keras' });
    const { config } = JSON.parse(textIn(bytes, 'config.json'));
    const written = config.layers.filter(({ class_name }: { class_name: string }) => class_name === 'Normalization');
    expect(written.map(({ name, inbound_nodes: { length } }: { name: string; inbound_nodes: unknown[] }) => [name, length]).sort()).toEqual(
      [
        ['normalization', 2],
        ['normalization_1', 1],
      ],
    );
    const { data } = await model.predict([x, x, x]);
    const loaded = await loadModel<Model>(bytes);
    expectClose((await loaded.predict([x, x, x])).data, data, IN_FILE, 'numbers');
    expect(JSON.parse(textIn(await modelToBytes(loaded, { format: 'keras' }), 'config.json'))).toEqual(
      JSON.parse(textIn(bytes, 'config.json')),
    );
  });

  test('keep the shape and the type of what they are given, in both formats', async () => {
    const [tags, size] = [Input({ shape: [1], dtype: 'string', name: 'tags' }), Input({ shape: [1], name: 'size' })];
    const hashed = new Hashing(4, { outputMode: 'oneHot' }).apply(tags);
    const bins = new Discretization({ binBoundaries: [0, 1], outputMode: 'multiHot' }).apply(size);
    const model = new ModelOf({
      inputs: [tags, size],
      outputs: new Dense(1).apply(new Concatenate().apply([hashed, bins] as SymbolicTensor[])),
    });
    const again = await loadModel<Model>(await modelToBytes(model));
    const shapes = [model, again].map(async (each) => {
      const { config } = JSON.parse(textIn(await modelToBytes(each, { format: 'keras' }), 'config.json'));
      return config.layers
        .slice(0, 2)
        .map((layer: { config: { batch_shape: unknown; dtype: string } }) => [layer.config.batch_shape, layer.config.dtype]);
    });
    for (const each of shapes)
      expect(await each).toEqual([
        [[null, 1], 'string'],
        [[null, 1], 'float32'],
      ]);
  });
});

describe('files that prepare data where Backtime does not are refused', () => {
  // biome-ignore lint/suspicious/noExplicitAny: what a test changes in it may be anywhere
  type Json = Record<string, any>;
  function changed(name: string, change: (config: Json) => void, without = 'nothing'): Uint8Array {
    const archive = new ZipArchive(bytesNamed(name), 'test');
    const entries = archive.names.flatMap((entry) => {
      if (entry.startsWith(without)) return [];
      if (entry !== 'config.json') return [[entry, archive.read(entry)] as const];
      const config = JSON.parse(decodeText(archive.read(entry), true));
      change(config.config);
      return [[entry, new TextEncoder().encode(JSON.stringify(config))] as const];
    });
    return joinedBytes(writeZip(entries, 'test'));
  }
  /** The file with a vocabulary of these bytes. */
  function withVocabulary(...bytes: number[]): Uint8Array {
    const archive = new ZipArchive(bytesNamed('a_table'), 'test');
    const isVocabulary = (name: string) => name.endsWith('string_lookup/vocabulary.txt');
    return joinedBytes(
      writeZip(
        archive.names.map((name) => [name, isVocabulary(name) ? Uint8Array.from(bytes) : archive.read(name)] as const),
        'test',
      ),
    );
  }
  const layerIn = ({ layers }: Json, className: string) => layers.find((layer: Json) => layer.class_name === className);
  const history = (layer: Json) => layer.inbound_nodes[0].args[0].config.keras_history;

  test.each<[string, Uint8Array, RegExp]>([
    [
      'a vocabulary that is missing',
      changed('a_table', () => {}, 'assets/'),
      /has no vocabulary: the file has no assets\/layers\/string_lookup\/vocabulary.txt/,
    ],
    ['a vocabulary that is not text', withVocabulary(0x61, 0xff), /string_lookup\/vocabulary.txt is not text in UTF-8/],
    ['a token that is there twice', withVocabulary(0x61, 0x0a, 0x61), /StringLookup: vocabulary has the repeated or reserved token 'a'/],
    [
      'an input that is prepared in two ways',
      changed('numbers_that_are_given', (config) => {
        const layer = structuredClone(layerIn(config, 'Normalization'));
        layer.name = layer.config.name = 'another';
        config.layers.push(layer);
      }),
      /layer another \(Normalization\) prepares data, but layer normalization takes the same input/,
    ],
    [
      'an input that is also taken as it is',
      changed('numbers_that_are_given', (config) => {
        const [rescaling] = config.layers.filter(({ class_name }: Json) => class_name === 'Rescaling');
        history(rescaling).splice(0, 1, config.input_layers.flat()[0]);
        config.output_layers = [config.output_layers.flat(), [layerIn(config, 'Normalization').name, 0, 0]];
      }),
      /layer normalization \(Normalization\) prepares data, but other layers take the output of/,
    ],
    [
      'what layers compute',
      changed('numbers_that_are_given', (config) => {
        const normalization = layerIn(config, 'Normalization');
        const rescaling = layerIn(config, 'Rescaling');
        const [input] = history(normalization);
        history(normalization)[0] = rescaling.name;
        history(rescaling)[0] = input;
        for (const layer of config.layers) if (layer.class_name === 'GRU') history(layer)[0] = normalization.name;
      }),
      /layer normalization \(Normalization\) prepares data, but takes what layers compute/,
    ],
    [
      'a layer that prepares its own output',
      changed('numbers_that_are_given', (config) => {
        const normalization = layerIn(config, 'Normalization');
        history(normalization)[0] = normalization.name;
      }),
      /takes what layers compute|depends on its own output|other layers take the output of/,
    ],
  ])('%s', async (_, bytes, message) => {
    expectError(await caught(() => loadModel(bytes)), FormatError, message);
  });
});
