import { Layer } from '../../layers/layer.ts';
import type { LayerConfig } from '../../layers/layerConfig.ts';
import { TracedLayer } from '../../layers/tracedLayer.ts';
import type { Weight } from '../../layers/weight.ts';
import { ModelLayer } from '../../model/modelLayer.ts';
import { GroupNames } from './groupNames.ts';
import { kerasLayers } from './kerasGraph.ts';
import { snakeOption } from './names.ts';
import type { DescribedLayer } from './readLayer.ts';

// Where Keras 3 keeps the weights of layers in model.weights.h5: a group for each layer, by its
// class and its place, with the datasets vars/0, vars/1, …

/** A weight and its dataset. */
export interface WeightPlace {
  /** `layers/lstm/cell/vars/0` */
  readonly path: string;
  readonly weight: Weight;
}

/** Groups of a layer that have the weights of a part of it. */
type Parts = (layer: Layer) => readonly { readonly group: string; readonly weights: readonly Weight[] }[];

/** The parts of layers whose weights are not in their own group. */
const PARTS: Readonly<Record<string, Parts>> = {
  SimpleRNN: inCell,
  LSTM: inCell,
  GRU: inCell,
  MultiHeadAttention: ({ ownWeights }) => {
    const count = ownWeights.length / 4;
    return ['query_dense', 'key_dense', 'value_dense', 'output_dense'].map((group, index) => ({
      group,
      weights: ownWeights.slice(index * count, (index + 1) * count),
    }));
  },
};

function inCell({ ownWeights }: Layer): readonly { readonly group: string; readonly weights: readonly Weight[] }[] {
  return [{ group: 'cell', weights: ownWeights }];
}

/**
 * The places of the weights of a model's layers.
 * @param layers in Keras's order, unless `described` gives it: groups are numbered by it
 * @param described the layers in the order of a file, as configurations. Default: `layers`, and the
 *   layers of models inside as {@link kerasLayers} orders them
 */
export function weightPlaces(
  layers: readonly Layer[],
  group = 'layers',
  described: readonly DescribedLayer[] | null = null,
): WeightPlace[] {
  const names = new GroupNames();
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const ordered = described?.map(({ config }) => [byName.get(config.name as string), config] as const);
  return (ordered ?? layers.map((layer) => [layer, null] as const)).flatMap(([layer, config]) =>
    layer ? placesIn(layer, config, `${group}/${names.next(kerasClass(layer))}`) : [],
  );
}

/**
 * The attributes of groups of weights: Keras finds layers by the names in them.
 * @param places of the weights of the layers, with the group `layers`
 * @param nameOf the name in the file of a layer
 */
export function groupAttributes(
  model: string,
  layers: readonly Layer[],
  places: readonly WeightPlace[],
  nameOf: (name: string) => string = (name) => name,
): ReadonlyMap<string, { readonly name: string }> {
  const attributes = new Map([['vars', { name: model }]]);
  const owners = new Map(layers.flatMap(({ name, weights }) => weights.map((weight) => [weight, name] as const)));
  for (const { path, weight } of places)
    attributes.set(`${path.split('/').slice(0, 2).join('/')}/vars`, { name: nameOf(owners.get(weight) as string) });
  return attributes;
}

/** The name of a layer's class, without that of its package. */
function kerasClass({ savedAs }: Layer): string {
  return savedAs.split('>').at(-1) as string;
}

/** @param config the layer as a file has it; null for the layer as it is */
function placesIn(layer: Layer, config: LayerConfig | null, group: string): WeightPlace[] {
  const { className, sublayers } = layer;
  const configOf = (name: string) => config && (config[name] as unknown as DescribedLayer).config;
  if (layer instanceof ModelLayer)
    return config
      ? weightPlaces(sublayers, `${group}/layers`, config.layers as unknown as readonly DescribedLayer[])
      : weightPlaces(kerasLayers(sublayers, layer.graph), `${group}/layers`);
  if (className === 'TimeDistributed') return placesIn(sublayers[0] as Layer, configOf('layer'), `${group}/layer`);
  if (className === 'Bidirectional')
    return [
      ...placesIn(sublayers[0] as Layer, configOf('layer'), `${group}/forward_layer`),
      ...placesIn(sublayers[1] as Layer, configOf('backwardLayer'), `${group}/backward_layer`),
    ];
  if (className === 'RNN') return placesOfCells(sublayers, `${group}/cell`);
  if (layer instanceof TracedLayer) return placesOfOwn(layer, group, new Set());
  const parts = PARTS[className]?.(layer) ?? [{ group: '', weights: layer.ownWeights }];
  return parts.flatMap((part) =>
    part.weights.map((weight, index) => ({ path: `${group}${part.group && `/${part.group}`}/vars/${index}`, weight })),
  );
}

/**
 * A layer of the user's own, with the layers that are its properties. Keras calls their groups like
 * the properties and takes these by name, hidden ones last: a layer that is in two has its weights
 * in the first. The places are in the order in which the properties were set.
 */
function placesOfOwn(layer: TracedLayer, group: string, known: Set<Layer>): WeightPlace[] {
  known.add(layer);
  const own = layer.ownWeights.map((weight, index) => ({ path: `${group}/vars/${index}`, weight }));
  const key = (name: string) => (name.startsWith('_') ? `~${name}` : name);
  const held = Object.entries(layer).map(([property, value]) => [snakeOption(property), value as unknown] as const);
  held.sort(([a], [b]) => (key(a) < key(b) ? -1 : 1));
  const places = new Map<Layer, readonly WeightPlace[]>();
  const add = (inner: Layer, at: string) => {
    if (known.has(inner)) return;
    known.add(inner);
    places.set(inner, inner instanceof TracedLayer ? placesOfOwn(inner, at, known) : placesIn(inner, null, at));
  };
  for (const [name, value] of held) {
    const names = new GroupNames();
    if (value instanceof Layer) add(value, `${group}/${name}`);
    else if (Array.isArray(value))
      for (const each of value) if (each instanceof Layer) add(each, `${group}/${name}/${names.next(kerasClass(each))}`);
  }
  return [...own, ...layer.sublayers.flatMap((inner) => places.get(inner) ?? [])];
}

/** Cells run in the layers of their class, or are layers of their own. */
function placesOfCells(cells: readonly Layer[], group: string): WeightPlace[] {
  const names = new GroupNames();
  return cells.flatMap((cell) => {
    const isBuiltIn = Object.hasOwn(PARTS, cell.className);
    const path = cells.length === 1 ? group : `${group}/cells/${names.next(isBuiltIn ? `${cell.className}Cell` : kerasClass(cell))}`;
    if (cell instanceof TracedLayer) return placesOfOwn(cell, path, new Set());
    return cell.ownWeights.map((weight, index) => ({ path: `${path}/vars/${index}`, weight }));
  });
}
