import { isNode } from './nodeModule.ts';

/** Number of threads that run at the same time. */
export function cores(): number {
  if (isNode()) return process.getBuiltinModule?.('node:os').availableParallelism() ?? 1;
  return navigator.hardwareConcurrency ?? 1;
}
