// Whole processes of Node, timed from their start to the line that they print after their first
// trained step. `npm run bench -- --start-up` times them in turns with processes that do less.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import * as module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotError } from './engineProcess.mjs';
import { median } from './median.mjs';

const STARTS = 20;

/** The engines of which firstStep.mjs is the program, and its arguments. */
const PROGRAMS = { relaxed: ['relaxed-simd'], simd128: ['simd128'], 'relaxed-2': ['relaxed-simd', '2'], before: ['relaxed-simd'] };

/** Whether firstStep.mjs trains with this engine. @param {string} engine */
export const hasProgram = (engine) => Object.hasOwn(PROGRAMS, engine);

/** @typedef {{ wall: number, processor: number }} Times Milliseconds until the line. */

/**
 * @param {'start' | 'import' | 'kernels' | 'step'} until When the process prints its line.
 * @param {{ engine?: string, against?: string, env?: Record<string, string> }} [options] `against`: the folder of the version
 *   that is called `before`.
 * @returns {Promise<Times>}
 * @throws {CannotError} where the runtime does not execute the engine's build
 */
export async function start(until, { engine, against, env = {} } = {}) {
  const library = engine === 'before' ? join(against, 'dist', 'node.js') : new URL('../dist/node.js', import.meta.url).href;
  const args = [fileURLToPath(new URL('firstStep.mjs', import.meta.url)), until, library, ...(PROGRAMS[engine] ?? [])];
  const begin = performance.now();
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const line = await new Promise((resolve) => {
    child.stdout.once('data', resolve);
    child.once('exit', () => resolve(''));
  });
  const wall = performance.now() - begin;
  const [code] = await ended;
  if (code === 3) throw new CannotError('this runtime does not execute its kernels');
  if (code !== 0) throw new Error(`the process until '${until}' ended with ${code}`);
  return { wall, processor: Number(line) };
}

/** Prints a table of the medians. */
export async function measureStartUp() {
  const cache = mkdtempSync(join(tmpdir(), 'backtime-compile-cache-'));
  const cached = { env: { NODE_COMPILE_CACHE: cache } };
  /** @type {{ name: string, start: () => Promise<Times>, times: Times[] }[]} */
  const rows = [
    { name: 'Node alone', start: () => start('start'), times: [] },
    { name: "… and import 'backtime'", start: () => start('import'), times: [] },
    { name: '… and the kernels', start: () => start('kernels'), times: [] },
    { name: '… and the first trained step of workload 2', start: () => start('step'), times: [] },
  ];
  if ('getCompileCacheDir' in module)
    rows.push({ name: 'the same with `NODE_COMPILE_CACHE`, after a first start', start: () => start('step', cached), times: [] });
  try {
    for (const row of rows) await row.start();
    for (let turn = 0; turn < STARTS; turn++) for (const row of rows) row.times.push(await row.start());
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
  console.log(
    `\nMedians of ${STARTS} starts in turns, ms:\n\n| | from the start of the process | user and system time |\n| --- | --- | --- |`,
  );
  for (const { name, times } of rows) {
    const of = (/** @type {keyof Times} */ key) => median(times.map((each) => each[key])).toFixed(1);
    console.log(`| ${name} | ${of('wall')} | ${of('processor')} |`);
  }
}
