// Answers run.py: loads a model from a .keras file, computes and trains on each backend, and writes
// it as files of other programs. A message and an answer are a line of JSON each.
import { createInterface } from 'node:readline';
import { loadBackend, loadModel, setBackend, setWarningHandler } from '../../dist/node.js';

setWarningHandler(() => {});

/** @type {Record<string, Parameters<typeof setBackend>>} */
const BACKENDS = { reference: ['reference'], simd128: ['wasm', { deterministic: true }], 'relaxed-simd': ['wasm'] };
const asTensor = ({ texts, shape, data }) => texts ?? { shape, data: Float64Array.from(data) };
const asData = ({ shape, data }) => ({
  shape: [...shape],
  data: Array.from(data, (value) => (Number.isFinite(value) ? value : String(value))),
});
const oneOrAll = (values) => (values.length === 1 ? values[0] : values);
const messageOf = (error) => `${error.name}: ${error.message}`;

/** Writes the model as a file for each of the other programs. @returns what was refused */
async function written(model, files) {
  const refused = {};
  for (const [program, file] of Object.entries(files)) {
    try {
      await model.save(file);
    } catch (error) {
      refused[program] = messageOf(error);
    }
  }
  return refused;
}

async function onBackend(backend, { file, calls, x, y, steps }, files) {
  setBackend(...BACKENDS[backend]);
  const { build } = await loadBackend(...BACKENDS[backend]);
  if (backend !== 'reference' && build !== backend) throw new Error(`this Node has no ${backend}: use Node 22 or later`);
  const model = await loadModel(file);
  try {
    const [inputs, targets] = [oneOrAll(x.map(asTensor)), oneOrAll(y.map(asTensor))];
    let predicted;
    for (let call = 0; call < calls; call++) predicted = await model.predictOnBatch(inputs);
    const outputs = (Array.isArray(predicted) ? predicted : [predicted]).map(asData);
    model.resetStates();
    const refused = await written(model, files);
    const losses = [];
    for (let step = 0; step < steps; step++) losses.push((await model.trainOnBatch(inputs, targets)).loss);
    return { outputs, losses, weights: model.getWeights().map(asData), refused };
  } finally {
    model.dispose();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  const answer = {};
  for (const [backend, files] of Object.entries(message.backends)) {
    try {
      answer[backend] = await onBackend(backend, message, files);
    } catch (error) {
      answer[backend] = { error: messageOf(error) };
    }
  }
  process.stdout.write(`answer ${JSON.stringify(answer)}\n`);
}
