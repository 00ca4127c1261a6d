import { isNode } from '../core/nodeModule.ts';
import { type Shape, sizeOf } from '../core/shape.ts';
import type { Graph } from '../model/graph.ts';
import { workersByDefault } from './workerOptions.ts';

/** Multiply-adds of a batch, forward, that make a worker worth having: workload 3 of the bench, which gains from two, has 8e7. */
const WORTHWHILE = 3e7;

/** Fewer rows than this make a worker's matrix products slow. */
const ROWS = 8;

/** What `workers: 'auto'` means: as many as there are cores for, when each has enough to do; else what is the default. */
export function autoWorkers(graph: Graph, sample: Shape, batchSize: number): number {
  const byWork = Math.floor((batchSize * multiplyAdds(graph, sample)) / WORTHWHILE);
  const workers = Math.min(byWork, Math.floor(batchSize / ROWS), cores());
  return workers >= 2 ? workers : workersByDefault();
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
