import { beforeEach, describe, expect, test } from 'vitest';
import { Activation, Input, Model, type Tensor } from '../../ts/index.ts';
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

const { cases } = readGolden<{ cases: ActivationCase[] }>('activations');

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

test('every elementwise activation has golden values', () => {
  const names = cases.map(({ name }) => name as string);
  // Keras 3 does not have the hard sigmoid of Keras 2.
  expect(Object.keys(ELEMENTWISE).filter((name) => !names.includes(name))).toEqual(['hardSigmoid02']);
});
