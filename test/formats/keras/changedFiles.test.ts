import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../ts/core/errors.ts';
import { writeZip } from '../../../ts/data/writeZip.ts';
import { ZipArchive } from '../../../ts/data/zip.ts';
import {
  CustomLayer,
  Dense,
  GRU,
  Input,
  loadModel,
  Model,
  modelToBytes,
  registerClass,
  Sequential,
  type SymbolicTensor,
} from '../../../ts/node.ts';
import { readGolden } from '../../golden/goldenFiles.ts';
import { caught, expectError } from '../../support/refusals.ts';

const models = ['kerasFiles', 'kerasPreparation'].flatMap(
  (golden) => readGolden<{ models: readonly { name: string; file: string }[] }>(golden).models,
);
// biome-ignore lint/suspicious/noExplicitAny: what a test changes in it may be anywhere
type Json = Record<string, any>;

/** The bytes of a golden file. */
function fileOf(name: string): Uint8Array {
  const { file } = models.find((each) => each.name === name) as { file: string };
  return new Uint8Array(inflateSync(Buffer.from(file, 'base64')));
}

/** The file with other contents; checksums are those of the new ones. */
function changed(bytes: Uint8Array, change: (name: string, content: Uint8Array) => Uint8Array): Uint8Array {
  const archive = new ZipArchive(bytes, 'test');
  return new Uint8Array(
    Buffer.concat(
      writeZip(
        archive.names.map((name) => [name, change(name, archive.read(name))] as const),
        'test',
      ),
    ),
  );
}

/** The file with another configuration. */
function withConfig(name: string, change: (config: Json) => void): Uint8Array {
  return changed(fileOf(name), (entry, content) => {
    if (entry !== 'config.json') return content;
    const config = JSON.parse(new TextDecoder().decode(content)) as Json;
    change(config);
    return new TextEncoder().encode(JSON.stringify(config));
  });
}

const NAME = 'embedding_lstm_dense';
/** The layers: input, embedding, lstm, dense. */
const layerAt = (index: number, change: (layer: Json) => void) => withConfig(NAME, ({ config }) => change(config.layers[index]));

