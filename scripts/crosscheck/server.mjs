// Answers run.py: loads a model from a .keras file, computes and trains, and writes it again. A
// message and an answer are a line of JSON each.
import { createInterface } from 'node:readline';
import { loadModel, setBackend, setWarningHandler } from '../../dist/node.js';

setWarningHandler(() => {});

const asTensor = ({ shape, data }) => ({ shape, data: Float64Array.from(data) });
const asData = ({ shape, data }) => ({ shape: [...shape], data: Array.from(data) });
const oneOrAll = (values) => (values.length === 1 ? values[0] : values);

async function answer({ file, back, backend, x, y, steps }) {
  await setBackend(backend);
  const model = await loadModel(file);
  try {
    const [inputs, targets] = [oneOrAll(x.map(asTensor)), oneOrAll(y.map(asTensor))];
    const predicted = await model.predictOnBatch(inputs);
    const outputs = (Array.isArray(predicted) ? predicted : [predicted]).map(asData);
    let [written, writeError] = [false, undefined];
    try {
      await model.save(back);
      written = true;
    } catch (error) {
      writeError = String(error);
    }
    const losses = [];
    for (let step = 0; step < steps; step++) losses.push((await model.trainOnBatch(inputs, targets)).loss);
    return { outputs, losses, weights: model.getWeights().map(asData), written, writeError };
  } finally {
    model.dispose();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let result;
  try {
    result = await answer(JSON.parse(line));
  } catch (error) {
    result = { error: `${error.name}: ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
