import { describe } from '../core/describe.ts';
import { FormatError } from '../core/errors.ts';
import { LazyPart } from '../core/lazyPart.ts';
import { isRegisteredName, loadHint, registeredInstance } from '../core/registerClass.ts';
import { suggest } from '../core/suggestion.ts';
import { Dense } from './dense.ts';
import { Embedding } from './embedding.ts';
import { InputLayer } from './input.ts';
import { Layer, type LayerConfig } from './layer.ts';
import { LSTM } from './lstm.ts';
import type { MakeLayer } from './wrapper.ts';

/** Layer classes by name. */
export type LayerTable = Readonly<Record<string, { fromConfig(config: LayerConfig, make: MakeLayer): Layer }>>;

/**
 * The layer classes of nearly every model. The others are in moreLayers.ts, so that a program that
 * does not use them is small.
 */
const LAYERS: LayerTable = { Dense, Embedding, InputLayer, LSTM };

/** The code of all other layers. It loads with a file or a worker. */
export const MORE_LAYERS = /* @__PURE__ */ new LazyPart('saved models', 'backtime/formats', () => import('./moreLayers.ts'));

/**
 * How many layers may be inside each other in a file. More would exhaust the stack of the
 * JavaScript engine.
 */
const DEEPEST = 64;

/** Loads the classes of all layers, for a file or a worker. */
export async function loadAllLayers(): Promise<void> {
  await MORE_LAYERS.load();
}

/**
 * Makes a layer from its class name and its configuration, as a saved model stores them.
 * @param besides further classes
 * @param depth inside how many layers it is
 * @throws {FormatError} when no layer has that name, it is not registered, or too many layers
 *   are inside each other
 */
export function layerFromConfig(className: string, config: LayerConfig, besides: LayerTable = {}, depth = 0): Layer {
  if (depth > DEEPEST) throw new FormatError(`the saved model has more than ${DEEPEST} layers inside each other`);
  if (isRegisteredName(className)) return registeredInstance(className, config, 'layer', Layer);
  const known = { ...LAYERS, ...MORE_LAYERS.code?.MORE_LAYERS, ...besides };
  const layerClass = Object.hasOwn(known, className) ? known[className] : undefined;
  if (!layerClass) {
    const names = Object.keys(known).sort();
    throw new FormatError(
      `there is no layer class '${className}'${suggest(className, names)}; the classes are ${names.join(', ')}${loadHint()}`,
    );
  }
  return layerClass.fromConfig(config, (value) => described(value, besides, depth + 1));
}

/** The layer that a configuration holds. @throws {FormatError} when it holds none */
function described(value: unknown, besides: LayerTable, depth: number): Layer {
  const { className, config } = (typeof value === 'object' && value !== null ? value : {}) as { className?: unknown; config?: unknown };
  if (typeof className !== 'string' || typeof config !== 'object' || config === null)
    throw new FormatError(`a layer in a configuration must be { className, config }, got ${describe(value)}`);
  return layerFromConfig(className, config as LayerConfig, besides, depth);
}
