import { describe, expect, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { crc32 } from '../../../ts/data/crc.ts';
import { modelToBytes, type Tensor } from '../../../ts/index.ts';
import { loadAllClasses } from '../../../ts/model/allClasses.ts';
import golden from '../../golden/onnxWritten.json' with { type: 'json' };
import { expectClose } from '../../support/differences.ts';
import { startOn } from '../../support/modelBackends.ts';
import { ONNX_CASES, onnxCase } from '../../support/onnxModels.ts';

const backend = await loadBackend('reference');
await loadAllClasses();

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
