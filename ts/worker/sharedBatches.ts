import { type Remote, transfer } from 'comlink';
import type { Logs } from '../callbacks/callback.ts';
import { makeCheckpoint } from '../control/checkpoint.ts';
import type { BatchSource } from '../feed/batches.ts';
import { type Dataset, sliceDataset } from '../feed/dataset.ts';
import type { ResolvedMetric } from '../objective/metrics.ts';
import { Meter, makeResults } from '../run/meter.ts';
import { partOf, type Replica } from '../run/replica.ts';
import type { TestEvents } from '../run/trainer.ts';
import type { WorkerCommands } from './commands.ts';
import type { Outcome } from './outcome.ts';
import { type PostedDataset, postDataset } from './postedDataset.ts';
import type { WorkerGroup } from './workerGroup.ts';

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

/**
 * Runs a command on each batch of an iterable, in workers that take turns: while they compute, the
 * next batch is read.
 * @returns the results in the order of the batches, with the number of rows
 */
export async function* runSource<T>(
  group: WorkerGroup,
  source: BatchSource,
  command: (commands: Remote<WorkerCommands>, dataset: PostedDataset, rows: number) => Promise<Outcome<T>>,
): AsyncGenerator<{ readonly value: T; readonly rows: number }> {
  const waiting: { readonly value: Promise<T>; readonly rows: number }[] = [];
  const first = async () => {
    const { value, rows } = waiting.shift() as (typeof waiting)[number];
    return { value: await value, rows };
  };
  for (let number = 0; ; number++) {
    const batch = await source.next();
    if (batch === null) break;
    // By then the next worker has finished its last batch.
    if (waiting.length === group.size) yield await first();
    const { rows } = batch;
    const dataset = await postDataset(batch.dataset, true);
    const value = group.one(number % group.size, (commands) => command(commands, transfer(dataset, [...dataset.transfer]), rows));
    // Its error is thrown when its result is read.
    value.catch(() => {});
    waiting.push({ value, rows });
  }
  while (waiting.length > 0) yield await first();
}

/** Computes loss and metrics over the batches of an iterable, with the bits of one thread. */
export async function evaluateSourceIn(
  group: WorkerGroup,
  source: BatchSource,
  metrics: readonly ResolvedMetric[],
  events: TestEvents | null = null,
): Promise<Logs> {
  const { testBegin = null, testEnd = null } = events ?? {};
  const meter = new Meter(metrics);
  let number = 0;
  for await (const { value, rows } of runSource(group, source, (commands, dataset, size) => commands.evaluate(dataset, size))) {
    if (testBegin) await testBegin(number);
    meter.add(value, rows);
    if (testEnd) await testEnd(number, meter.logs);
    number++;
  }
  return meter.logs;
}
