import { FormatError } from '../../core/errors.ts';
import { isPlain, type Plain } from './kerasObject.ts';
import { placeOf } from './readCalls.ts';

const MODELS: readonly unknown[] = ['Model', 'Functional', 'Sequential'];
/** How many models may be inside each other. */
const DEEPEST = 32;

/**
 * A model of Keras 2 with {@link countUsesFromZero} done in it and in the models inside.
 * @throws {FormatError} when more than 32 models are inside each other
 */
export function nestedUsesFromZero(value: unknown, depth = 0): unknown {
  if (depth > DEEPEST) throw new FormatError(`more than ${DEEPEST} models are inside each other`);
  if (!isPlain(value) || !isPlain(value.config) || !Array.isArray(value.config.layers)) return value;
  const layers = value.config.layers.map((layer) => nestedUsesFromZero(layer, depth + 1));
  return { ...value, config: countUsesFromZero({ ...value.config, layers }) };
}

/**
 * Counts the uses of models inside of a functional model from 0. Where a model counts as used when
 * it is made, the file names its first use in the outer model 1.
 * @param config of the outer model
 */
export function countUsesFromZero(config: Plain): Plain {
  const layers: readonly unknown[] = Array.isArray(config.layers) ? config.layers : [];
  const uses = new Map<string, number>();
  for (const layer of layers)
    if (isPlain(layer) && MODELS.includes(layer.class_name) && typeof layer.name === 'string' && Array.isArray(layer.inbound_nodes))
      uses.set(layer.name, layer.inbound_nodes.length);
  if (uses.size === 0) return config;
  const nodes = layers.map((layer) => (isPlain(layer) ? layer.inbound_nodes : null));
  const counted = new Set<string>();
  for (const [name, use] of placesIn([nodes, config.output_layers])) if (uses.get(name) === use) counted.add(name);
  const shifted = (value: unknown): unknown => {
    if (!Array.isArray(value)) return value;
    const place = placeOf(value);
    if (!place) return value.map(shifted);
    const [name, use] = place;
    return counted.has(name) ? [name, use - 1, ...value.slice(2)] : value;
  };
  return {
    ...config,
    layers: layers.map((layer) => (isPlain(layer) ? { ...layer, inbound_nodes: shifted(layer.inbound_nodes) } : layer)),
    output_layers: shifted(config.output_layers),
  };
}

/** The outputs of layers in arrays. */
function placesIn(value: unknown): (readonly [string, number, number])[] {
  if (!Array.isArray(value)) return [];
  const place = placeOf(value);
  return place ? [place] : value.flatMap(placesIn);
}
