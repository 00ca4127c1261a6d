import { isNode } from '../core/nodeModule.ts';
import { type Shape, sizeOf } from '../core/shape.ts';
import type { Graph } from '../model/graph.ts';
import { workersByDefault } from './workerOptions.ts';

/** What a call has to do. */
export interface Work {
  /** One sample's shape. */
  readonly sampleShape: Shape;
  /** N: samples of the call. */
  readonly count: number;
  readonly batchSize: number;
  /** Epochs of training; null when nothing is trained. */
  readonly epochs: number | null;
}

// From `npm run bench -- --workers`; its tables are in docs/workers.md.
/** Multiply-adds of a call from which on starting workers pays. */
const WORTH_STARTING = 1e10;
/** Multiply-adds, forward, that a worker's part of a batch must have to pay for meeting the others: these, and as many for each parameter. */
const WORTH_MEETING = 4e6;
const WORTH_MEETING_FOR_PARAMETER = 200;

/** Training multiplies so many times as often as going forward. */
const TRAINING = 3;

/** Fewer rows than this make a worker's matrix products slow. */
const ROWS = 8;

/** What `workers: 'auto'` means: as many as there are cores for, when each has enough to do; else what is the default. */
export function autoWorkers(graph: Graph, work: Work): number {
  const { sampleShape, count, batchSize, epochs } = work;
  const sample = multiplyAdds(graph, sampleShape);
  const all = count * sample * (epochs === null ? 1 : TRAINING * epochs);
  if (all < WORTH_STARTING) return workersByDefault();
  const workers = Math.min(
    cores(),
    epochs === null ? Math.ceil(count / batchSize) : workersOfBatch(graph, sample, Math.min(batchSize, count)),
  );
  return workers >= 2 ? workers : workersByDefault();
}

/** How many workers a batch is worth splitting for. */
function workersOfBatch(graph: Graph, sample: number, rows: number): number {
  const meeting = WORTH_MEETING + WORTH_MEETING_FOR_PARAMETER * graph.countParameters();
  return Math.floor(Math.min((rows * sample) / meeting, rows / ROWS));
}

/** Multiply-adds of one sample, forward: every weight meets every step; an embedding is only looked up. */
function multiplyAdds(graph: Graph, sample: Shape): number {
  const steps = graph.inputKind === 'ids' || sample.length > 1 ? (sample[0] as number) : 1;
  const weights = graph.layers
    .filter((layer) => layer.inputKind !== 'ids')
    .flatMap((layer) => layer.weights)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return steps * weights;
}

function cores(): number {
  if (isNode()) return process.getBuiltinModule?.('node:os').availableParallelism() ?? 1;
  return navigator.hardwareConcurrency ?? 1;
}
