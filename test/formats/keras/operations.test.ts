import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../ts/core/errors.ts';
import { writeZip } from '../../../ts/data/writeZip.ts';
import { ZipArchive } from '../../../ts/data/zip.ts';
import {
  type BackendName,
  Input,
  type InputsLike,
  loadModel,
  Model,
  modelToBytes,
  ops,
  setBackend,
  type Tensor,
} from '../../../ts/node.ts';
import { type GoldenTensor, readGolden } from '../../golden/goldenFiles.ts';
import { expectClose } from '../../support/differences.ts';
import { caught, expectError } from '../../support/refusals.ts';

// Functions of keras.ops in files, with the options of their classes.

const VALUES = [-3, -0.7, -0.4, 0.3, 0.45, 2];

/** A description of a function in the configuration of a file. */
interface Described {
  readonly module: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Its arguments after the input. */
  readonly args?: readonly unknown[];
}

/** A file with one function, which is replaced. */
async function fileWith({ module, className, config, args = [] }: Described, operation = ops.elu): Promise<Uint8Array> {
  const x = Input({ shape: [VALUES.length] });
  const bytes = await modelToBytes(new Model({ inputs: x, outputs: operation(x) }), { format: 'keras' });
  const archive = new ZipArchive(bytes, 'test');
  const entries = archive.names.map((name): [string, Uint8Array] => {
    if (name !== 'config.json') return [name, archive.read(name)];
    const whole = JSON.parse(new TextDecoder().decode(archive.read(name))) as { config: { layers: Record<string, unknown>[] } };
    const layer = whole.config.layers[1] as { config: { name: string }; inbound_nodes: [{ args: unknown[] }] };
    layer.inbound_nodes[0].args.push(...args);
    Object.assign(layer, { module, class_name: className, registered_name: className, config: { name: layer.config.name, ...config } });
    return [name, new TextEncoder().encode(JSON.stringify(whole))];
  });
  return new Uint8Array(Buffer.concat(writeZip(entries, 'test')));
}

const ofNumpy = (className: string, config: Described['config'] = {}): Described => ({ module: 'keras.src.ops.numpy', className, config });
const ofNN = (className: string, config: Described['config'] = {}): Described => ({ module: 'keras.src.ops.nn', className, config });

const slice = (start: number | null, stop: number | null, step: number | null) => ({
  class_name: '__slice__',
  config: { start, stop, step },
});
const TENSOR = { class_name: '__keras_tensor__', config: { shape: [null, 6], dtype: 'float32', keras_history: ['input', 0, 0] } };

async function predictedOf(bytes: Uint8Array): Promise<ArrayLike<number>> {
  const model = await loadModel<Model>(bytes);
  return ((await model.predict([VALUES])) as Tensor).data;
}

