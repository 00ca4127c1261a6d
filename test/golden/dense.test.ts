import { describe, test } from 'vitest';
import { ACTIVATIONS } from '../../ts/backend/kernels.generated.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { unwritten } from '../support/kernelRuns.ts';
import { runKernel } from '../support/runKernel.ts';
import { goldenTolerance } from '../support/tolerances.ts';
import { floatsOf, type GoldenTensor, type NamedTensors, product, readGolden } from './goldenFiles.ts';

interface DenseCase {
  readonly name: string;
  readonly config: { readonly units: number; readonly activation: keyof typeof ACTIVATIONS };
  readonly weights: NamedTensors;
  readonly x: GoldenTensor;
  readonly output: GoldenTensor;
  readonly upstream: GoldenTensor;
  readonly gradients: { readonly weights: NamedTensors; readonly x: GoldenTensor };
}

const { dense } = readGolden<{ dense: DenseCase[] }>('layers');

describe.each(await availableBackends())('Dense on $label computes what Keras computes', ({ backend }) => {
  test.each(dense)('$name', ({ config, weights, x, output, upstream, gradients }) => {
    const tolerance = goldenTolerance(backend);
    const features = x.shape.at(-1) as number;
    const shared = {
      rows: product(x.shape.slice(0, -1)),
      features,
      units: config.units,
      activation: ACTIVATIONS[config.activation],
      x: floatsOf(x),
      kernel: floatsOf(weights.kernel),
    };
    const { y } = runKernel(backend, 'denseForward', {
      ...shared,
      bias: weights.bias && floatsOf(weights.bias),
      y: unwritten(output.data.length),
    });
    expectClose(y, output.data, tolerance, 'output');
    const backward = runKernel(backend, 'denseBackward', {
      ...shared,
      y,
      dY: floatsOf(upstream),
      dKernel: unwritten(features * config.units),
      dBias: weights.bias && unwritten(config.units),
      dX: unwritten(x.data.length),
    });
    expectClose(backward.dKernel, gradients.weights.kernel.data, tolerance, 'gradient of kernel');
    expectClose(backward.dBias ?? [], gradients.weights.bias?.data ?? [], tolerance, 'gradient of bias');
    expectClose(backward.dX as Float64Array, gradients.x.data, tolerance, 'gradient of x');
  });

  test.each(dense)('$name: the activation kernels alone', ({ config, weights, x, output, upstream, gradients }) => {
    const linear = {
      rows: product(x.shape.slice(0, -1)),
      features: x.shape.at(-1) as number,
      units: config.units,
      activation: ACTIVATIONS.linear,
    };
    const bias = weights.bias && floatsOf(weights.bias);
    const kernel = floatsOf(weights.kernel);
    const scores = runKernel(backend, 'denseForward', { ...linear, x: floatsOf(x), kernel, bias, y: unwritten(output.data.length) }).y;
    const shared = { rows: linear.rows, units: config.units, activation: ACTIVATIONS[config.activation] };
    const { y } = runKernel(backend, 'activationForward', { ...shared, x: scores, y: unwritten(scores.length) });
    expectClose(y, output.data, goldenTolerance(backend), 'output');
    const { dX } = runKernel(backend, 'activationBackward', { ...shared, y, dY: floatsOf(upstream), dX: unwritten(y.length) });
    const dKernel = unwritten(kernel.length);
    const backward = runKernel(backend, 'denseBackward', { ...linear, x: floatsOf(x), kernel, y: scores, dY: dX, dKernel });
    expectClose(backward.dKernel, gradients.weights.kernel.data, goldenTolerance(backend), 'gradient of kernel');
  });
});