describe('a file of Keras with what Backtime does not have is refused by name', () => {
  test.each<[string, Uint8Array, RegExp]>([
    [
      'an option',
      layerAt(3, ({ config }) => Object.assign(config, { lora_rank: 4 })),
      /layer dense \(Dense\): lora_rank is 4, but Backtime has no such option/,
    ],
    [
      'an empty object as mask',
      withConfig('shared_layers_and_masks', ({ config }) => Object.assign(config.layers[5].inbound_nodes[0].kwargs, { mask: {} })),
      /inbound_nodes\[0\]: mask should be an output of a layer, but is /,
    ],
    [
      'fewer inputs of a model inside than it prepares',
      withConfig('models_that_prepare', ({ config }) => {
        const { args } = config.layers[2].inbound_nodes[0];
        args[0] = args[0].slice(0, 1);
      }),
      /has 2 inputs, but is given 1/,
    ],
    [
      'an unknown option',
      layerAt(3, ({ config }) => Object.assign(config, { shine: 4 })),
      /layer dense \(Dense\) cannot be made: Dense: unknown option 'shine'/,
    ],
    [
      'a layer',
      layerAt(2, (layer) => Object.assign(layer, { class_name: 'ConvLSTM9D' })),
      /layer lstm \(ConvLSTM9D\) cannot be made: there is no layer class 'ConvLSTM9D'/,
    ],
    [
      'a Lambda',
      layerAt(3, (layer) => Object.assign(layer, { class_name: 'Lambda' })),
      /layer dense \(Lambda\) runs code that is in the file/,
    ],
    [
      'an activation',
      layerAt(3, ({ config }) => Object.assign(config, { activation: 'glow' })),
      /layer dense \(Dense\) cannot be made: Dense: activation must be/,
    ],
    [
      'a layer as activation',
      layerAt(3, ({ config }) => Object.assign(config, { activation: { class_name: 'LeakyReLU', config: {} } })),
      /activation is 'LeakyReLU', an object/,
    ],
    [
      'a class of a user',
      layerAt(3, (layer) => Object.assign(layer, { class_name: 'Peep', registered_name: 'my>Peep' })),
      /there is no layer 'my>Peep': call registerClass/,
    ],
    [
      'a quantized layer',
      layerAt(3, ({ config }) => Object.assign(config, { dtype: 'int8_from_float32' })),
      /dtype 'int8_from_float32', which Backtime does not have/,
    ],
    [
      'a subclassed model',
      withConfig(NAME, (model) => Object.assign(model, { class_name: 'Mine', registered_name: 'my>Mine' })),
      /the model is a my>Mine, a class whose code is not in the file/,
    ],
    [
      'huge layers',
      layerAt(2, ({ config }) => Object.assign(config, { units: 2 ** 30 })),
      /'layers\/lstm\/cell\/vars\/0' has shape \[4, 20\], but lstm\/kernel has/,
    ],
    [
      'a key __proto__',
      layerAt(3, ({ config }) => Object.defineProperty(config, '__proto__', { value: { units: 1 }, enumerable: true })),
      /has an option '__proto__'/,
    ],
    [
      'an initializer __proto__',
      layerAt(3, ({ config }) => Object.assign(config, { kernel_initializer: { class_name: '__proto__', config: {} } })),
      /layer dense \(Dense\) cannot be made: Dense: kernelInitializer/,
    ],
    [
      'a mask that is made of nothing',
      withConfig('shared_layers_and_masks', ({ config }) => {
        for (const layer of config.layers) if (layer.class_name === 'NotEqual') layer.inbound_nodes[0].args = [];
      }),
      /is given a mask that is computed/,
    ],
    [
      'no configuration',
      changed(fileOf(NAME), (entry, content) => (entry === 'config.json' ? new TextEncoder().encode('null') : content)),
      /config.json should be an object/,
    ],
    [
      'no JSON',
      changed(fileOf(NAME), (entry, content) => (entry === 'config.json' ? new TextEncoder().encode('{') : content)),
      /config.json is not JSON/,
    ],
    ['no weights', changed(fileOf(NAME), (entry, content) => (entry.endsWith('.h5') ? new Uint8Array(0) : content)), /is not an HDF5 file/],
    [
      'two layers of one name',
      withConfig('nested_models', ({ config }) => Object.assign(config.layers[2], { name: config.layers[1].name })),
      /has two layers called '/,
    ],
    [
      'a constant where a layer takes an output',
      withConfig('nested_models', ({ config }) => Object.assign(config.layers.at(-1), { inbound_nodes: [{ args: [3], kwargs: {} }] })),
      /should be an output of a layer, but is 3: Backtime takes no constants there/,
    ],
    ['no outputs', withConfig('nested_models', ({ config }) => Object.assign(config, { output_layers: [] })), /output_layers is empty/],
    ['no inputs', withConfig('nested_models', ({ config }) => Object.assign(config, { input_layers: [] })), /input_layers is empty/],
    [
      'a circle',
      withConfig('nested_models', ({ config }) => {
        config.layers[1].inbound_nodes[0].args[0].config.keras_history = ['head', 0, 0];
      }),
      /depends on its own output|which .* does not have/,
    ],
  ])('%s', async (_, bytes, message) => {
    expectError(await caught(() => loadModel(bytes)), FormatError, message);
  });

  test('unless the option has the value that changes nothing', async () => {
    await loadModel(layerAt(3, ({ config }) => Object.assign(config, { lora_rank: null, quantization_config: null })));
  });

  test('a loss; without it the model loads', async () => {
    const bytes = withConfig(NAME, (model) => {
      model.compile_config = { optimizer: 'adam', loss: 'tversky' };
    });
    expectError(await caught(() => loadModel(bytes)), FormatError, /'tversky'.* compile: false/);
    const model = await loadModel(bytes, { compile: false });
    expect(model.layers).toHaveLength(3);
  });
});

describe('models that are saved as .keras', () => {
  test('keep metadata and names of inputs and outputs', async () => {
    const x = Input({ shape: [null, 3], name: 'x' });
    const model = new Model({ inputs: { steps: x }, outputs: { last: new GRU(2).apply(x) as SymbolicTensor } });
    const loaded = await loadModel<Model>(await modelToBytes(model, { format: 'keras', metadata: { labels: ['a'] } }));
    expect(loaded.metadata).toEqual({ labels: ['a'] });
    expect(Object.keys((await loaded.predict({ steps: [[[1, 2, 3]]] })) as object)).toEqual(['last']);
  });

  test('keep layers of registered classes', async () => {
    class Twice extends CustomLayer {
      static readonly className = 'Twice';
      override call(input: SymbolicTensor): SymbolicTensor {
        return input;
      }
    }
    registerClass(Twice, { package: 'keras-test' });
    const model = new Sequential([new Dense(2, { inputShape: [3] }), new Twice()]);
    const bytes = await modelToBytes(model, { format: 'keras' });
    expect(new TextDecoder().decode(new ZipArchive(bytes, 'test').read('config.json'))).toContain('"registered_name":"keras-test>Twice"');
    expect((await loadModel(bytes)).layers[1]).toBeInstanceOf(Twice);
  });
});

test('outputs inside of each other are an array of outputs', async () => {
  const bytes = withConfig('inception', ({ config }) => {
    const [first, ...others] = config.output_layers;
    config.output_layers = [first, [...others, [first]]];
  });
  const plain = await loadModel<Model>(fileOf('inception'), { compile: false });
  const nested = await loadModel<Model>(bytes, { compile: false });
  expect(nested.outputs.map(({ shape }) => shape)).toEqual([...plain.outputs, plain.outputs[0]].map((output) => output?.shape));
});
