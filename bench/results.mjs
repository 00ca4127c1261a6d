// Rows of results: what is printed, written to the file of --json, and read by the page's
// generator.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { isLimit } from './names.mjs';
import { countOperations } from './operations.mjs';

/**
 * @typedef {object} Row
 * @property {string} workload
 * @property {string} engine
 * @property {'train' | 'infer' | 'kernels' | 'limit'} kind
 * @property {number | null} ms Of one unit: a step of training or inference, an epoch, a process.
 *   Of the limit: what the workload's operations take at its rate.
 * @property {number | null} gflops Operations as the layers define them, a second.
 * @property {number | null} shareOfLimit `gflops` over that of the register-only multiply-adds (one
 *   thread, relaxed SIMD) in the same run.
 * @property {number | null} neededShareOfLimit The same, counting every distinct id of an Embedding
 *   once: never above one a thread.
 * @property {number[]} [samples] The median's rounds.
 * @property {string} [cannot]
 * @property {{ before: number, after: number }} [around] GFLOP/s of the limit's loop before the
 *   first round of these measurements and after the last, while no other engine ran.
 * @property {string} [commit] Of Backtime's sources when the row was measured.
 */

/**
 * @typedef {object} Report
 * @property {{ cpu: string, cores: number, memoryGb: number, system: string }} machine
 * @property {Record<string, string>} versions
 * @property {Row[]} rows
 */

/**
 * @param {import('./workloads.mjs').Workload} workload
 * @param {'train' | 'infer' | 'kernels'} kind
 * @param {import('./measure.mjs').Measurement[]} measurements
 * @returns {Row[]}
 */
export function makeRows(workload, kind, measurements) {
  const { asDefined, needed } = countOperations(workload, kind === 'infer' ? 'infer' : 'train');
  /** @param {{ operations?: number, ms?: number }} measured */
  const rate = ({ operations, ms }) => operations / ms / 1e6;
  const limit = measurements.find(({ engine, ms }) => engine === 'limit' && ms !== undefined);
  const peak = limit ? rate(limit) : null;
  const around = limit?.around && {
    before: rate({ operations: limit.operations, ms: limit.around.before }),
    after: rate({ operations: limit.operations, ms: limit.around.after }),
  };
  return measurements.map(({ engine, ms, samples, cannot, operations }) => {
    const common = { workload: workload.id, engine, kind: isLimit(engine) ? /** @type {const} */ ('limit') : kind };
    if (ms === undefined) return { ...common, ms: null, gflops: null, shareOfLimit: null, neededShareOfLimit: null, cannot };
    const gflops = operations ? rate({ operations, ms }) : asDefined / ms / 1e6;
    return {
      ...common,
      ms: isLimit(engine) ? asDefined / gflops / 1e6 : ms,
      gflops,
      shareOfLimit: peak && gflops / peak,
      neededShareOfLimit: peak && (operations ? gflops : needed / ms / 1e6) / peak,
      ...(isLimit(engine) ? {} : { samples }),
      ...(around ? { around } : {}),
    };
  });
}

export function describeMachine() {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
  };
}

/**
 * The commit of these sources, with `-dirty` when they differ from it; undefined outside of a
 * clone.
 */
function presentCommit() {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: import.meta.dirname, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** @param {string} file @returns {Report | undefined} */
export const readReport = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);

/**
 * Writes the rows over those of the same workload, engine and kind, so that long runs can be taken
 * in parts.
 */
export function mergeIntoReport(file, versions, rows) {
  const before = readReport(file);
  const key = ({ workload, engine, kind }) => `${workload}|${engine}|${kind}`;
  const replaced = new Set(rows.map(key));
  const kept = (before?.rows ?? []).filter((row) => !replaced.has(key(row)));
  const commit = presentCommit();
  const measured = rows.map((row) => ({ ...row, commit }));
  /** @type {Report} */
  const report = { machine: describeMachine(), versions: { ...before?.versions, ...versions }, rows: [...kept, ...measured] };
  report.rows.sort((a, b) => a.workload.localeCompare(b.workload, 'en', { numeric: true }));
  const rounded = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value);
  // A row a line.
  const lines = report.rows.map((row) => JSON.stringify(row, rounded)).join(',\n');
  const text = JSON.stringify({ ...report, rows: [] }, null, 1).replace('"rows": []', `"rows": [\n${lines}\n]`);
  writeFileSync(file, `${text}\n`);
}
