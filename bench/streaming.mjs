// `npm run bench -- --streaming FOLDER`: does it cost speed or memory to train on files that are
// larger than the machine's memory? The files are written to FOLDER first and removed at the end.
// Each measurement is a process of its own, so that its peak of memory is that of one way.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as backtime from '../dist/index.js';
import { releaseWorkers } from '../dist/worker/entry.js';
import { median } from './median.mjs';

const BATCH = 32;
const STEPS = 100;
const FEATURES = 16;
/** A sample and its target. */
const ROW = STEPS * FEATURES + 1;
const ROWS_IN_FILE = 2000;
const SHUFFLE_BUFFER = 4000;
const GIGABYTE = 2 ** 30;

/** Batches of an epoch, of which the first warms up. */
const BATCHES = 150;
const EPOCHS = 3;

/**
 * Units of the LSTM layers: with fewer, a step takes less time beside what is done for each batch.
 */
const UNITS = [64, 128];

/** The gigabytes of the few files, which the system keeps in its memory. */
const FEW = 1;

/**
 * @typedef {object} Way
 * @property {'arrays' | 'few files' | 'files'} from
 * @property {number} units
 * @property {number} workers
 * @property {string} folder
 */

/** A file of `numpy.save`. @param {string} path @param {Float32Array} values */
function writeNpy(path, values) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length / ROW}, ${ROW}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.from(`\x93NUMPY\x01\x00\x00\x00${text.padEnd(length - 1)}\n`, 'latin1');
  header.writeUInt16LE(length, 8);
  const file = openSync(path, 'w');
  for (const bytes of [header, Buffer.from(values.buffer)]) {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  }
  closeSync(file);
}

/** So many samples of noise, each different from those of the file before. */
function changeRows(values, file) {
  for (let index = file % 7; index < values.length; index += 7) values[index] = Math.sin(index * 0.01 + file);
}

/**
 * @param {string} folder
 * @param {number} gigabytes
 * @returns {number} The number of files.
 */
function writeFiles(folder, gigabytes) {
  const values = new Float32Array(ROWS_IN_FILE * ROW);
  const files = Math.ceil((gigabytes * GIGABYTE) / values.byteLength);
  for (let file = 0; file < files; file++) {
    changeRows(values, file);
    writeNpy(join(folder, `${String(file).padStart(6, '0')}.npy`), values);
  }
  return files;
}

/**
 * Makes `[x, y]` of rows of samples. The arrays are the same for each batch: `fit` copies them.
 * @param {number} most Rows of the largest batch.
 */
function batchMaker(most) {
  const x = new Float32Array(most * (ROW - 1));
  const y = new Float32Array(most);
  return (/** @type {Float32Array[]} */ rows) => {
    for (const [place, row] of rows.entries()) {
      x.set(row.subarray(0, ROW - 1), place * (ROW - 1));
      y[place] = row[ROW - 1];
    }
    return /** @type {[backtime.Tensor, backtime.Tensor]} */ ([
      { shape: [rows.length, STEPS, FEATURES], data: x.subarray(0, rows.length * (ROW - 1)) },
      { shape: [rows.length, 1], data: y.subarray(0, rows.length) },
    ]);
  };
}

/** The few files are those that were written last. */
function pathsOf(folder, from) {
  const paths = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
  const { size } = statSync(paths[0]);
  return from === 'files' ? paths : paths.slice(-Math.ceil((FEW * GIGABYTE) / size));
}

/**
 * Trains in this process.
 * @param {Way} way
 * @returns {Promise<{ rate: number, megabytes: number }>}
 */
async function train({ from, units, workers, folder }) {
  backtime.setRandomSeed(1);
  backtime.setBackend('wasm');
  const model = new backtime.Sequential([new backtime.LSTM(units), new backtime.Dense(1)]);
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  let start = 0;
  const onEpochEnd = (epoch) => {
    if (epoch === 0) start = performance.now();
  };
  const options = /** @type {const} */ ({ epochs: EPOCHS + 1, workers, verbose: 0, callbacks: [{ onEpochEnd }] });
  if (from !== 'arrays') {
    const read = (file) => /** @type {AsyncIterable<Float32Array>} */ (backtime.readNpyRows(file));
    const rows = backtime.readFiles(pathsOf(folder, from), read, { shuffle: true, seed: 1, prefetch: true });
    const batches = backtime.batchRows(rows, batchMaker(BATCH), { batchSize: BATCH, shuffleBuffer: SHUFFLE_BUFFER, reuseRows: true });
    await model.fit(batches, { ...options, stepsPerEpoch: BATCHES });
  } else {
    const values = new Float32Array(BATCHES * BATCH * ROW);
    changeRows(values, 0);
    const [x, y] = batchMaker(BATCHES * BATCH)(
      Array.from({ length: BATCHES * BATCH }, (_, row) => values.subarray(row * ROW, (row + 1) * ROW)),
    );
    await model.fit(x, y, { ...options, batchSize: BATCH });
  }
  const seconds = (performance.now() - start) / 1000;
  await releaseWorkers();
  return { rate: (EPOCHS * BATCHES * BATCH) / seconds, megabytes: process.resourceUsage().maxRSS / 1024 };
}

/** @param {{ streaming: string, gigabytes: number | undefined, rounds: number }} options */
export function measureStreaming({ streaming, gigabytes = Math.ceil(totalmem() / GIGABYTE) + 1, rounds }) {
  mkdirSync(streaming, { recursive: true });
  const folder = mkdtempSync(join(streaming, 'backtime-'));
  try {
    const files = writeFiles(folder, gigabytes);
    const memory = (totalmem() / GIGABYTE).toFixed(0);
    console.log(`\nLSTM on ${BATCH}×${STEPS}×${FEATURES}: ${gigabytes} GB in ${files} files, shuffled; ${memory} GB of memory\n`);
    console.log(`Few files have ${FEW} GB.\n`);
    console.log(
      '| network | workers | arrays, samples a second | few files | all files | of the few files | of the arrays | peak of memory |',
    );
    console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
    for (const units of UNITS)
      for (const workers of [0, Math.min(2, availableParallelism())]) console.log(measureRow({ units, workers, folder }, rounds));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A row of the table. @param {Omit<Way, 'from'>} way @param {number} rounds */
function measureRow(way, rounds) {
  const ways = /** @type {const} */ (['arrays', 'few files', 'files']);
  const results = ways.map((from) => ({ from, runs: [] }));
  for (let round = 0; round < rounds; round++) for (const { from, runs } of results) runs.push(inProcess({ ...way, from }));
  const rates = results.map(({ runs }) => median(runs.map(({ rate }) => rate)));
  const [arrays, few, all] = rates;
  const peak = Math.max(...results.flatMap(({ from, runs }) => (from === 'files' ? runs.map(({ megabytes }) => megabytes) : [])));
  const shares = [all / few, all / arrays].map((share) => `${(100 * share).toFixed(0)} %`);
  return `| ${[`LSTM(${way.units})`, way.workers, ...rates.map(Math.round), ...shares, `${peak.toFixed(0)} MB`].join(' | ')} |`;
}

/** @param {Way} way @returns {{ rate: number, megabytes: number }} */
function inProcess(way) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(way)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the process for ${way.from} with workers: ${way.workers} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await train(JSON.parse(process.argv[2]))));
