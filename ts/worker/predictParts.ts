import type { Dataset } from '../feed/dataset.ts';
import { sliceDataset } from '../feed/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import { Embedding } from '../layers/embedding.ts';
import type { Layer } from '../layers/layer.ts';
import { Masking } from '../layers/masking.ts';
import { ownCodeOf } from '../model/ownCode.ts';
import { alwaysTraining, usesInside } from '../model/usesInside.ts';
import { partOf } from '../run/replica.ts';
import { batchesOf } from './sharedBatches.ts';

/** A worker's samples of a call of `predict`, and how it groups them. */
export interface PredictPart {
  readonly dataset: Dataset;
  readonly batchSize: number;
}

/**
 * Products of fewer rows are summed in another order, see `crate/src/gemm`. Batches of at least as
 * many give a row the same bits, whatever the other rows are.
 */
const ROWS_IN_ONE_ORDER = 4;

/**
 * Divides the samples of a call of `predict` among at most so many workers, so that each sample has
 * the bits that it has without workers. If the samples are computed independently of each other,
 * the samples of a batch are divided; otherwise each worker has whole batches.
 */
export function predictParts(graph: Graph, dataset: Dataset, batchSize: number, workers: number): PredictPart[] {
  const batches = Math.ceil(dataset.count / batchSize);
  const divided = batches % workers === 0 || !computesRowsAlone(graph) ? null : dividedBatches(dataset, batchSize, workers);
  if (divided) return divided;
  const size = Math.min(workers, batches);
  return Array.from({ length: size }, (_, rank) => ({ dataset: batchesOf(dataset, batchSize, { rank, size }), batchSize }));
}

/** Nearly equal numbers of samples for each worker; null where a batch would have too few. */
function dividedBatches(dataset: Dataset, batchSize: number, workers: number): PredictPart[] | null {
  const { count } = dataset;
  const last = count % batchSize || Math.min(batchSize, count);
  if (last < ROWS_IN_ONE_ORDER || batchSize < ROWS_IN_ONE_ORDER) return null;
  const size = Math.min(workers, Math.floor(count / ROWS_IN_ONE_ORDER));
  const parts: PredictPart[] = [];
  for (let rank = 0; rank < size; rank++) {
    const { start, end } = partOf(count, { rank, size }, ROWS_IN_ONE_ORDER);
    const rows = end - start;
    const batches = Math.ceil(rows / batchSize);
    const most = Math.ceil(rows / batches);
    if (rows - (batches - 1) * most < ROWS_IN_ONE_ORDER) return null;
    parts.push({ dataset: sliceDataset(dataset, start, end), batchSize: most });
  }
  return parts;
}

/**
 * Whether a sample's outputs do not depend on its batch. They do where random numbers are drawn for
 * each row of a batch, or moments are those of the batch; and a mask may leave fewer rows in some
 * steps.
 */
function computesRowsAlone(graph: Graph): boolean {
  const known = found.get(graph);
  if (known !== undefined) return known;
  const isMasking = (layer: Layer) => layer instanceof Masking || (layer instanceof Embedding && layer.maskZero);
  const alone =
    !graph.allLayers.some(isMasking) &&
    alwaysTraining(graph) === null &&
    usesInside(graph).every(({ call }) => !call.mask) &&
    ownCodeOf(graph, null) === null;
  found.set(graph, alone);
  return alone;
}

/** The results for graphs, which never change. */
const found = new WeakMap<Graph, boolean>();
