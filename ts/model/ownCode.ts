import { ArgumentError } from '../core/errors.ts';
import { isRegisteredName } from '../core/registerClass.ts';
import { isError } from '../core/tags.ts';
import type { Graph } from '../graph/graph.ts';
import { optimizerClassName } from '../optimizers/registry.ts';
import { type Compiled, outputStates } from './compilation.ts';

/**
 * The first class or function of a user's own that a model needs, for messages; null when it needs
 * none. Backtime's own worker has no code of users.
 */
export function ownCodeOf(graph: Graph, compiled: Compiled | null): string | null {
  try {
    for (const layer of graph.allLayers) {
      const own = registeredIn(layer.savedAs) ?? registeredIn(layer.getConfig());
      if (own !== null) return own;
    }
    return compiled && (registeredIn(optimizerClassName(compiled.optimizer)) ?? registeredIn(outputStates(compiled)));
  } catch (error) {
    // A value without a registered name is custom, too.
    if (isError(error) && error instanceof ArgumentError) return 'a class or a function without a registered name';
    throw error;
  }
}

/** The first registered name in a description. */
function registeredIn(described: unknown): string | null {
  if (isRegisteredName(described)) return described;
  if (typeof described !== 'object' || described === null) return null;
  for (const value of Object.values(described)) {
    const found = registeredIn(value);
    if (found !== null) return found;
  }
  return null;
}
