import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadModel, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { GOLDEN_TRAINING_FLOAT32 } from '../support/tolerances.ts';

// The files are never written anew. Those of version 1 were written by the code of commit f243c00,
// before anything of the format changed: `reviews` and `tags` on simd128, `series`, whose GRU is
// frozen, on the reference backend. Those of version 2 were written by commit 468a31d on simd128:
// `branches` is a graph of two inputs and two outputs with a shared Embedding, states and wrappers.
// `order` was written on the reference backend before a graph's layers had Keras's order: its Dense
// layers, all of one shape, have another order now.
// What the files give on the reference backend is pinned. A change that may alter the backend's
// bits pins the numbers anew in its own commit:
//   PIN_EARLIER_VERSIONS=1 node node_modules/vitest/vitest.mjs run test/formats/earlierVersions

/** What a loaded file predicts, and what becomes of it in two epochs in batches of four. */
interface Outcome {
  readonly predictions: readonly number[];
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly weights: readonly (readonly number[])[];
}

interface JsonTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Expected {
  readonly version: number;
  readonly x: JsonTensor | readonly JsonTensor[];
  readonly y: JsonTensor | readonly JsonTensor[];
  expected: Outcome;
}

const tensorOf = ({ shape, data }: JsonTensor): Tensor => ({ shape, data: Float64Array.from(data) });
const tensorsOf = (given: JsonTensor | readonly JsonTensor[]): Tensor | Tensor[] =>
  'shape' in given ? tensorOf(given) : given.map(tensorOf);

const PIN = process.env.PIN_EARLIER_VERSIONS === '1';
const EXPECTED = new URL('files/expected.json', import.meta.url);
const files: Record<string, Expected> = JSON.parse(readFileSync(EXPECTED, 'utf8'));

async function outcomeOf(name: string): Promise<Outcome> {
  const file = files[name] as Expected;
  const [x, y] = [tensorsOf(file.x), tensorsOf(file.y)];
  const model = await loadModel(new URL(`files/${name}.v${file.version}.safetensors`, import.meta.url));
  const predictions = [(await model.predict(x)) as Tensor | Tensor[]].flat().flatMap(({ data }) => Array.from(data));
  const { history } = await model.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 });
  return { predictions, history, weights: model.getWeights().map(({ data }) => Array.from(data)) };
}

describe.each(await availableBackends())('files of earlier versions on $label', ({ label, backend }) => {
  test.each(Object.keys(files))('%s predicts and trains on as when it was written', async (name) => {
    startOn(backend);
    const found = await outcomeOf(name);
    const file = files[name] as Expected;
    if (label === 'reference') {
      if (PIN) {
        file.expected = found;
        writeFileSync(EXPECTED, JSON.stringify(files));
      }
      expect(found).toEqual(file.expected);
      return;
    }
    const { predictions, history, weights } = file.expected;
    expectClose(found.predictions, predictions, GOLDEN_TRAINING_FLOAT32, 'predictions');
    expect(Object.keys(found.history)).toEqual(Object.keys(history));
    for (const [key, values] of Object.entries(history))
      expectClose(found.history[key] as number[], values, GOLDEN_TRAINING_FLOAT32, `history of ${key}`);
    for (const [index, values] of weights.entries())
      expectClose(found.weights[index] as number[], values, GOLDEN_TRAINING_FLOAT32, `weight ${index}`);
  });
});
