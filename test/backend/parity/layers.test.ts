import { describe, expect, test } from 'vitest';
import { ACTIVATIONS } from '../../../ts/backend/kernels.generated.ts';
import type { WindowFields } from '../../../ts/layers/windows.ts';
import { kernelBackends } from '../../support/backends.ts';
import { unwritten } from '../../support/kernelRuns.ts';
import { anySize, expectParity, forSeeds, runReference } from '../../support/parity.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { PARITY } from '../../support/tolerances.ts';

const ACTIVATION_NAMES = Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[];

describe.each(await kernelBackends())('layer kernels on $label compute what the reference computes', ({ backend }) => {
  test.each(ACTIVATION_NAMES)('dense with %s', (name) => {
    forSeeds(40, (seed) => {
      const random = new RandomArrays(seed);
      // Consecutive seeds go through all numbers of rows and columns from 1 to 33, in opposite
      // directions.
      const rows = seed <= 33 ? seed : anySize(random);
      const units = seed <= 33 ? 34 - seed : anySize(random);
      const features = anySize(random);
      const fromIds = seed % 4 === 0;
      const bias = seed % 5 !== 0;
      const scale = 1 / Math.sqrt(features);
      const shared = {
        rows,
        features,
        units,
        activation: ACTIVATIONS[name],
        x: fromIds ? null : random.float32s(rows * features),
        ids: fromIds ? random.integers(rows, features) : null,
        kernel: random.float32s(features * units, -2 * scale, 2 * scale),
      };
      const forward = { ...shared, bias: bias ? random.float32s(units) : null, y: unwritten(rows * units) };
      const { expected } = expectParity(backend, 'denseForward', forward, PARITY.sums);
      const gradients = {
        dKernel: unwritten(features * units),
        dBias: bias ? unwritten(units) : null,
        dX: fromIds || seed % 3 === 0 ? null : unwritten(rows * features),
      };
      const backward = { ...shared, y: expected.y.map(Math.fround), dY: random.float32s(rows * units), ...gradients };
      expectParity(backend, 'denseBackward', backward, PARITY.sums);
    });
  });

  /** An axis that windows pass over, padded by less than a window. */
  const anyAxis = (random: RandomArrays, dilations: readonly number[]) => {
    const [window, stride, dilation] = [random.integer(4, 1), random.integer(4, 1), random.choice(dilations)];
    const span = (window - 1) * dilation + 1;
    const before = random.integer(span);
    const input = random.integer(9, 1) + span - 1 - before;
    return { input: Math.max(input, 1), window, stride, dilation, before };
  };
  const fieldsOf = (place: 0 | 1, { input, window, stride, dilation, before }: ReturnType<typeof anyAxis>) => {
    const output = Math.max(Math.ceil((input + before - (window - 1) * dilation) / stride), 1);
    const named = { input, output, window, stride, dilation, before };
    return Object.fromEntries(Object.entries(named).map(([name, value]) => [name + place, value]));
  };
  const anyAxes = (random: RandomArrays, dilations: readonly number[]) =>
    ({ ...fieldsOf(0, anyAxis(random, dilations)), ...fieldsOf(1, anyAxis(random, dilations)) }) as unknown as WindowFields;

  test('convolution', () => {
    forSeeds(60, (seed) => {
      const random = new RandomArrays(seed);
      const axes = anyAxes(random, [1, 2, 3]);
      const sizes = { rows: anySize(random), groups: random.integer(4, 1), depth: anySize(random), filters: anySize(random) };
      const { rows, groups, depth, filters } = sizes;
      const inputs = axes.input0 * axes.input1 * rows * groups * depth;
      const outputs = axes.output0 * axes.output1 * rows * groups * filters;
      const kernel = axes.window0 * axes.window1 * depth * groups * filters;
      const scale = 1 / Math.sqrt(axes.window0 * axes.window1 * depth);
      const shared = { ...axes, ...sizes, x: random.float32s(inputs), kernel: random.float32s(kernel, -2 * scale, 2 * scale) };
      const bias = seed % 3 === 0 ? null : random.float32s(groups * filters);
      expectParity(backend, 'convolutionForward', { ...shared, bias, y: unwritten(outputs) }, PARITY.sums);
      const gradients = {
        dKernel: unwritten(kernel),
        dBias: bias && unwritten(groups * filters),
        dX: seed % 4 === 0 ? null : unwritten(inputs),
      };
      expectParity(backend, 'convolutionBackward', { ...shared, dY: random.float32s(outputs), ...gradients }, PARITY.sums);
    });
  });

  test.each([0, 1])('pooling (average: %i)', (average) => {
    forSeeds(60, (seed) => {
      const random = new RandomArrays(seed);
      const { dilation0: _, dilation1: __, ...axes } = anyAxes(random, [1]);
      const width = anySize(random);
      const inputs = axes.input0 * axes.input1 * width;
      const outputs = axes.output0 * axes.output1 * width;
      // Few different numbers, so that windows have several largest ones.
      const x = random.integers(inputs, 5);
      const shared = { ...axes, average, width, x: Float64Array.from(x) };
      expectParity(backend, 'poolForward', { ...shared, y: unwritten(outputs) }, PARITY.sums);
      expectParity(backend, 'poolBackward', { ...shared, dY: random.float32s(outputs), dX: unwritten(inputs) }, PARITY.sums);
    });
  });

  test.each(ACTIVATION_NAMES)('activation %s, also far from zero', (name) => {
    forSeeds(40, (seed) => {
      const random = new RandomArrays(seed);
      const rows = anySize(random);
      const units = seed <= 33 ? seed : anySize(random);
      const range = random.choice([1, 10, 100]);
      const sizes = { rows, units, activation: ACTIVATIONS[name] };
      const x = random.float32s(rows * units, -range, range);
      const { expected } = expectParity(backend, 'activationForward', { ...sizes, x, y: unwritten(rows * units) }, PARITY.pointwise);
      const backward = { ...sizes, y: expected.y.map(Math.fround), dY: random.float32s(rows * units), dX: unwritten(rows * units) };
      expectParity(backend, 'activationBackward', backward, PARITY.derivative);
    });
  });

  test('activations of special values', () => {
    const special = [
      0,
      -0,
      1e-38,
      -1e-38,
      1e-7,
      20,
      -20,
      89,
      -89,
      104,
      -104,
      3e38,
      -3e38,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ];
    for (const name of ACTIVATION_NAMES.filter((other) => other !== 'softmax')) {
      for (const value of [...special, Number.NaN]) {
        const x = new Float64Array(7).fill(Math.fround(value));
        const args = { rows: 1, units: 7, activation: ACTIVATIONS[name], x, y: new Float64Array(7).fill(12345) };
        expectParity(backend, 'activationForward', args, PARITY.pointwise, { allowsNaN: true });
      }
    }
  });

  test('embedding', () => {
    forSeeds(33, (rows) => {
      const random = new RandomArrays(rows);
      const vocabulary = anySize(random);
      const features = 34 - rows;
      const shared = { rows, vocabulary, features, ids: random.integers(rows, vocabulary) };
      expectParity(
        backend,
        'embeddingForward',
        { ...shared, table: random.float32s(vocabulary * features), y: unwritten(rows * features) },
        {},
      );
      const backward = { ...shared, dY: random.float32s(rows * features), dTable: unwritten(vocabulary * features) };
      expectParity(backend, 'embeddingBackward', backward, PARITY.sums);
    });
  });

  test('one-hot rows and masks from ids', () => {
    forSeeds(33, (rows) => {
      const random = new RandomArrays(rows);
      const features = anySize(random);
      const ids = random.integers(rows, features);
      expectParity(backend, 'oneHotForward', { rows, features, ids, y: unwritten(rows * features) }, {});
      expectParity(backend, 'maskFromIds', { rows, ids, mask: new Int32Array(rows).fill(-1) }, {});
    });
  });

  test('masks from floats, and zeros where they mask', () => {
    forSeeds(40, (seed) => {
      const random = new RandomArrays(seed);
      const rows = seed <= 33 ? seed : anySize(random);
      const features = anySize(random);
      const maskValue = random.choice([0, -1, 0.1, -999.25]);
      const x = random.float32s(rows * features);
      const hidden = random.integers(rows, 3);
      for (const [row, kind] of hidden.entries()) {
        if (kind > 0) x.fill(Math.fround(maskValue), row * features, (row + 1) * features);
        // The value in all features but the last hides nothing.
        if (kind > 1 && features > 1) x[(row + 1) * features - 1] = Math.fround(maskValue + 0.5);
      }
      const mask = new Int32Array(rows).fill(-1);
      const masked = expectParity(backend, 'maskFromFloats', { rows, features, maskValue, x, mask }, {}).expected.mask;
      expect(Array.from(masked)).toEqual(Array.from(hidden, (kind) => Number(kind === 0 || (kind > 1 && features > 1))));
      expectParity(backend, 'applyMask', { rows, features, x, mask: masked, y: unwritten(rows * features) }, {});
    });
  });

  test('a mask value that no float32 holds is compared as one, and NaN hides nothing', () => {
    const near = Math.fround(0.1);
    const x = Float64Array.of(near, near, Number.NaN, near, near, 0.5);
    const args = { rows: 3, features: 2, maskValue: 0.1, x, mask: new Int32Array(3).fill(-1) };
    const { expected } = expectParity(backend, 'maskFromFloats', args, {}, { allowsNaN: true });
    expect(Array.from(expected.mask)).toEqual([0, 1, 1]);
    const exact = { ...args, x: Float64Array.of(0.1, near, Number.NaN, 0.1, 0.5, 0.1) };
    expect(Array.from(runReference('maskFromFloats', exact).mask)).toEqual([0, 1, 1]);
  });
});
