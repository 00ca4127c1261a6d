// One JavaScript engine in a process of its own, which answers lines of JSON on standard input with
// lines of JSON.
//   node engines/host.mjs ENGINE           answers until its input ends
//   node engines/host.mjs ENGINE --once    trains one step of the workload on its first line
//
//   { "do": "open" }                               → { "versions": { … } }
//   { "do": "prepare", "workload": …, "kind": … }  → { "ms": time of the first unit }
//   { "do": "run", "units": n }                    → { "ms": time, "units": how many they were }
//   { "do": "close" }                              → {}
// The time of the first unit has everything in it that the engine compiles. An engine that cannot
// do it answers { "cannot": reason }.
import { createInterface } from 'node:readline';
import { Cannot } from './engine.mjs';

/** Each engine's module and the name by which it opens. */
const MODULES = {
  relaxed: './backtime.mjs',
  simd128: './backtime.mjs',
  'relaxed-2': './backtime.mjs',
  wide: './backtime.mjs',
  'wide-2': './backtime.mjs',
  int16: './backtime.mjs',
  'int16-2': './backtime.mjs',
  int8: './backtime.mjs',
  'int8-2': './backtime.mjs',
  'tfjs-wasm': './tfjs.mjs',
  'tfjs-cpu': './tfjs.mjs',
  deepbox: './deepbox.mjs',
  brain: './brain.mjs',
  'onnx-web': './onnx.mjs',
  'onnx-web-int8': './onnx.mjs',
  'onnx-node': './onnx.mjs',
  'onnx-node-int8': './onnx.mjs',
  'onnx-node-2': './onnx.mjs',
  'onnx-node-int8-2': './onnx.mjs',
  chromium: './browser.mjs',
  firefox: './browser.mjs',
  limit: './limit.mjs',
  gemm: './limit.mjs',
  'limit-simd128': './limit.mjs',
  'gemm-simd128': './limit.mjs',
};

/** @type {import('./engine.mjs').Engine | undefined} */
let engine;
/** @type {import('./engine.mjs').Running | undefined} */
let running;

async function open(name) {
  const { openEngine } = await import(MODULES[name]);
  engine = await openEngine(name);
}

async function timed(units) {
  const start = performance.now();
  const done = await running.run(units);
  return typeof done === 'number' ? { ms: performance.now() - start, units: done } : done;
}

async function answer(request, name) {
  if (request.do === 'open') {
    await open(name);
    return { versions: engine.versions };
  }
  if (request.do === 'close') {
    await running?.close?.();
    running = undefined;
    return {};
  }
  if (request.do === 'prepare') {
    running = await engine.prepare(request.workload, request.kind);
    const { ms, units } = await timed(1);
    return { ms: ms / units, operations: running.operations };
  }
  return timed(request.units);
}

const reply = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const [name, once] = process.argv.slice(2);
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const request = JSON.parse(line);
    if (once) await open(name);
    reply(await answer(request, name));
  } catch (error) {
    if (!(error instanceof Cannot) && process.env.BENCH_STACKS) console.error(error);
    reply({ cannot: String(error instanceof Error ? error.message : error).split('\n')[0] });
  }
  if (once) break;
}
await engine?.close?.();
process.exit(0);
