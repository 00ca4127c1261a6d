import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { crc32 } from '../../../ts/data/crc.ts';
import { decodeModelMessage } from '../../../ts/formats/onnx/decodeMessages.ts';
import { LAYER_WRITERS } from '../../../ts/formats/onnx/layerWriters.ts';
import {
  Dense,
  Discretization,
  Embedding,
  GRU,
  GroupNormalization,
  Input,
  Model,
  modelToBytes,
  Sequential,
  type Tensor,
} from '../../../ts/index.ts';
import { MORE_LAYERS } from '../../../ts/layers/moreLayers.ts';
import { loadAllClasses } from '../../../ts/model/allClasses.ts';
import golden from '../../golden/onnxWritten.json' with { type: 'json' };
import { expectClose } from '../../support/differences.ts';
import { startOn } from '../../support/modelBackends.ts';
import { ONNX_CASES, onnxCase } from '../../support/onnxModels.ts';

const backend = await loadBackend('reference');
await loadAllClasses();

/** Layers that are written where models, and where data is prepared. */
const ELSEWHERE = ['CategoryEncoding', 'Discretization', 'InputLayer', 'Normalization', 'TimeDistributed'];
const REFUSED = ['CRF', 'Hashing', 'IntegerLookup', 'StringLookup', 'TextVectorization'];

test('every layer is written, or docs/onnx.md says why not', () => {
  const page = readFileSync(new URL('../../../docs/onnx.md', import.meta.url), 'utf8');
  const others = Object.keys(MORE_LAYERS).filter((name) => !Object.hasOwn(LAYER_WRITERS, name) && !ELSEWHERE.includes(name));
  expect(others.sort()).toEqual(REFUSED);
  for (const name of others) expect(page).toMatch(new RegExp(`^ +\\|.*\`${name}\`.*\\|`, 'm'));
});

describe('onnxruntime gives what the model predicts', () => {
  test('the golden file has every model', () => {
    expect(golden.cases.map(({ name }) => name)).toEqual(ONNX_CASES.map(([name]) => name));
  });

  for (const [index, [name, make]] of ONNX_CASES.entries())
    test(name, async () => {
      startOn(backend);
      const { crc, outputs } = golden.cases[index];
      const { model, x } = onnxCase(name, make, index + 1);
      // These bytes gave onnxruntime's outputs. After a change on purpose:
      // scripts/golden/onnxFiles.py.
      expect(crc32(await modelToBytes(model, { format: 'onnx' })), 'the checksum of the file').toBe(crc);
      const predicted = [await model.predict(x)].flat() as Tensor[];
      for (const [output, { shape, data }] of predicted.entries()) {
        expect(outputs[output].shape).toEqual(shape);
        expectClose(outputs[output].data, data, { absolute: 1e-5, relative: 1e-5 }, `output ${output}`);
      }
    });
});

// Bytes of models with Input are in the golden file; onnxruntime computed with these, too.
test.each([
  ['multiHot', ['batch', 'input_layer_steps']],
  ['count', ['batch', 'input_layer_steps']],
  ['oneHot', ['batch', 'input_layer_steps']],
  ['int', ['batch', 3]],
] as const)('a Sequential that begins with Discretization to %s takes what is given to it', async (outputMode, dims) => {
  startOn(backend);
  const model = new Sequential([new Discretization({ binBoundaries: [-1, 0, 0.5], outputMode }), new Dense(2)]);
  await model.predict([[0.1, 0.2, -3]]);
  const { graph } = decodeModelMessage(await modelToBytes(model, { format: 'onnx' }), 'm.onnx');
  expect(graph.inputs.map((input) => input.dims)).toEqual([dims]);
});

// The zeros of a state are [1, units], those of groups [groups].
test('zeros of one length in two shapes are two arrays', async () => {
  startOn(backend);
  const ids = Input({ shape: [5], dtype: 'int32' });
  const [, state] = new GRU(2, { returnSequences: true, returnState: true }).apply(new Embedding(7, 3, { maskZero: true }).apply(ids));
  const model = new Model({ inputs: ids, outputs: new GroupNormalization({ groups: 2 }).apply(state) });
  const { graph } = decodeModelMessage(await modelToBytes(model, { format: 'onnx' }), 'm.onnx');
  const node = graph.nodes.find(({ opType }) => opType === 'InstanceNormalization');
  const sizes = node?.inputs.slice(1).map((name) => graph.initializers.find((array) => array.name === name)?.dims);
  expect(sizes).toEqual([[2], [2]]);
});
