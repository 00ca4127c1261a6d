import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { encodeONNX } from '../../../ts/formats/onnx/writeONNX.ts';
import type { Tensor } from '../../../ts/index.ts';
import { loadAllClasses } from '../../../ts/model/allClasses.ts';
import { startOn } from '../../support/modelBackends.ts';
import { ONNX_CASES, onnxCase } from '../../support/onnxModels.ts';

/** The folder for scripts/onnxruntime/compare.py. */
const folder = process.env.BACKTIME_ONNX_FOLDER;

describe('files for onnxruntime', async () => {
  if (folder === undefined) return test.skip('BACKTIME_ONNX_FOLDER names no folder');
  const backend = await loadBackend('reference');
  await loadAllClasses();
  mkdirSync(folder, { recursive: true });
  for (const [index, [name, make]] of ONNX_CASES.entries())
    test(name, async () => {
      startOn(backend);
      const { model, x } = onnxCase(name, make, index + 1);
      const predicted: Tensor[] = [await model.predict(x)].flat() as Tensor[];
      const plain = (tensor: Tensor) => ({ shape: tensor.shape, data: Array.from(tensor.data) });
      const description = {
        name,
        inputs: Object.fromEntries(Object.entries(x).map(([key, value]) => [key, plain(value)])),
        outputs: predicted.map(plain),
      };
      const file = join(folder, `${String(index).padStart(3, '0')}`);
      writeFileSync(`${file}.onnx`, encodeONNX(model.getState(false)));
      writeFileSync(`${file}.json`, JSON.stringify(description));
    });
});
