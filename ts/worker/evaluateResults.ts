import type { Checkpoint } from '../training/checkpoint.ts';
import type { Dataset } from '../training/dataset.ts';
import { makeResults } from '../training/meter.ts';
import type { RestoredModel } from '../training/restoredModel.ts';
import { evaluateBatches } from '../training/run.ts';

/** The results of every batch, one after the other. The caller adds the results of all batches in their order. */
export async function evaluateResults(
  { engine, compilation }: RestoredModel,
  dataset: Dataset,
  batchSize: number,
  checkpoint: Checkpoint,
): Promise<Float64Array> {
  if (!compilation) throw new Error('a model that is evaluated is compiled');
  const { length } = makeResults(compilation.metrics);
  const all = new Float64Array(Math.ceil(dataset.count / batchSize) * length);
  let next = 0;
  await evaluateBatches(engine, compilation, dataset, batchSize, checkpoint, (results) => {
    all.set(results, next);
    next += length;
  });
  return all;
}
