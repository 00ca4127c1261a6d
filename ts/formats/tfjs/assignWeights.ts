import { describe } from '../../core/describe.ts';
import { FormatError } from '../../core/errors.ts';
import { formatShape, sameShape } from '../../core/shape.ts';
import type { Layer } from '../../layers/layer.ts';
import { snakeCase } from '../../layers/layer.ts';
import type { Weight } from '../../layers/weight.ts';
import { camelCase } from '../keras/names.ts';
import { weightPlaces } from '../keras/weightPlaces.ts';
import { valuesOf, type WeightBytes } from './weightValues.ts';

// Which weight of a file is which of the model. A name has the layer's and the weight's, with
// anything between them: `lstm/kernel`, `lstm/lstm_cell/kernel`, `rnn/RNNCell_0/kernel`,
// `bidirectional/forward_lstm/lstm_cell/kernel`. Models and scopes may stand before:
// `model/lstm/kernel`.

/** A weight of the model, with the names of what it is in. */
interface Target {
  readonly weight: Weight;
  /** The names of the layers that it is in, from the outer to the inner one, without models. */
  readonly layers: readonly string[];
}

/**
 * Finds the values of the weights of layers.
 * @param layers of the model, as they stand in it
 * @param stored the weights of the file
 * @throws {FormatError} naming a weight that is missing, has another shape or is left over
 */
export function assignWeights(layers: readonly Layer[], stored: readonly WeightBytes[]): ReadonlyMap<Weight, Float32Array> {
  const values = new Map<Weight, Float32Array>();
  const take = (weight: Weight, found: WeightBytes) => {
    const { name, shape } = found.weight;
    // Before memory is taken.
    if (!sameShape(shape, weight.shape))
      throw new FormatError(
        `the weights ${describe(name)} have shape ${formatShape(shape)}, but ${weight.path} has ${formatShape(weight.shape)}`,
      );
    values.set(weight, valuesOf(found));
  };
  const targets = layers.flatMap((layer) => targetsIn(layer, []));
  const places = new Map(weightPlaces(layers).map(({ path, weight }) => [path, weight]));
  const groups = groupsOf(targets);
  const left = new Map<string, WeightBytes[]>();
  for (const found of stored) {
    const place = places.get(placeOf(found.weight.name));
    if (place) {
      take(place, found);
      continue;
    }
    const key = keyOf(found.weight.name, groups);
    const same = left.get(key);
    if (same) same.push(found);
    else left.set(key, [found]);
  }
  for (const [key, found] of left) {
    const waiting = (groups.get(key) as Target[]).filter(({ weight }) => !values.has(weight));
    for (const [target, one] of pairs(waiting, found)) take(target.weight, one);
  }
  for (const { weight, layers: inside } of targets)
    if (!values.has(weight))
      throw new FormatError(
        `the file has no weights for ${weight.path}, which should be called ${describe(`${inside[0]}/${snakeCase(weight.name)}`)}`,
      );
  return values;
}

/** The weights of a layer. Those of a layer that several models have come once. */
function targetsIn(layer: Layer, outer: readonly string[]): Target[] {
  const isModel = layer.className === 'Model' || layer.className === 'Sequential';
  const layers = isModel ? outer : [...outer, layer.name];
  const own = layer.ownWeights.map((weight): Target => ({ weight, layers }));
  return [...own, ...layer.sublayers.flatMap((inner) => targetsIn(inner, layers))];
}

/** The weights by the outer layer and the weight's name: `lstm/kernel`. */
function groupsOf(targets: readonly Target[]): ReadonlyMap<string, Target[]> {
  const groups = new Map<string, Target[]>();
  const add = (key: string, target: Target) => {
    const group = groups.get(key);
    if (!group) groups.set(key, [target]);
    else if (!group.some(({ weight }) => weight === target.weight)) group.push(target);
  };
  for (const target of targets) add(`${target.layers[0]}/${target.weight.name}`, target);
  // Layers inside of a wrapper may stand in names without it. Names of outer layers come first.
  const outer = new Set(groups.keys());
  for (const target of targets)
    for (const name of target.layers.slice(1))
      if (!outer.has(`${name}/${target.weight.name}`)) add(`${name}/${target.weight.name}`, target);
  return groups;
}

/** The group of a weight of the file. @throws {FormatError} when the model has none */
function keyOf(name: string, groups: ReadonlyMap<string, unknown>): string {
  const parts = name.replace(/:\d+$/, '').split('/');
  const own = camelCase(parts.pop() as string);
  // Attention has its weights in layers of their own: query/kernel.
  const names = [own, partName(parts.at(-1), own)];
  for (const part of parts) {
    const key = names.map((each) => `${part}/${each}`).find((each) => groups.has(each));
    if (key !== undefined) return key;
  }
  throw new FormatError(`the weights ${describe(name)} match no layer of the model`);
}

/** `queryKernel` for query/kernel. */
function partName(part: string | undefined, own: string): string {
  const name = part === 'attention_output' ? 'output' : (part ?? '');
  return name + own.charAt(0).toUpperCase() + own.slice(1);
}

/**
 * Pairs the weights of one layer and name with those of the file: by the names of the layers
 * inside, such as those of the two directions, and the others in their order.
 */
function* pairs(targets: readonly Target[], found: readonly WeightBytes[]): Generator<readonly [Target, WeightBytes]> {
  const surplus = found[targets.length];
  if (surplus) throw new FormatError(`the file has more weights ${describe(surplus.weight.name)} than the model`);
  const waiting = new Set(targets);
  const others: WeightBytes[] = [];
  for (const one of found) {
    const parts = one.weight.name.split('/');
    const fitting = [...waiting].filter(({ layers }) => layers.slice(1).some((layer) => parts.includes(layer)));
    const [target] = fitting;
    if (targets.length === 1 || fitting.length !== 1 || !target) {
      others.push(one);
      continue;
    }
    waiting.delete(target);
    yield [target, one];
  }
  for (const one of others) {
    const [target] = waiting as Iterable<Target>;
    waiting.delete(target);
    yield [target, one];
  }
}

/** The name of weights of Keras 3, as its files and those of its converter have it. */
function placeOf(name: string): string {
  return name.replace(/^_layer_checkpoint_dependencies\//, 'layers/');
}
