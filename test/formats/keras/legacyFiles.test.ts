import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { FormatError } from '../../../ts/core/errors.ts';
import { Dense, Embedding, LSTM, loadModel, type Model, Sequential, type Tensor } from '../../../ts/node.ts';
import { type GoldenTensor, readGolden } from '../../golden/goldenFiles.ts';
import { expectClose } from '../../support/differences.ts';
import { caught, expectError } from '../../support/refusals.ts';

interface Case {
  readonly name: string;
  readonly file: string;
  readonly inputs: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
}

/** A model after one step of training, and two more on the same batch. */
interface Trained extends Omit<Case, 'outputs'> {
  readonly targets: readonly [GoldenTensor];
  readonly losses: readonly number[];
  readonly weights: readonly GoldenTensor[];
}

const { models, training, weights, archives } = readGolden<{
  models: readonly Case[];
  training: readonly Trained[];
  weights: readonly [Case];
  archives: readonly Case[];
}>('kerasLegacy');
const tensorOf = ({ shape, data }: GoldenTensor): Tensor => ({ shape, data: Float64Array.from(data) });
const bytesOf = ({ file }: Pick<Case, 'file'>) => new Uint8Array(inflateSync(Buffer.from(file, 'base64')));

test.each([...models, ...archives])('$name, a file of Keras 2, predicts as in Keras', async (golden) => {
  const { name, inputs, outputs } = golden;
  const model = await loadModel<Model>(bytesOf(golden));
  const x = inputs.map(tensorOf);
  const predicted: Tensor[] = [await model.predict(x.length === 1 ? (x[0] as Tensor) : x)].flat();
  for (const [index, { data }] of outputs.entries())
    expectClose(predicted[index]?.data, data, { relative: 1e-5 }, `output ${index} of ${name}`);
});

test('an .h5 file that is cut off is refused', async () => {
  const bytes = bytesOf(models[0] as Case);
  expectError(await caught(() => loadModel(bytes.subarray(0, bytes.length / 2))), FormatError, /is a damaged HDF5 file: it is truncated/);
});

test('the model is compiled as it was', async () => {
  const model = await loadModel<Model>(bytesOf(models[0] as Case));
  expect(model.optimizer.className).toBe('Adam');
  expect(model.iterations).toBe(0);
});

test.each(training)('$name, an .h5 file with the state of an optimizer, is trained on as in Keras', async (golden) => {
  const { name, inputs, targets, losses, weights: expected } = golden;
  const model = await loadModel<Model>(bytesOf(golden));
  expect(model.iterations).toBe(1);
  const [x, y] = [inputs[0], targets[0]].map((each) => tensorOf(each as GoldenTensor)) as [Tensor, Tensor];
  for (const [step, loss] of losses.entries())
    expectClose([(await model.trainOnBatch(x, y)).loss as number], [loss], { relative: 1e-4 }, `loss ${step} of ${name}`);
  for (const [index, { data }] of model.getWeights().entries())
    expectClose(data, expected[index]?.data, { relative: 1e-4 }, `${model.weights[index]?.path} of ${name}`);
});

test('weights alone of Keras 2 are loaded by the names of layers', async () => {
  const [golden] = weights;
  const layers = [
    new Embedding(7, 4, { name: 'words' }),
    new LSTM(3, { returnSequences: true, name: 'first' }),
    new LSTM(3, { name: 'second' }),
    new Dense(2, { name: 'last' }),
  ];
  const model = new Sequential(layers);
  model.build([null, 5]);
  const report = await model.loadWeights(bytesOf(golden), { format: 'keras', byName: true });
  expect([report.missing, report.unexpected]).toEqual([[], []]);
  const { data } = await model.predict(tensorOf(golden.inputs[0] as GoldenTensor));
  expectClose(data, golden.outputs[0]?.data, { relative: 1e-5 }, golden.name);
});
