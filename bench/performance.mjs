// `npm run bench -- --performance`: the rows of docs/performance.md, the most important first, and
// the page. What does not fit into the time is left out and named.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withEngines } from './compare.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));

const LIMITS = ['limit', 'gemm', 'limit-simd128', 'gemm-simd128'];
const OWN = ['relaxed', 'relaxed-2', 'wide', 'wide-2'];
const INTEGERS = ['int16', 'int16-2', 'int8', 'int8-2'];
const ONNX = ['onnx-web', 'onnx-web-int8', 'onnx-node', 'onnx-node-int8', 'onnx-node-2', 'onnx-node-int8-2'];
const PYTHON = ['pytorch', 'pytorch-2', 'keras-jax', 'keras-jax-2', 'keras-tensorflow', 'keras-tensorflow-2'];

/** Milliseconds of a round: nine rows of twenty engines in some twelve minutes. */
const ROUND = 250;

/**
 * Rows by what they have in common, the most important first.
 * @type {{ kind: 'train' | 'infer', workloads: string[], engines: string[] }[]}
 */
const PARTS = [
  {
    kind: 'infer',
    workloads: ['4', '6', '5', '3', '7', '8 padded', '8', '10', '11'],
    engines: ['limit', ...OWN, 'simd128', ...INTEGERS, ...PYTHON, ...ONNX],
  },
  { kind: 'train', workloads: ['3', '4', '5', '6'], engines: [...LIMITS, ...OWN, 'simd128', ...PYTHON] },
  { kind: 'train', workloads: ['9'], engines: ['relaxed', 'simd128', ...PYTHON] },
  { kind: 'train', workloads: ['8 padded', '8', '1', '2', '10', '11'], engines: [...LIMITS, ...OWN, ...PYTHON] },
  { kind: 'infer', workloads: ['1', '2'], engines: ['limit', ...OWN, ...PYTHON] },
];

/** @param {import('./options.mjs').Options} options */
export async function measurePerformance(options) {
  const { minutes, python, kinds } = options;
  const json = options.json ?? join(folder, '..', 'docs', 'performance.json');
  const end = performance.now() + minutes * 60_000;
  const left = [];
  await withEngines(options, async (measureRow) => {
    for (const part of PARTS.filter(({ kind }) => kinds.includes(kind))) {
      const engines = part.engines.filter((engine) => python || !PYTHON.includes(engine));
      for (const workload of part.workloads.flatMap((id) => options.workloads.filter((each) => each.id === id))) {
        if (performance.now() > end) left.push(`${workload.id} ${part.kind}`);
        else await measureRow(workload, { ...options, json, kinds: [part.kind], engines, roundTime: Math.min(options.roundTime, ROUND) });
      }
    }
  });
  console.log(left.length > 0 ? `\nLeft out after ${minutes} minutes: ${left.join(', ')}` : '\nAll rows were measured.');
  const { status } = spawnSync(process.execPath, [join(folder, 'page.mjs'), json], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
