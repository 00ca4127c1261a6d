import { describe, expect, test } from 'vitest';
import { ACTIVATIONS } from '../../../ts/backend/kernels.generated.ts';
import { dotProduct, expectClose, expectGradient } from '../../support/differences.ts';
import { callReference, unwritten } from '../../support/kernelRuns.ts';
import { RandomArrays } from '../../support/randomArrays.ts';

const ACTIVATION_NAMES = Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[];

describe.each(ACTIVATION_NAMES)('activation %s', (name) => {
  test('of a dense layer, with all its gradients', () => {
    const random = new RandomArrays(1);
    const [rows, features, units] = [4, 3, 5];
    const forward = {
      rows,
      features,
      units,
      activation: ACTIVATIONS[name],
      x: random.floats(rows * features),
      kernel: random.floats(features * units),
      bias: random.floats(units),
      y: unwritten(rows * units),
    };
    const dY = random.floats(rows * units);
    const gradients = { dKernel: unwritten(features * units), dBias: unwritten(units), dX: unwritten(rows * features) };
    const objective = () => {
      callReference('denseForward', forward);
      return dotProduct(forward.y, dY);
    };
    objective();
    callReference('denseBackward', { ...forward, dY, ...gradients });
    expectGradient(gradients.dKernel, objective, forward.kernel, 'dKernel');
    expectGradient(gradients.dBias, objective, forward.bias, 'dBias');
    expectGradient(gradients.dX, objective, forward.x, 'dX');
  });

  test('alone', () => {
    const random = new RandomArrays(2);
    const sizes = { rows: 3, units: 4, activation: ACTIVATIONS[name] };
    const x = random.floats(12, -3, 3);
    const y = unwritten(12);
    const dX = unwritten(12);
    const dY = random.floats(12);
    const objective = () => {
      callReference('activationForward', { ...sizes, x, y });
      return dotProduct(y, dY);
    };
    objective();
    callReference('activationBackward', { ...sizes, y, dY, dX });
    expectGradient(dX, objective, x, 'dX');
  });
});

test('activations at the ends of their range stay finite', () => {
  const x = Float64Array.of(-1000, -40, 0, 40, 1000);
  const expected = {
    linear: [...x],
    tanh: [-1, -1, 0, 1, 1],
    sigmoid: [0, Math.exp(-40), 0.5, 1, 1],
    relu: [0, 0, 0, 40, 1000],
    softmax: [0, 0, 0, 0, 1],
  };
  for (const name of ACTIVATION_NAMES) {
    const y = unwritten(5);
    callReference('activationForward', { rows: 1, units: 5, activation: ACTIVATIONS[name], x, y });
    expectClose(y, expected[name], { absolute: 1e-15 }, name);
  }
});

test('dense on ids is dense on one-hot rows', () => {
  const random = new RandomArrays(3);
  const [rows, features, units] = [6, 4, 3];
  const ids = random.integers(rows, features);
  const x = unwritten(rows * features);
  callReference('oneHotForward', { rows, features, ids, y: x });
  expect([...x].filter((value) => value === 1)).toHaveLength(rows);
  const common = {
    rows,
    features,
    units,
    activation: ACTIVATIONS.tanh,
    kernel: random.floats(features * units),
    bias: random.floats(units),
  };
  const [fromIds, fromRows] = [unwritten(rows * units), unwritten(rows * units)];
  callReference('denseForward', { ...common, ids, y: fromIds });
  callReference('denseForward', { ...common, x, y: fromRows });
  expectClose(fromIds, fromRows, { relative: 1e-15 }, 'y');

  const dY = random.floats(rows * units);
  const [dFromIds, dFromRows] = [unwritten(features * units), unwritten(features * units)];
  callReference('denseBackward', { ...common, ids, y: fromIds, dY, dKernel: dFromIds, dBias: unwritten(units) });
  callReference('denseBackward', { ...common, x, y: fromRows, dY, dKernel: dFromRows, dBias: unwritten(units) });
  expectClose(dFromIds, dFromRows, { relative: 1e-15 }, 'dKernel');
});

test('embedding rows and their gradient, with ids that repeat and ids that do not occur', () => {
  const random = new RandomArrays(4);
  const sizes = { rows: 5, vocabulary: 4, features: 3, ids: Int32Array.of(1, 3, 1, 1, 0) };
  const table = random.floats(12);
  const y = unwritten(15);
  const dTable = unwritten(12);
  const dY = random.floats(15);
  const objective = () => {
    callReference('embeddingForward', { ...sizes, table, y });
    return dotProduct(y, dY);
  };
  objective();
  expect([...y.subarray(3, 6)]).toEqual([...table.subarray(9, 12)]);
  callReference('embeddingBackward', { ...sizes, dY, dTable });
  expectGradient(dTable, objective, table, 'dTable');
  expect([...dTable.subarray(6, 9)]).toEqual([0, 0, 0]);
});

test('the mask of ids is 0 exactly where the id is', () => {
  const mask = new Int32Array(4).fill(7);
  callReference('maskFromIds', { rows: 4, ids: Int32Array.of(0, 3, 0, 1), mask });
  expect([...mask]).toEqual([0, 1, 0, 1]);
});
