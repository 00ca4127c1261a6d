import { describe, expect, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { loadModel, type Model, modelToBytes, type Tensor } from '../../../ts/index.ts';
import { loadAllClasses } from '../../../ts/model/allClasses.ts';
import backendCases from '../../golden/onnxBackend.json' with { type: 'json' };
import nodeCases from '../../golden/onnxNodes.json' with { type: 'json' };
import { availableBackends } from '../../support/backends.ts';
import { expectClose } from '../../support/differences.ts';
import { startOn } from '../../support/modelBackends.ts';
import { MORE_LAYERS, ONNX_CASES, onnxCase } from '../../support/onnxModels.ts';

const reference = await loadBackend('reference');
await loadAllClasses();

/** What a model predicts, by the names of the outputs where it has several. */
async function outputsOf(model: Model, x: unknown): Promise<readonly Tensor[]> {
  const predicted: unknown = await model.predict(x as never);
  return 'data' in (predicted as object) ? [predicted as Tensor] : Object.values(predicted as Record<string, Tensor>);
}

/**
 * What a file has that no layer is: the number of steps is free, and a step sees earlier ones only;
 * bins of numbers; an output that is the same number everywhere.
 */
const NOT_READ: Readonly<Record<string, RegExp>> = {
  'Attention causal': /\(Range\)/,
  'MultiHeadAttention masked': /\(Range\)/,
  Discretization: /\(GreaterOrEqual\)/,
  'Discretization oneHot': /\(GreaterOrEqual\)/,
  'Discretization multiHot': /\(GreaterOrEqual\)/,
  'Discretization count': /\(GreaterOrEqual\)/,
  'ops.power ,0': /the output 'elementwise' of the ONNX file does not depend on the inputs/,
};

describe('what Backtime writes, it reads', () => {
  for (const [index, [name, make]] of ONNX_CASES.entries())
    test(name, async () => {
      startOn(reference);
      const { model, x } = onnxCase(name, make, index + 1);
      const bytes = await modelToBytes(model, { format: 'onnx' });
      if (Object.hasOwn(NOT_READ, name)) return expect(loadModel(bytes)).rejects.toThrow(NOT_READ[name]);
      const [expected, actual] = [await outputsOf(model, x), await outputsOf(await loadModel<Model>(bytes), x)];
      expect(actual.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
      for (const [output, { data }] of expected.entries())
        expectClose(actual[output].data, data, { absolute: 1e-6, relative: 1e-6 }, `output ${output}`);
    });
});

/** The classes of a model's layers, but its inputs and what computes nothing in prediction. */
const classesOf = (model: Model) => model.layers.map(({ className }) => className).filter((name) => !NOTHING.includes(name));
const NOTHING = ['InputLayer', 'Identity', 'AlphaDropout', 'SpatialDropout2D'];

describe('layers that are several nodes, or an operator with other options, are the same layers again', () => {
  for (const [index, [name, make]] of ONNX_CASES.entries()) {
    if (!MORE_LAYERS.has(name)) continue;
    test(name, async () => {
      const { model } = onnxCase(name, make, index + 1);
      const loaded = await loadModel<Model>(await modelToBytes(model, { format: 'onnx' }));
      // An activation is a layer of its own.
      expect(classesOf(loaded).filter((each) => each !== 'Activation' && each !== 'ELU')).toEqual(classesOf(model));
      expect(loaded.countParams()).toBe(model.countParams());
    });
  }
});

describe('operators as other programs write them', () => {
  for (const { name, bytes, x, y } of nodeCases.cases)
    test(name, async () => {
      startOn(reference);
      const model = await loadModel<Model>(Uint8Array.from(Buffer.from(bytes, 'base64')));
      const [{ shape, data }] = await outputsOf(model, x);
      expect(shape).toEqual(y.shape);
      expectClose(data, y.data, { absolute: 1e-5, relative: 1e-5 }, 'output');
    });
});

/** An array of the file with the samples as another axis, as the model takes and gives it. */
function samplesFirst({ shape, data }: Tensor, axis: number): Tensor {
  const [before, count] = [shape.slice(0, axis).reduce((a, b) => a * b, 1), shape[axis]];
  const after = data.length / before / count;
  const moved = Float64Array.from({ length: data.length }, (_, index) => {
    const [sample, rest] = [Math.floor(index / (before * after)), index % (before * after)];
    const [outer, inner] = [Math.floor(rest / after), rest % after];
    return data[(outer * count + sample) * after + inner];
  });
  return { shape: [count, ...shape.slice(0, axis), ...shape.slice(axis + 1)], data: moved };
}

describe("the cases of ONNX's own tests for recurrent operators", async () => {
  for (const { label, backend } of await availableBackends())
    for (const { name, bytes, inputs, outputs } of backendCases.cases)
      test(`${name}, ${label}`, async () => {
        startOn(backend);
        const model = await loadModel<Model>(Uint8Array.from(Buffer.from(bytes, 'base64')));
        const isBatchFirst = name.endsWith('batchwise');
        const { X, initial_h, initial_c, sequence_lens } = inputs as unknown as Record<string, Tensor | undefined>;
        const x: Record<string, Tensor> = {};
        const at = isBatchFirst ? 0 : 1;
        for (const [key, value] of Object.entries({ X, initial_h, initial_c })) if (value) x[key] = samplesFirst(value, at);
        if (sequence_lens) {
          // A mask of the steps that count stands for the lengths.
          const [count, steps] = x.X.shape;
          const mask = Int32Array.from({ length: count * steps }, (_, index) =>
            index % steps < sequence_lens.data[Math.floor(index / steps)] ? 1 : 0,
          );
          x.sequence_lens = { shape: [count, steps], data: mask };
        }
        const used = Object.fromEntries(Object.entries(x).filter(([key]) => model.inputNames.includes(key)));
        const actual = await outputsOf(model, used);
        for (const [index, [output, expected]] of Object.entries(outputs as unknown as Record<string, Tensor>).entries()) {
          // Y has the axis of directions too, and the states one axis fewer.
          const axis = isBatchFirst ? 0 : output === 'Y' ? 2 : 1;
          const own = samplesFirst(expected, axis);
          expect(actual[index].shape).toEqual(own.shape);
          expectClose(actual[index].data, own.data, { absolute: 2e-5 }, output);
        }
      });
});
