import type { Backend } from '../backend/backend.ts';
import type { Graph } from '../graph/graph.ts';
import type { Compiled } from '../model/compilation.ts';
import type { Session } from '../model/session.ts';
import { lastChange } from '../program/weightChanges.ts';

/**
 * The properties that identify a copy of a model for `evaluate` and `predict`, besides its weights.
 */
interface CopiedModel {
  readonly key: number;
  readonly graph: Graph;
  readonly compiled: Compiled | null;
  readonly seed: unknown;
  readonly backend: Backend;
}

const copied = new WeakMap<Session, CopiedModel>();
let lastKey = 0;

/**
 * The key of a model's copies. It changes when the model gets other layers, another seed or another
 * `compile`.
 */
export function copyKey(model: Session, backend: Backend): number {
  const { compiled, seedWords: seed } = model;
  const graph = model.builtGraph('predict');
  const before = copied.get(model);
  if (before && before.graph === graph && before.compiled === compiled && before.seed === seed && before.backend === backend)
    return before.key;
  const key = ++lastKey;
  copied.set(model, { key, graph, compiled, seed, backend });
  return key;
}

/**
 * The version of a model's weights: equal ones have equal values. Weights that have none yet are
 * drawn in the worker as they are here, unless another model that shares them draws them first.
 */
export function weightsVersion(model: Session): string {
  const { weights } = model.builtGraph('predict');
  const known = weights.filter((weight) => weight.known).length;
  return `${lastChange(weights)} ${known}`;
}
