import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../ts/core/errors.ts';
import { writeZip } from '../../../ts/data/writeZip.ts';
import { ZipArchive } from '../../../ts/data/zip.ts';
import { Input, loadModel, Model, modelToBytes, ops, setBackend, type Tensor } from '../../../ts/node.ts';
import { expectClose } from '../../support/differences.ts';
import { caught, expectError } from '../../support/refusals.ts';

// Functions of keras.ops in files, with the options of their classes.

const VALUES = [-3, -0.7, -0.4, 0.3, 0.45, 2];

/** A description of a function in the configuration of a file. */
interface Described {
  readonly module: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A file with one function, which is replaced. */
async function fileWith({ module, className, config }: Described, operation = ops.elu): Promise<Uint8Array> {
  const x = Input({ shape: [VALUES.length] });
  const bytes = await modelToBytes(new Model({ inputs: x, outputs: operation(x) }), { format: 'keras' });
  const archive = new ZipArchive(bytes, 'test');
  const entries = archive.names.map((name): [string, Uint8Array] => {
    if (name !== 'config.json') return [name, archive.read(name)];
    const whole = JSON.parse(new TextDecoder().decode(archive.read(name))) as { config: { layers: Record<string, unknown>[] } };
    const layer = whole.config.layers[1] as { config: { name: string } };
    Object.assign(layer, { module, class_name: className, registered_name: className, config: { name: layer.config.name, ...config } });
    return [name, new TextEncoder().encode(JSON.stringify(whole))];
  });
  return new Uint8Array(Buffer.concat(writeZip(entries, 'test')));
}

const ofNN = (className: string, config: Described['config'] = {}): Described => ({ module: 'keras.src.ops.nn', className, config });

async function predictedOf(bytes: Uint8Array): Promise<ArrayLike<number>> {
  const model = await loadModel<Model>(bytes);
  return ((await model.predict([VALUES])) as Tensor).data;
}

/** Hendrycks & Gimpel 2016, the form with tanh, which Keras's function has by default. */
const geluTanh = (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

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
    ['Elu', ofNN('Elu', { alpha: 0.5 }), /\(Elu\) is a function of keras.ops with alpha: 0.5, and Backtime has only alpha: 1: use a layer/],
    ['LeakyRelu', ofNN('LeakyRelu', { negative_slope: 0.3 }), /with negative_slope: 0.3, and Backtime has only negative_slope: 0.2/],
    ['an unknown option', ofNN('Relu', { shine: 4 }), /with shine: 4, an option that Backtime does not have/],
    [
      'a maximum with a smallest value',
      { module: 'keras.src.ops.numpy', className: 'Max', config: { axis: 1, keepdims: false, initial: 1 } },
      /with initial: 1, an option that Backtime does not have/,
    ],
  ])('%s with what Backtime does not compute is refused', async (_, described, message) => {
    expectError(await caught(async () => loadModel(await fileWith(described))), FormatError, message);
  });
});
