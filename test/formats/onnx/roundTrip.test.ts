import { describe, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { decodeONNX } from '../../../ts/formats/onnx/readONNX.ts';
import { encodeONNX } from '../../../ts/formats/onnx/writeONNX.ts';
import type { Tensor } from '../../../ts/index.ts';
import { loadAllClasses } from '../../../ts/model/allClasses.ts';
import { expectClose } from '../../support/differences.ts';
import { startOn } from '../../support/modelBackends.ts';
import { ONNX_CASES, onnxCase } from '../../support/onnxModels.ts';

const backend = await loadBackend('reference');
await loadAllClasses();

describe('what was written is read', () => {
  for (const [index, [name, make]] of ONNX_CASES.entries())
    test(name, async () => {
      startOn(backend);
      const { model, x } = onnxCase(name, make, index + 1);
      const { model: read } = decodeONNX(encodeONNX(model.getState(false)), 'm.onnx');
      const outputs = async (of: typeof model): Promise<Tensor[]> => {
        const predicted: unknown = await of.predict(x);
        return 'data' in (predicted as object) ? [predicted as Tensor] : Object.values(predicted as Record<string, Tensor>);
      };
      const [expected, actual] = [await outputs(model), await outputs(read)];
      for (const [output, tensor] of expected.entries()) expectClose(actual[output].data, tensor.data, { absolute: 1e-6, relative: 1e-6 }, `output ${output}`);
    });
});
