import { describe, test } from 'vitest';
import { RecurrentNetwork } from '../../ts/article/recurrentNetwork.ts';
import { expectClose } from '../support/differences.ts';
import { GOLDEN_FLOAT64 } from '../support/tolerances.ts';
import { type GoldenTensor, readGolden } from './goldenFiles.ts';
import { tensorOf } from './goldenModels.ts';

const NAMES = ['w1x', 'w1h', 'b1', 'w2', 'b2'] as const;
type NetworkWeights = Readonly<Record<(typeof NAMES)[number], GoldenTensor>>;

interface NetworkCase {
  readonly name: string;
  readonly nCells: number;
  readonly learningRate: number;
  readonly truncate: number;
  readonly x: GoldenTensor;
  readonly y: GoldenTensor;
  readonly weights: NetworkWeights;
  /** Of the first step. */
  readonly gradients: NetworkWeights;
  /** Of five full-batch steps. */
  readonly losses: readonly number[];
  readonly after: NetworkWeights;
}

const { recurrentNetworks } = readGolden<{ recurrentNetworks: NetworkCase[] }>('truncation');

describe('RecurrentNetwork learns as the same network of Keras’ cells', () => {
  test.each(recurrentNetworks)('$name', ({ nCells, learningRate, truncate, x, y, weights, gradients, losses, after }) => {
    const network = new RecurrentNetwork({ nCells, learningRate, truncate, batchSize: x.shape[0] });
    network.setWeights(
      Object.fromEntries(NAMES.map((name) => [name, tensorOf(weights[name])])) as Parameters<RecurrentNetwork['setWeights']>[0],
    );
    const first = network.lossAndGradients(tensorOf(x), tensorOf(y));
    expectClose([first.loss], [losses[0]], GOLDEN_FLOAT64, 'loss');
    for (const name of NAMES) expectClose(first.gradients[name].data, gradients[name].data, GOLDEN_FLOAT64, `gradient of ${name}`);

    network.fit(tensorOf(x), tensorOf(y), { epochs: losses.length });
    expectClose(network.losses, losses, GOLDEN_FLOAT64, 'loss of epoch');
    for (const name of NAMES) expectClose(network.getWeights()[name].data, after[name].data, GOLDEN_FLOAT64, `${name} after training`);
  });
});
