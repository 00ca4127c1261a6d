import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { encodeONNX } from '../../../ts/formats/onnx/writeONNX.ts';
import type { Tensor } from '../../../ts/index.ts';
import { loadAllClasses } from '../../../ts/model/allClasses.ts';
import { startOn } from '../../support/modelBackends.ts';
import { ONNX_CASES, type OnnxCase, onnxCase } from '../../support/onnxModels.ts';
import { graphData, randomGraph } from '../../support/randomGraph.ts';

/** The folder for scripts/onnxruntime/compare.py. */
const folder = process.env.BACKTIME_ONNX_FOLDER;

describe('files for onnxruntime', async () => {
  if (folder === undefined) return test.skip('BACKTIME_ONNX_FOLDER names no folder');
  const backend = await loadBackend('reference');
  await loadAllClasses();
  mkdirSync(folder, { recursive: true });
  const write = async (place: number, { name, model, x }: OnnxCase) => {
    const predicted: unknown = await model.predict(x);
    const outputs = [predicted].flat().flatMap((each) => ('data' in (each as object) ? [each] : Object.values(each as object))) as Tensor[];
    const plain = (tensor: Tensor) => ({ shape: tensor.shape, data: Array.from(tensor.data) });
    const inputs = Object.fromEntries(Object.entries(x).map(([key, value]) => [key, plain(value)]));
    const file = join(folder, String(place).padStart(4, '0'));
    writeFileSync(`${file}.onnx`, encodeONNX(model.getState(false)));
    writeFileSync(`${file}.json`, JSON.stringify({ name, inputs, outputs: outputs.map(plain) }));
  };
  for (const [index, [name, make]] of ONNX_CASES.entries())
    test(name, async () => {
      startOn(backend);
      await write(index, onnxCase(name, make, index + 1));
    });

  // Beside them are random graphs, for the comparison alone.
  const graphs = Number(process.env.BACKTIME_ONNX_GRAPHS ?? 0);
  for (let seed = 0; seed < graphs; seed++)
    test(`random graph ${seed}`, async () => {
      startOn(backend);
      const { model } = randomGraph(seed);
      const used = new Set(model.inputNames);
      const x = Object.fromEntries(Object.entries(graphData(5, seed, seed % 10 === 0).x).filter(([input]) => used.has(input)));
      await write(ONNX_CASES.length + seed, { name: `random graph ${seed}`, model, x });
    });
});
