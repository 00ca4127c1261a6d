import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { encodeONNX } from '../../../ts/formats/onnx/writeONNX.ts';
import type { Tensor } from '../../../ts/index.ts';
import { loadAllClasses } from '../../../ts/model/allClasses.ts';
import { startOn } from '../../support/modelBackends.ts';
import { ONNX_CASES, type OnnxCase, onnxCase, onnxData } from '../../support/onnxModels.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { graphData, randomGraph } from '../../support/randomGraph.ts';

/** The folder for scripts/onnxruntime/compare.py. */
const folder = process.env.BACKTIME_ONNX_FOLDER;

describe('files for onnxruntime', async () => {
  if (folder === undefined) return test.skip('BACKTIME_ONNX_FOLDER names no folder');
  const backend = await loadBackend('reference');
  await loadAllClasses();
  mkdirSync(folder, { recursive: true });
  const write = async (place: number, { name, model, x }: OnnxCase, otherX: OnnxCase['x']) => {
    const plain = (tensor: Tensor) => ({ shape: tensor.shape, data: Array.from(tensor.data) });
    const computed = async (given: OnnxCase['x']) => {
      const predicted: unknown = await model.predict(given);
      const outputs = [predicted]
        .flat()
        .flatMap((each) => ('data' in (each as object) ? [each] : Object.values(each as object))) as Tensor[];
      const inputs = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, plain(value)]));
      return { inputs, outputs: outputs.map(plain) };
    };
    const file = join(folder, String(place).padStart(4, '0'));
    writeFileSync(`${file}.onnx`, encodeONNX(model.getState(false)));
    writeFileSync(`${file}.json`, JSON.stringify({ name, ...(await computed(x)), other: await computed(otherX) }));
  };
  for (const [index, [name, make]] of ONNX_CASES.entries())
    test(name, async () => {
      startOn(backend);
      const made = onnxCase(name, make, index + 1);
      // Another number of samples, and other sizes where they are free.
      await write(index, made, onnxData(made.model, new RandomArrays(index), 2, 8));
    });

  // Beside them are random graphs, for the comparison alone.
  const graphs = Number(process.env.BACKTIME_ONNX_GRAPHS ?? 0);
  for (let seed = 0; seed < graphs; seed++)
    test(`random graph ${seed}`, async () => {
      startOn(backend);
      const { model } = randomGraph(seed);
      const used = new Set(model.inputNames);
      const data = (count: number, allMasked: boolean) =>
        Object.fromEntries(Object.entries(graphData(count, seed, allMasked).x).filter(([input]) => used.has(input)));
      await write(ONNX_CASES.length + seed, { name: `random graph ${seed}`, model, x: data(5, seed % 10 === 0) }, data(3, false));
    });
});
