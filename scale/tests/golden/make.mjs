// Makes step.json: the weights of step.keras after one step of Backtime, on the rows of step.csv.
// Needs dist/ (npm run build).
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Adam, loadModel, setBackend } from '../../../dist/node.js';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const ROWS = 8;
const STEPS = 4;
const CHANNELS = 2;

// Rows of a lattice, in no need of a generator: every number has few digits.
const rows = Array.from({ length: ROWS }, (_, row) =>
  Array.from({ length: STEPS * CHANNELS }, (_, i) => ((row * 7 + i * 5) % 11) / 4 - 1.25),
);
const targets = rows.map((row) => row[0] - row.at(-1) / 2);
const header = [...rows[0].map((_, i) => `c${i}`), 'y'].join(',');
writeFileSync(file('step.csv'), `${[header, ...rows.map((row, i) => [...row, targets[i]].join(','))].join('\n')}\n`);

await setBackend('wasm');
const model = await loadModel(new Uint8Array(readFileSync(file('step.keras'))));
model.compile({ optimizer: new Adam({ learningRate: 0.05 }), loss: 'meanSquaredError' });
const x = rows.map((row) => Array.from({ length: STEPS }, (_, step) => row.slice(step * CHANNELS, (step + 1) * CHANNELS)));
await model.fit(x, targets, { epochs: 1, batchSize: ROWS, shuffle: false, verbose: 0 });
const weights = model.getWeights().map((weight) => Array.from(weight.data ?? weight));
writeFileSync(file('step.json'), `${JSON.stringify(weights)}\n`);
