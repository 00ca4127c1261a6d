import type { Logs } from '../callbacks/callback.ts';
import { makeCheckpoint } from '../control/checkpoint.ts';
import { type Dataset, sliceDataset } from '../feed/dataset.ts';
import type { ResolvedMetric } from '../objective/metrics.ts';
import { Meter, makeResults } from '../run/meter.ts';
import { partOf, type Replica } from '../run/replica.ts';
import type { TestEvents } from '../run/trainer.ts';

/**
 * A worker's samples of a data set. They are whole batches, so every sample is in the same batch as
 * without workers.
 */
export function batchesOf(dataset: Dataset, batchSize: number, replica: Replica): Dataset {
  const { start, end } = partOf(dataset.count, replica, batchSize);
  return { ...sliceDataset(dataset, start, end), firstBatch: (dataset.firstBatch ?? 0) + start / batchSize };
}

/**
 * Computes loss and metrics from the results of all batches. Their order makes the bits the same
 * for any number of workers.
 * @param events called for each batch
 */
export async function addResults(
  all: readonly Float64Array[],
  metrics: readonly ResolvedMetric[],
  count: number,
  batchSize: number,
  events: TestEvents | null = null,
): Promise<Logs> {
  const { testBegin = null, testEnd = null } = events ?? {};
  const meter = new Meter(metrics);
  const { length } = makeResults(metrics);
  const checkpoint = makeCheckpoint();
  let start = 0;
  for (const results of all) {
    for (let next = 0; next < results.length; next += length, start += batchSize) {
      if (testBegin) await testBegin(start / batchSize);
      meter.add(results.subarray(next, next + length), Math.min(batchSize, count - start));
      if (testEnd) await testEnd(start / batchSize, meter.logs);
      const pending = checkpoint();
      if (pending) await pending;
    }
  }
  return meter.logs;
}
