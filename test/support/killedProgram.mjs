// A program that trains with BackupAndRestore and kills itself with SIGKILL at a given moment. It
// prints how many moments it went through, and what it ended with. Moments are before and after
// every call of the file system, within each write, and at every event of a callback, so the kill
// depends on what the program does and never on time.
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import {
  BackupAndRestore,
  CSVLogger,
  Dense,
  Dropout,
  EarlyStopping,
  LSTM,
  ModelCheckpoint,
  ReduceLROnPlateau,
  Sequential,
  setBackend,
  setRandomSeed,
} from '../../dist/index.js';

const { folder, killAt, workers, saveFreq, backend } = JSON.parse(process.argv[2]);

let moments = 0;
function moment() {
  if (moments++ !== killAt) return;
  process.kill(process.pid, 'SIGKILL');
  // Nothing more happens on this thread until the signal has come.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Makes moments of a function of the file system. */
function watch(object, name) {
  const original = object[name].bind(object);
  object[name] = async (...args) => {
    moment();
    const result = await original(...args);
    moment();
    return result;
  };
}
const open = fs.open.bind(fs);
fs.open = async (...args) => {
  moment();
  const handle = await open(...args);
  moment();
  const write = handle.writeFile.bind(handle);
  handle.writeFile = async (bytes) => {
    const half = bytes.length >> 1;
    await write(bytes.subarray(0, half));
    moment();
    await write(bytes.subarray(half));
    moment();
  };
  watch(handle, 'sync');
  return handle;
};
for (const name of ['mkdir', 'readFile', 'rename', 'rm', 'rmdir']) watch(fs, name);

setBackend(backend);
setRandomSeed(11);
const model = new Sequential([new LSTM(4, { dropout: 0.2, recurrentDropout: 0.1 }), new Dropout(0.3), new Dense(1)]);
model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['meanAbsoluteError'] });
const x = { shape: [26, 5, 2], data: Float32Array.from({ length: 260 }, (_, index) => Math.sin(index)) };
const y = Float32Array.from({ length: 26 }, (_, row) => Math.cos(3 * row));

const names = [
  'onTrainBegin',
  'onEpochBegin',
  'onTrainBatchBegin',
  'onTrainBatchEnd',
  'onTestBegin',
  'onTestEnd',
  'onEpochEnd',
  'onTrainEnd',
];
const events = Object.fromEntries(names.map((name) => [name, () => moment()]));
const { history, epoch } = await model.fit(x, y, {
  epochs: 6,
  batchSize: 6,
  validationSplit: 0.2,
  verbose: 0,
  workers,
  callbacks: [
    new BackupAndRestore(`${folder}/backup`, { saveFreq }),
    events,
    // The first epoch is the best, and the fifth ends training.
    new EarlyStopping({ monitor: 'valLoss', patience: 4, restoreBestWeights: true }),
    new ReduceLROnPlateau({ monitor: 'loss', mode: 'max', factor: 0.5, patience: 1 }),
    new CSVLogger(`${folder}/log.csv`),
    new ModelCheckpoint(`${folder}/best.safetensors`, { monitor: 'loss', saveBestOnly: true }),
    events,
  ],
});

const { weights, compile } = model.getState();
const hash = (arrays) => arrays.reduce((all, { name, data }) => all.update(name).update(data), createHash('sha256')).digest('hex');
const file = async (name) =>
  createHash('sha256')
    .update(await fs.readFile(`${folder}/${name}`))
    .digest('hex');
const left = (await fs.readdir(folder)).sort();
// What a killed save has left is removed by a later one, an hour after.
const files = left.filter((name) => !name.endsWith('.tmp'));
const after = {
  weights: hash(weights),
  slots: hash(compile.slots),
  iteration: compile.iteration,
  epochsDone: compile.epochsDone,
  learningRate: model.optimizer.learningRate,
  log: await file('log.csv'),
  best: await file('best.safetensors'),
  files,
};
process.stdout.write(JSON.stringify({ moments, after, history, epoch }));
