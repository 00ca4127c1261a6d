import { describe, test } from 'vitest';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { goldenTolerance } from '../support/tolerances.ts';
import { type ChainInput, runChain } from './chainKernels.ts';
import { batchMajor, floatsOf, type GoldenLayer, type GoldenTensor, type NamedTensors, readGolden, timeMajor } from './goldenFiles.ts';

interface ChainCase {
  readonly name: string;
  readonly layers: readonly (GoldenLayer & { readonly gradients: NamedTensors })[];
  /** The model's input is one of the two. */
  readonly ids: GoldenTensor | null;
  readonly x: GoldenTensor | null;
  readonly output: GoldenTensor;
  readonly upstream: GoldenTensor;
  readonly gradientOfX: GoldenTensor | null;
}

const { chains } = readGolden<{ chains: ChainCase[] }>('layers');

/**
 * A recurrent layer may look its one-hot or embedding rows up itself, or be given them: the results
 * must be the same.
 */
const ROWS = [{ rows: 'looked up by the recurrent layer' }, { rows: 'of a kernel of their own' }] as const;

describe.each(await availableBackends())('chains of layers on $label compute what Keras computes', ({ backend }) => {
  describe.each(ROWS)('with rows $rows', ({ rows }) => {
    test.each(chains)('$name', ({ layers, ids, x, output, upstream, gradientOfX }) => {
      const tolerance = goldenTolerance(backend);
      const [batch, steps, features = 0] = (ids ?? (x as GoldenTensor)).shape;
      const input: ChainInput = { steps, batch, features, ids: ids && Int32Array.from(timeMajor(ids)), x: x && timeMajor(x) };
      const sequences = output.shape.length === 3;
      const run = runChain(backend, layers, input, rows === ROWS[0].rows);
      const size = output.shape.at(-1) as number;
      expectClose(sequences ? batchMajor(run.output, steps, batch, size) : run.output, output.data, tolerance, 'output');

      const { weights, x: dX } = run.backward(sequences ? timeMajor(upstream) : floatsOf(upstream));
      for (const [index, { type, gradients }] of layers.entries()) {
        for (const [name, gradient] of Object.entries(gradients)) {
          expectClose(weights[index][name] ?? [], gradient.data, tolerance, `gradient of ${name} of layer ${index} (${type})`);
        }
      }
      if (gradientOfX) expectClose(batchMajor(dX as Float64Array, steps, batch, features), gradientOfX.data, tolerance, 'gradient of x');
    });
  });
});
