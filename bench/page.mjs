// Fills the generated parts of docs/performance.md from a file that `npm run bench -- --json FILE`
// wrote.
//   npm run bench:page                       from docs/performance.json
//   npm run bench:page -- FILE
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeAims } from './aims.mjs';
import { BROWSERS, ENGINE_NAMES, isLimit } from './names.mjs';
import { readReport } from './results.mjs';
import { formatTime } from './table.mjs';
import { WORKLOADS } from './workloads.mjs';

const docs = fileURLToPath(new URL('../docs', import.meta.url));

const KINDS = /** @type {const} */ (['train', 'infer']);
/** Columns of the tables of each kind. */
const JAVASCRIPT = ['relaxed', 'simd128', 'relaxed-2', 'tfjs-wasm', 'tfjs-cpu', 'deepbox', 'brain'];
/** What JavaScript users pick for inference alone; int8 where onnxruntime quantizes the network. */
const ONNX = [
  'relaxed',
  'simd128',
  'int16',
  'int8',
  'onnx-web',
  'onnx-web-int8',
  'onnx-node',
  'onnx-node-int8',
  'onnx-node-2',
  'onnx-node-int8-2',
];
const PYTHON = [
  'relaxed',
  'relaxed-2',
  'wide',
  'wide-2',
  'pytorch',
  'pytorch-2',
  'keras-jax',
  'keras-jax-2',
  'keras-tensorflow',
  'keras-tensorflow-2',
];
/** What users choose themselves: wide vectors need a flag of the engine, integers another model. */
const CHOSEN = ['relaxed', 'relaxed-2', 'wide', 'wide-2', 'int16', 'int16-2', 'int8', 'int8-2'];
const OWN = [...CHOSEN, 'simd128', ...BROWSERS];

/** @typedef {import('./results.mjs').Row} Row */

/** Looks rows up. @param {Row[]} rows */
function index(rows) {
  const found = new Map(rows.map((row) => [`${row.workload}|${row.kind}|${row.engine}`, row]));
  /**
   * @param {string} workload
   * @param {Row['kind']} kind
   * @param {string} engine
   * @returns {Row | undefined}
   */
  return (workload, kind, engine) => found.get(`${workload}|${kind}|${engine}`);
}

const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const percent = (share) => (share == null ? '–' : `${(share * 100).toFixed(0)} %`);

/**
 * @param {ReturnType<typeof index>} find
 * @param {'train' | 'infer'} kind
 * @param {string[]} engines
 */
function timesTable(find, kind, engines) {
  const measured = WORKLOADS.filter(({ id }) => find(id, kind, 'relaxed'));
  const present = engines.filter((engine) => measured.some(({ id }) => find(id, kind, engine)?.ms != null));
  const shares = engines === JAVASCRIPT;
  const head = ['', ...present.map((engine) => ENGINE_NAMES[engine]), ...(shares ? ['share of the limit', '… each id once'] : [])];
  const rows = measured.map(({ id }) => {
    const times = present.map((engine) => {
      const row = find(id, kind, engine);
      return row?.ms == null ? '–' : formatTime(row.ms);
    });
    const own = find(id, kind, 'relaxed');
    return [id, ...times, ...(shares ? [percent(own?.shareOfLimit), percent(own?.neededShareOfLimit)] : [])];
  });
  return table(head, rows);
}

/** @param {ReturnType<typeof index>} find */
function limitsTable(find) {
  const engines = ['limit', 'gemm', 'limit-simd128', 'gemm-simd128'];
  const rows = WORKLOADS.filter(({ id }) => find(id, 'limit', 'limit')).map(({ id }) => [
    id,
    ...engines.map((engine) => find(id, 'limit', engine)?.gflops?.toFixed(1) ?? '–'),
    ...KINDS.map((kind) => stateAround(find(id, kind, 'relaxed'))),
  ]);
  const names = engines.map((engine) => ENGINE_NAMES[engine].replace('limit: ', ''));
  return table(['', ...names, 'the first column before and after training', '… inference'], rows);
}

/** The limit's loop before and after the measurements of a row. @param {Row | undefined} row */
const stateAround = (row) => (row?.around ? `${row.around.before.toFixed(1)}, ${row.around.after.toFixed(1)}` : '–');

/**
 * Every rival that was faster, and by how much.
 * @param {Row[]} rows
 * @param {ReturnType<typeof index>} find
 */
function losses(rows, find) {
  const lines = rows
    .filter(({ engine, kind, ms }) => ms != null && !isLimit(engine) && !OWN.includes(engine) && kind !== 'kernels')
    .map((row) => ({ ...row, ratio: (find(row.workload, row.kind, 'relaxed')?.ms ?? 0) / row.ms }))
    .filter(({ ratio }) => ratio > 1)
    .map(({ workload, kind, engine, ratio }) => `* ${workload}, ${kind}: ${ENGINE_NAMES[engine]} takes 1/${ratio.toFixed(2)} of the time.`);
  return lines.length > 0 ? lines.join('\n') : 'Nowhere in this run.';
}

/** Numbers of cores that no measurement is of. */
const CORES = [4, 8, 16];

