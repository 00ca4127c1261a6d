import { beforeEach, describe, expect, test } from 'vitest';
import { Activation, Input, loadModel, Model, modelToBytes, type Tensor } from '../../ts/index.ts';
import type { ActivationLike } from '../../ts/layers/activationFunction.ts';
import { ELEMENTWISE } from '../../ts/layers/elementwise.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';
import { tensorOf } from './goldenModels.ts';

interface ActivationCase {
  readonly name: ActivationLike & string;
  readonly x: GoldenTensor;
  readonly y: GoldenTensor;
  readonly gradient: GoldenTensor;
}

/** Of an activation of whole rows, with the gradient of a weighted sum of the outputs. */
interface RowCase extends ActivationCase {
  readonly dY: GoldenTensor;
}

const { cases, rowCases } = readGolden<{ cases: ActivationCase[]; rowCases: RowCase[] }>('activations');

describe.each(await availableBackends())('activations on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const isFloat64 = backend.floatBytes === 8;
  // Each value by itself: a large one must not hide a small one. Functions cancel what is as large
  // as x.
  const tolerance = (at: number) => ({ relative: isFloat64 ? 1e-12 : 2e-6, absolute: (isFloat64 ? 1e-13 : 2.5e-7) * (1 + Math.abs(at)) });

  test.each(cases)('$name: values and derivatives are those of Keras', async ({ name, x, y, gradient }) => {
    const input = Input({ shape: [x.shape[1] as number] });
    const model = new Model({ inputs: input, outputs: new Activation(name).apply(input) });
    const pass = await model.forward(tensorOf(x));
    const ones: Tensor = { shape: x.shape, data: new Float64Array(x.data.length).fill(1) };
    for (const [index, value] of (pass.outputs as Tensor).data.entries())
      expectClose([value], [y.data[index] as number], tolerance(x.data[index] as number), `value at ${x.data[index]}`);
    const [derivative] = [pass.backward(ones)] as unknown as [Tensor];
    for (const [index, value] of derivative.data.entries())
      expectClose([value], [gradient.data[index] as number], tolerance(x.data[index] as number), `derivative at ${x.data[index]}`);
  });
});

describe.each(await availableBackends())('activations of rows on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const tolerance = backend.floatBytes === 8 ? { relative: 1e-12 } : { relative: 1e-6, absolute: 1e-6 };

  test.each(rowCases)('$name: values and derivatives are those of Keras, in files too', async ({ name, x, y, dY, gradient }) => {
    const input = Input({ shape: [x.shape[1] as number] });
    const made = new Model({ inputs: input, outputs: new Activation(name).apply(input) });
    for (const model of [made, await loadModel(await modelToBytes(made)), await loadModel(await modelToBytes(made, { format: 'keras' }))]) {
      const pass = await model.forward(tensorOf(x));
      expectClose((pass.outputs as Tensor).data, y.data, tolerance, 'values');
      const [derivative] = [pass.backward(tensorOf(dY))] as unknown as [Tensor];
      expectClose(derivative.data, gradient.data, tolerance, 'derivatives');
    }
  });
});

test('every elementwise activation has golden values', () => {
  const names = cases.map(({ name }) => name as string);
  // Keras 3 does not have the hard sigmoid of Keras 2.
  expect(Object.keys(ELEMENTWISE).filter((name) => !names.includes(name))).toEqual(['hardSigmoid02']);
});