/** Hendrycks & Gimpel 2016, the form with tanh, which Keras's function has by default. */
const geluTanh = (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

test('axes of Transpose may be counted from the end', async () => {
  setBackend('reference');
  expect(Array.from(await predictedOf(await fileWith(ofNumpy('Transpose', { axes: [0, -1] }))))).toEqual(VALUES);
});

test.each<[string, readonly number[], readonly number[], readonly number[]]>([
  ['from the end on', [0, -2, 0], [-1, 2, 2], [7, 8, 10, 11]],
  ['from the end on, and all that follow', [0, -1, 1], [-1, -1, -1], [11, 12]],
  ['from a start', [0, 1, 1], [-1, 2, 1], [5, 8]],
])('a part of samples %s is written, with what Keras has for it', async (_, start, size, expected) => {
  setBackend('reference');
  const x = Input({ shape: [4, 3] });
  const bytes = await modelToBytes(new Model({ inputs: x, outputs: ops.slice(x, start, size) }), { format: 'keras' });
  const rows = [0, 1, 2, 3].map((row) => [1, 2, 3].map((feature) => 3 * row + feature));
  const predicted = (await (await loadModel<Model>(bytes)).predict([rows])) as Tensor;
  expect([...predicted.data]).toEqual(expected);
});

interface Golden {
  readonly name: string;
  /** The file, packed by zlib, in base 64. */
  readonly file: string;
  readonly inputs: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
  /** After a step of SGD towards zeros. */
  readonly weights: readonly GoldenTensor[];
}

const { models } = readGolden<{ models: readonly Golden[] }>('kerasOperations');
const tensorOf = ({ shape, data }: GoldenTensor): Tensor => ({ shape, data: Float64Array.from(data) });

/** Fails unless a file predicts and learns as in Keras. */
async function expectAsInKeras(bytes: Uint8Array, { name, inputs, outputs, weights }: Golden): Promise<Model> {
  const model = await loadModel<Model>(bytes);
  const x = inputs.map(tensorOf);
  const given = (x.length === 1 ? x[0] : x) as InputsLike;
  const predicted = (await model.predict(given)) as Tensor[];
  for (const [index, { data }] of outputs.entries()) expectClose(predicted[index]?.data, data, IN_FLOAT32, `output ${index} of ${name}`);
  await model.trainOnBatch(given, outputs.map(({ shape, data }) => ({ shape, data: new Float64Array(data.length) })) as never);
  for (const [index, { data }] of model.getWeights().entries())
    expectClose(data, weights[index]?.data, IN_FLOAT32, `${model.weights[index]?.path} of ${name}`);
  return loadModel<Model>(bytes);
}

/** Keras computed in float32. */
const IN_FLOAT32 = { relative: 5e-6 };

const CASES = models.flatMap((golden) => ['reference', 'wasm'].map((backend) => ({ ...golden, backend: backend as BackendName })));

test.each(CASES)('the functions of $name compute and learn on $backend as in Keras, and so does what is written', async (golden) => {
  setBackend(golden.backend);
  const model = await expectAsInKeras(new Uint8Array(inflateSync(Buffer.from(golden.file, 'base64'))), golden);
  await expectAsInKeras(await modelToBytes(model, { format: 'keras' }), golden);
  await expectAsInKeras(await modelToBytes(model), golden);
});

describe('functions of keras.ops', () => {
  test.each<[string, Described, (x: number) => number]>([
    ['Gelu that is approximate', ofNN('Gelu', { approximate: true }), geluTanh],
    ['Gelu without its option', ofNN('Gelu'), geluTanh],
    ['Elu with alpha 1', ofNN('Elu', { alpha: 1 }), (x) => (x > 0 ? x : Math.expm1(x))],
    ['LeakyRelu with its default', ofNN('LeakyRelu', { negative_slope: 0.2 }), (x) => (x > 0 ? x : 0.2 * x)],
    ['HardShrink with its default', ofNN('HardShrink', { threshold: 0.5 }), (x) => (Math.abs(x) > 0.5 ? x : 0)],
    ['Squareplus with its default', ofNN('Squareplus', { b: 4 }), (x) => (x + Math.sqrt(x * x + 4)) / 2],
  ])('%s computes as in Keras', async (_, described, formula) => {
    setBackend('reference');
    expectClose(await predictedOf(await fileWith(described)), VALUES.map(formula), { relative: 1e-6 }, described.className);
  });

  test('Gelu that is not approximate differs from the other, and is written with its option', async () => {
    setBackend('reference');
    const bytes = await fileWith(ofNN('Gelu', { approximate: false }));
    const exact = await predictedOf(bytes);
    expect(Math.abs((exact[0] as number) - geluTanh(VALUES[0] as number))).toBeGreaterThan(1e-4);
    for (const approximate of [false, true]) {
      const model = await loadModel<Model>(await fileWith(ofNN('Gelu', { approximate })));
      const written = new ZipArchive(await modelToBytes(model, { format: 'keras' }), 'test').read('config.json');
      // Keras takes approximate: true where the option is missing.
      expect(new TextDecoder().decode(written)).toContain(`"approximate":${approximate}`);
    }
  });

  test.each<[string, Described, RegExp]>([
    ['Elu', ofNN('Elu', { alpha: 0.5 }), /\(Elu\) is a function of keras.ops with alpha: 0.5, but Backtime has only alpha: 1: use a layer/],
    ['LeakyRelu', ofNN('LeakyRelu', { negative_slope: 0.3 }), /with negative_slope: 0.3, but Backtime has only negative_slope: 0.2/],
    ['an unknown option', ofNN('Relu', { shine: 4 }), /with shine: 4, an option that Backtime does not have/],
    [
      'a maximum with a smallest value',
      { module: 'keras.src.ops.numpy', className: 'Max', config: { axis: 1, keepdims: false, initial: 1 } },
      /with initial: 1, an option that Backtime does not have/,
    ],
    [
      'an einsum',
      ofNumpy('Einsum', { subscripts: 'bi->b' }),
      /\(Einsum\) is a function of keras.ops that Backtime does not read: use the layer Dot/,
    ],
    [
      'a sum along two axes',
      ofNumpy('Sum', { axis: [1, 2] }),
      /\(Sum\) is a function of keras.ops along axis \[1, 2\], but Backtime takes one axis: use/,
    ],
    ['a sum of samples', ofNumpy('Sum', { axis: 0 }), /along axis 0, which is the batch/],
    ['a shape without a batch', ofNumpy('Reshape', { newshape: [3, 2] }), /to shape \[3, 2\], but Backtime takes -1 for the batch/],
    ['samples in the place of steps', ofNumpy('Transpose', { axes: [1, 0] }), /that moves the batch axis/],
    [
      'an integer of values',
      { module: 'keras.src.ops.core', className: 'Cast', config: { dtype: 'int32' } },
      /to 'int32', but Backtime computes in float32/,
    ],
  ])('%s with what Backtime does not compute is refused', async (_, described, message) => {
    expectError(await caught(async () => loadModel(await fileWith(described))), FormatError, message);
  });

  test.each<[string, string, readonly unknown[], RegExp]>([
    ['a power', 'Power', [2.5], /\(Power\) is a function of keras.ops of values and 2.5, but Backtime has whole exponents to 16, 0.5/],
    ['a power of other values', 'Power', [TENSOR], /of values and values, but Backtime has/],
    ['the first sample', 'GetItem', [[0]], /that takes some of the samples: begin with a colon, as in x\[:, -1\]/],
    ['every second sample', 'GetItem', [[slice(null, null, 2)]], /that takes some of the samples/],
    [
      'elements where others are',
      'GetItem',
      [[slice(null, null, null), TENSOR]],
      /at .*, but Backtime takes integers, slices and new axes/,
    ],
    ['a step of 0', 'GetItem', [[slice(null, null, null), slice(0, 1, 0)]], /at .*, but Backtime takes integers, slices and new axes/],
    [
      'constants',
      'Add',
      [{ class_name: '__numpy__', config: { value: [1], dtype: 'float32' } }],
      /\(Add\) is a function of keras.ops of an array of constants/,
    ],
  ])('%s with arguments that Backtime does not compute is refused', async (_, className, args, message) => {
    expectError(await caught(async () => loadModel(await fileWith({ ...ofNumpy(className), args }))), FormatError, message);
  });

  test.each<[string, readonly unknown[], RegExp]>([
    ['an index outside', [6], /index 6 is out of range for the 6 along axis 1/],
    ['a slice of nothing', [slice(4, 2, null)], /the slice 4:2: takes none of the 6 along axis 1/],
    ['more axes than there are', [slice(null, null, null), 1], /takes indices of 2 axes after the batch, got samples of shape \[6\]/],
    ['no axis that stays', [0], /takes and gives samples of 1 to 3 axes, got \[6\] and gives \[\]/],
  ])('a key with %s is refused', async (_, key, message) => {
    const args = [[slice(null, null, null), ...key]];
    expect(await caught(async () => loadModel(await fileWith({ ...ofNumpy('GetItem'), args })))).toMatchObject({
      message: expect.stringMatching(message),
    });
  });
});