/**
 * How many times as fast several cores would be, by Amdahl's law: the part of the time that two
 * workers do not halve stays as long.
 * @param {number} one milliseconds of one thread
 * @param {number} two milliseconds of two workers
 */
function speedUps(one, two) {
  const serial = Math.min(1, Math.max(0, (2 * two) / one - 1));
  return [2, ...CORES].map((cores) => 1 / (serial + (1 - serial) / cores));
}

/** @param {ReturnType<typeof index>} find */
function coresTable(find) {
  const rows = KINDS.flatMap((kind) =>
    WORKLOADS.flatMap(({ id }) => {
      const [one, two] = ['relaxed', 'relaxed-2'].map((engine) => find(id, kind, engine)?.ms);
      // Where two workers are slower, more of them are, too.
      if (one == null || two == null || two >= one) return [];
      return [[`${id}, ${kind}`, ...speedUps(one, two).map((ratio) => `${ratio.toFixed(1)} ×`)]];
    }),
  );
  return table(['', '2 workers, measured', ...CORES.map((cores) => `${cores} cores`)], rows);
}

/** @param {Row[]} rows */
function refusals(rows) {
  const reasons = new Map();
  for (const { engine, workload, kind, cannot } of rows) {
    if (cannot === undefined) continue;
    const key = `${ENGINE_NAMES[engine]}: ${cannot}`;
    reasons.set(key, [...(reasons.get(key) ?? []), `${workload} ${kind}`]);
  }
  return [...reasons].map(([reason, places]) => `* ${reason} (${places.join(', ')})`).join('\n') || 'None.';
}

/**
 * How much else the machine did: the limit's loop is the same for every workload.
 * @param {Row[]} rows
 */
function quietness(rows) {
  const rates = rows.flatMap(({ around, engine, gflops }) => (around ? [around.before, around.after] : engine === 'limit' ? [gflops] : []));
  const range = `${Math.min(...rates).toFixed(1)} to ${Math.max(...rates).toFixed(1)} GFLOP/s`;
  return `The loop that is the limit is always the same, and ran at ${range}: the wider that range, the more other work the machine had,\nand the less the times below mean.`;
}

/** From which commits Backtime's rows are, the most rows last. @param {Row[]} rows */
function commits(rows) {
  const measured = new Map();
  for (const { commit, workload, kind } of rows.filter(({ engine, ms }) => OWN.includes(engine) && ms !== null)) {
    measured.set(commit, (measured.get(commit) ?? new Set()).add(`${workload} ${kind}`));
  }
  const groups = [...measured].sort(([, a], [, b]) => a.size - b.size).map(([commit, places]) => `${commit} (${[...places].join(', ')})`);
  return `Backtime's rows are of these commits: ${groups.join('; ')}.`;
}

/** @param {import('./results.mjs').Report} report @returns {Record<string, string>} */
function makeParts({ machine, versions, rows }) {
  const find = index(rows);
  const versionList = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const aims = makeAims(find).map(({ workload, aim, seen, reached }) => [workload, aim, seen, reached ? 'yes' : '**no**']);
  return {
    machine: `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}. ${versionList.join(', ')}.\n\n${commits(rows)}\n\n${quietness(rows)}`,
    workloads: table(
      ['', 'workload', 'batch'],
      WORKLOADS.map(({ id, name, batch }) => [id, name, String(batch)]),
    ),
    aims: table(['', 'aim', 'in this run', 'reached'], aims),
    'train-javascript': timesTable(find, 'train', JAVASCRIPT),
    'train-python': timesTable(find, 'train', PYTHON),
    'train-browsers': timesTable(find, 'train', ['relaxed', ...BROWSERS]),
    'infer-javascript': timesTable(find, 'infer', JAVASCRIPT),
    'infer-chosen': timesTable(find, 'infer', CHOSEN),
    'infer-onnx': timesTable(find, 'infer', ONNX),
    'infer-python': timesTable(find, 'infer', PYTHON),
    'infer-browsers': timesTable(find, 'infer', ['relaxed', ...BROWSERS]),
    cores: coresTable(find),
    limits: limitsTable(find),
    losses: losses(rows, find),
    refusals: refusals(rows),
  };
}

/**
 * Puts each part between its two comments.
 * @param {string} page
 * @param {Record<string, string>} parts
 */
export function fillPage(page, parts) {
  let text = page;
  for (const [name, part] of Object.entries(parts)) {
    const pattern = new RegExp(`(<!-- ${name}: generated -->\n)[\\s\\S]*?(<!-- end -->)`);
    if (!pattern.test(text)) throw new Error(`docs/performance.md has no place for the part ${name}`);
    text = text.replace(pattern, (_, begin, end) => `${begin}\n${part}\n\n${end}`);
  }
  return text;
}

const file = resolve(process.env.INIT_CWD ?? '.', process.argv[2] ?? join(docs, 'performance.json'));
const report = readReport(file);
if (!report) {
  console.error(`error: there is no ${file}; npm run bench -- --json ${file} writes it`);
  process.exitCode = 1;
} else {
  const page = join(docs, 'performance.md');
  writeFileSync(page, fillPage(readFileSync(page, 'utf8'), makeParts(report)));
  console.log(`wrote ${page}`);
}
