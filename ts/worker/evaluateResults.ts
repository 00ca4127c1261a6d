import type { Checkpoint } from '../control/checkpoint.ts';
import { invariant } from '../core/invariant.ts';
import type { Dataset } from '../feed/dataset.ts';
import type { Session } from '../model/session.ts';
import { makeResults } from '../run/meter.ts';
import { evaluateBatches } from '../run/run.ts';

/**
 * The results of every batch, one after the other. The caller adds the results of all batches in
 * their order.
 */
export async function evaluateResults(
  { engine, compilation }: Session,
  dataset: Dataset,
  batchSize: number,
  checkpoint: Checkpoint,
): Promise<Float64Array> {
  invariant(compilation, 'a model that is evaluated is compiled');
  const { length } = makeResults(compilation.metrics);
  const all = new Float64Array(Math.ceil(dataset.count / batchSize) * length);
  let next = 0;
  await evaluateBatches(engine, compilation, dataset, batchSize, checkpoint, (results) => {
    all.set(results, next);
    next += length;
  });
  return all;
}
