import { cores } from '../core/cores.ts';
import { type Shape, sizeOf } from '../core/shape.ts';
import type { Feed, Graph } from '../graph/graph.ts';
import { keptWorkers, workersByDefault } from './workerOptions.ts';

/** The amount of work of a call. */
export interface Work {
  /** One sample's shape, for each input. */
  readonly sampleShapes: readonly Shape[];
  /** N: the number of samples. */
  readonly count: number;
  readonly batchSize: number;
  /** Epochs of training; null for `evaluate` and `predict`. */
  readonly epochs: number | null;
}

// From `npm run bench -- --workers`; its tables are in docs/workers.md.
/** Multiply-adds of a call, forward, above which it pays to start workers. */
const WORTH_STARTING = 1e10;
/**
 * The same of `predict` and `evaluate` where workers wait that need not be started: twice what two
 * of them need to be faster, as they may have to be given the model. Training does not depend on
 * it: a number of workers has bits of its own, and the same call must give the same model.
 */
const WORTH_SENDING = 3e8;
/**
 * Multiply-adds, forward, that a worker's part of a batch must have so that the exchange with the
 * other workers pays: this number, and another number for each parameter.
 */
const EXCHANGE_COST = 4e6;
const EXCHANGE_COST_FOR_PARAMETER = 200;

/** A training step has this many times the multiply-adds of the forward pass. */
const TRAINING = 3;

/** With fewer rows than this the matrix products of a worker are slow. */
const ROWS = 8;

/**
 * The number of workers for `workers: 'auto'`: at most one a core, each with enough work; otherwise
 * the default.
 */
export function autoWorkers(graph: Graph, work: Work): number {
  const { sampleShapes, count, batchSize, epochs } = work;
  const sample = multiplyAdds(graph, sampleShapes);
  const all = count * sample * (epochs === null ? 1 : TRAINING * epochs);
  const starts = all >= WORTH_STARTING;
  if (!starts && (epochs !== null || all < WORTH_SENDING)) return workersByDefault();
  const workers = Math.min(
    starts ? cores() : Math.min(keptWorkers(), cores()),
    epochs === null ? Math.ceil(count / batchSize) : workersOfBatch(graph, sample, Math.min(batchSize, count)),
  );
  return workers >= 2 ? workers : workersByDefault();
}

/** The number of workers over which it pays to split a batch. */
function workersOfBatch(graph: Graph, sample: number, rows: number): number {
  const exchange = EXCHANGE_COST + EXCHANGE_COST_FOR_PARAMETER * graph.countParameters();
  return Math.floor(Math.min((rows * sample) / exchange, rows / ROWS));
}

/**
 * Multiply-adds of one sample, forward: each weight once at each step of the longest input. An
 * embedding is a look-up and costs none.
 */
function multiplyAdds(graph: Graph, samples: readonly Shape[]): number {
  const stepsOf = ({ input, kind }: Feed) => sizeOf((samples[input] as Shape).slice(0, kind === 'ids' ? undefined : -1));
  const steps = Math.max(...graph.feeds.map(stepsOf));
  const weights = graph.allLayers
    .filter((layer) => layer.inputKind !== 'ids')
    .flatMap((layer) => layer.ownWeights)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return steps * weights;
}
