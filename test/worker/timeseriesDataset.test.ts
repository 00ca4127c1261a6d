import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Dense, LSTM, Sequential, type TimeseriesDataset, timeseriesDatasetFromArray } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { WORKERS_FLOAT32, WORKERS_FLOAT64 } from '../support/tolerances.ts';

/** Rows of the longest series so far. */
let rows = 1000;

describe.each(await availableBackends())('a timeseries data set in workers on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  afterEach(() => vi.unstubAllGlobals());

  const random = new RandomArrays(8);
  const [series, targets] = [tensor([60, 3], random), tensor([60, 2], random)];
  const sequences = { sequenceLength: 4, sequenceStride: 2, samplingRate: 3, batchSize: 5 };
  const train = timeseriesDatasetFromArray(series, targets, { ...sequences, shuffle: true, seed: 4, endIndex: 45 });
  const validation = timeseriesDatasetFromArray(series, targets, { ...sequences, startIndex: 30 });

  async function run(workers: number, dataset: TimeseriesDataset = train) {
    startOn(backend);
    const model = new Sequential([new LSTM(3), new Dense(2)]);
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const { history } = await model.fit(dataset, { epochs: 2, validationData: validation, workers, verbose: 0 });
    const logs = await model.evaluate(validation, { workers });
    const { data } = await model.predict(validation, { workers });
    return { loss: [...history.loss, ...(history.valLoss as number[]), logs.loss as number], weights: flatWeights(model), data };
  }

  test('gives what this thread gives, by shared memory and by messages', async () => {
    const here = await run(0);
    expect(await run(1)).toEqual(here);
    const tolerance = backend.name === 'reference' ? WORKERS_FLOAT64 : WORKERS_FLOAT32;
    const shared = await run(2);
    for (const name of ['loss', 'weights', 'data'] as const) expectClose(shared[name], here[name], tolerance, name);
    vi.stubGlobal('crossOriginIsolated', false);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(await run(2)).toEqual(shared);
    warn.mockRestore();
  });

  test('the series crosses once, in shared memory', async () => {
    // So long that no memory of an earlier test fits.
    rows *= 4;
    const long = tensor([rows, 4], random);
    const dataset = timeseriesDatasetFromArray(long, null, { sequenceLength: 50, batchSize: 500 });
    const made: number[] = [];
    const Shared = SharedArrayBuffer;
    vi.stubGlobal(
      'SharedArrayBuffer',
      class extends Shared {
        constructor(bytes: number) {
          super(bytes);
          made.push(bytes);
        }
      },
    );
    const model = new Sequential([new LSTM(3), new Dense(2)]);
    await model.predict(dataset, { workers: 2 });
    vi.unstubAllGlobals();
    const bytes = long.data.byteLength;
    expect(made.reduce((sum, each) => sum + each, 0)).toBe(bytes);
  });
});
