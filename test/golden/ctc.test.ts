import { beforeEach, describe, expect, test } from 'vitest';
import { CTC, type CTCDecodeOptions, ctcDecode, Dense, Masking, Sequential, SGD, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { goldenTolerance } from '../support/tolerances.ts';
import { floatsOf, type GoldenTensor, intsOf, readGolden } from './goldenFiles.ts';

interface LossCase {
  readonly name: string;
  readonly maskIndex: number;
  readonly labels: GoldenTensor;
  readonly outputs: GoldenTensor;
  readonly weight: GoldenTensor | null;
  readonly lengths: GoldenTensor | null;
  readonly loss: number;
  readonly gradient: GoldenTensor;
}

interface DecodeCase {
  readonly name: string;
  readonly outputs: GoldenTensor;
  readonly options: CTCDecodeOptions;
  readonly paths: readonly (readonly (readonly number[])[])[];
  readonly scores: readonly (readonly number[])[];
}

const { losses, decoded } = readGolden<{ losses: LossCase[]; decoded: DecodeCase[] }>('ctc');
const PADDING = 4096;

describe.each(await availableBackends())('CTC on $label is Keras’ CTC', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test.each(losses)('$name', async (golden) => {
    const tolerance = goldenTolerance(backend);
    const [count, steps, classes] = golden.outputs.shape as readonly [number, number, number];
    const data = floatsOf(golden.outputs);
    const lengths = golden.lengths && intsOf(golden.lengths);
    if (lengths) for (const [b, length] of lengths.entries()) data.fill(PADDING, (b * steps + length) * classes, (b + 1) * steps * classes);
    // The outputs of the layer are its inputs, and the gradient of its bias is theirs.
    const model = new Sequential([new Masking({ maskValue: PADDING, inputShape: [steps, classes] }), new Dense(classes)]);
    const identity = Float64Array.from({ length: classes ** 2 }, (_, index) => (index % (classes + 1) === 0 ? 1 : 0));
    model.setWeights([
      { shape: [classes, classes], data: identity },
      { shape: [classes], data: new Float64Array(classes) },
    ]);
    const loss = new CTC({ maskIndex: golden.maskIndex });
    model.compile({ optimizer: new SGD({ learningRate: 1 }), loss, metrics: [loss] });
    const x: Tensor = { shape: [count, steps, classes], data };
    const y: Tensor = { shape: golden.labels.shape, data: intsOf(golden.labels) };
    const sampleWeight = golden.weight ? { sampleWeight: { shape: [count], data: floatsOf(golden.weight) } } : {};
    const logs = await model.evaluate(x, y, { ...sampleWeight, verbose: 0 });
    expectClose([logs.loss], [golden.loss], tolerance, 'loss');
    if (!golden.weight) expectClose([logs.ctc], [golden.loss], tolerance, 'metric');
    const before = flatWeights(model);
    await model.trainOnBatch(x, y, golden.weight ? { shape: [count], data: floatsOf(golden.weight) } : undefined);
    const moved = flatWeights(model).map((value, index) => (before[index] as number) - value);
    // [classes, classes], then [classes]
    const expected = new Float64Array(classes ** 2 + classes);
    for (let n = 0; n < count * steps; n++)
      for (let k = 0; k < classes; k++) {
        const gradient = golden.gradient.data[n * classes + k] as number;
        for (let i = 0; i < classes; i++)
          expected[i * classes + k] += (data[n * classes + i] === PADDING ? 0 : data[n * classes + i]) * gradient;
        expected[classes ** 2 + k] += gradient;
      }
    expectClose(moved, expected, tolerance, 'gradient');
  });
});

describe('ctcDecode is Keras’ ctc_decode', () => {
  test.each(decoded)('$name', ({ outputs, options, paths, scores }) => {
    const read = ctcDecode({ shape: outputs.shape, data: floatsOf(outputs) }, options);
    expect(read.map((sample) => sample.map(({ labels }) => labels))).toEqual(paths);
    expectClose(
      read.flatMap((sample) => sample.map(({ score }) => score)),
      scores.flat(),
      { relative: 1e-12 },
      'scores',
    );
  });
});
