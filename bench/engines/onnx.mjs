// onnxruntime, in WebAssembly (onnxruntime-web) and native (onnxruntime-node), on the ONNX file
// that Backtime writes of a workload's network: f32, and int8 as its `quantize_dynamic` makes it.
// The tensors of the inputs are made before the clock starts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { batchOf, makeData } from '../data.mjs';
import { onnxFile } from './backtimeModel.mjs';
import { Cannot, overBatches } from './engine.mjs';

/** @param {string} name @returns {Promise<import('./engine.mjs').Engine>} */
export async function openEngine(name) {
  const [, library, quantized, threads] = /** @type {RegExpExecArray} */ (/^(onnx-\w+?)(-int8)?(?:-(\d))?$/.exec(name));
  const ort = library === 'onnx-web' ? await import('onnxruntime-web') : (await import('onnxruntime-node')).default;
  const intraOpNumThreads = Number(threads ?? 1);
  if (library === 'onnx-web') ort.env.wasm.numThreads = intraOpNumThreads;
  const packageName = library === 'onnx-web' ? 'onnxruntime-web' : 'onnxruntime-node';
  const packageFile = new URL(`../node_modules/${packageName}/package.json`, import.meta.url);
  return {
    versions: { [packageName]: JSON.parse(readFileSync(packageFile, 'utf8')).version },
    async prepare(workload, kind) {
      if (kind !== 'infer') throw new Cannot('onnxruntime only infers');
      const file = await onnxFile(workload);
      const session = await ort.InferenceSession.create(quantized ? quantize(file) : file, { intraOpNumThreads, interOpNumThreads: 1 });
      const run = workload.unit === 'stream' ? streamRun(ort, session, workload) : batchRun(ort, session, workload);
      return { run, close: () => session.release() };
    },
  };
}

/** @returns {import('./engine.mjs').Running['run']} */
function batchRun(ort, session, workload) {
  const { inputs } = makeData(workload);
  const batches = Array.from({ length: workload.batches }, (_, index) => {
    const tensors = inputs.map((input) => tensorOf(ort, batchOf(input, workload.batch, index)));
    return Object.fromEntries(tensors.map((tensor, place) => [session.inputNames[place], tensor]));
  });
  return overBatches(workload, batches, async (feeds) => void (await session.run(feeds)));
}

/**
 * The states that a step gives are the next step's inputs.
 *
 * @param {any} ort
 * @param {any} session
 * @param {import('../workloads.mjs').Workload} workload
 * @returns {import('./engine.mjs').Running['run']}
 */
function streamRun(ort, session, { features, layers }) {
  const { units } = /** @type {import('../workloads.mjs').RecurrentLayer} */ (layers[0]);
  const [input, ...states] = session.inputNames;
  const outputs = session.outputNames.slice(1);
  const x = new ort.Tensor(
    'float32',
    Float32Array.from({ length: features }, (_, index) => index / features),
    [1, 1, features],
  );
  return async (count) => {
    const feeds = { [input]: x };
    for (const name of states) feeds[name] = new ort.Tensor('float32', new Float32Array(units), [1, units]);
    for (let unit = 0; unit < count; unit++) {
      const results = await session.run(feeds);
      for (const [place, name] of states.entries()) feeds[name] = results[outputs[place]];
    }
    return count;
  };
}

/** Ids are int64 in ONNX files. */
function tensorOf(ort, { data, shape }) {
  return data instanceof Int32Array
    ? new ort.Tensor('int64', BigInt64Array.from(data, BigInt), shape)
    : new ort.Tensor('float32', data, shape);
}

/**
 * The file with int8 weights.
 *
 * @param {Uint8Array} file
 * @throws {Cannot} without Python, and for recurrent layers that onnxruntime does not quantize
 */
function quantize(file) {
  const python = process.env.BENCH_PYTHON;
  if (!python) throw new Cannot('int8 needs --python PATH, a Python with onnx and onnxruntime');
  const folder = mkdtempSync(join(tmpdir(), 'backtime-onnx-'));
  try {
    const [from, to] = ['f32.onnx', 'int8.onnx'].map((name) => join(folder, name));
    writeFileSync(from, file);
    const script = fileURLToPath(new URL('python/quantize_onnx.py', import.meta.url));
    const { status, stderr } = spawnSync(python, [script, from, to], { encoding: 'utf8' });
    if (status !== 0) throw new Cannot(stderr.trim().split('\n').at(-1) || `quantize_onnx.py ended with ${status}`);
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
