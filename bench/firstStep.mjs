// The shortest program that trains: `npm run bench` times processes of Node from their start to its
// line. The line comes after the first trained step, or earlier, and says how many milliseconds of
// processor time the process took.
//   node firstStep.mjs UNTIL LIBRARY [BUILD] [WORKERS]
// It ends with 3 where the runtime does not execute the build. Without one, any will do.

const [until, library, build, workers = '0'] = process.argv.slice(2);

/** Workload 9 as README.md writes a model, with data from a loop. */
async function train({ Dense, Embedding, Sequential, SimpleRNN }) {
  const [samples, steps, words] = [32, 100, 1000];
  const x = new Int32Array(samples * steps);
  for (let index = 0; index < x.length; index++) x[index] = (index * 7) % words;
  const y = new Float32Array(samples);
  for (let index = 0; index < samples; index++) y[index] = index % 2;
  const model = new Sequential([new Embedding(words, 32), new SimpleRNN(8), new Dense(1, { activation: 'sigmoid' })]);
  model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy' });
  await model.fit({ shape: [samples, steps], data: x }, y, { batchSize: samples, epochs: 1, verbose: 0, workers: Number(workers) });
}

if (until !== 'start') {
  const backtime = await import(library);
  if (build === 'simd128') backtime.setBackend('wasm', { deterministic: true });
  if (until === 'step') await train(backtime);
  if (until !== 'import') {
    const backend = await backtime.loadBackend();
    if (build !== undefined && backend.build !== build) process.exit(3);
  }
}
const { user, system } = process.cpuUsage();
// Neither `console.log` nor an import of `node:fs`: both load Node's streams, which are no part of
// training.
process.getBuiltinModule('node:fs').writeSync(1, `${(user + system) / 1000}\n`);
process.exit();
