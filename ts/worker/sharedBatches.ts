import type { Logs } from '../callbacks/callback.ts';
import { makeCheckpoint } from '../control/checkpoint.ts';
import { type Dataset, sliceDataset } from '../feed/dataset.ts';
import type { ResolvedMetric } from '../objective/metrics.ts';
import { Meter, makeResults } from '../run/meter.ts';
import { partOf, type Replica } from '../run/replica.ts';

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
 */
export async function addResults(
  all: readonly Float64Array[],
  metrics: readonly ResolvedMetric[],
  count: number,
  batchSize: number,
): Promise<Logs> {
  const meter = new Meter(metrics);
  const { length } = makeResults(metrics);
  const checkpoint = makeCheckpoint();
  let start = 0;
  for (const results of all) {
    for (let next = 0; next < results.length; next += length, start += batchSize) {
      meter.add(results.subarray(next, next + length), Math.min(batchSize, count - start));
      const pending = checkpoint();
      if (pending) await pending;
    }
  }
  return meter.logs;
}
