import { resolveActivation } from '../../layers/activationFunction.ts';
import type { Layer } from '../../layers/layer.ts';
import type { CallConfig } from '../../layers/symbolicTensor.ts';
import type { Weight } from '../../layers/weight.ts';
import type { NamedArray } from '../../model/modelState.ts';
import type { GraphWriter, Written } from './graphWriter.ts';

/** One use of a layer that is to be written. */
export interface LayerUse<L extends Layer = Layer> {
  readonly layer: L;
  readonly graph: GraphWriter;
  /** The prefix of the names of its nodes. */
  readonly path: string;
  /** The inputs, then the initial states. */
  readonly inputs: readonly Written[];
  readonly call: CallConfig;
  /** The values of a weight. */
  readonly valuesOf: (weight: Weight) => NamedArray;
  /** Writes a use of a layer inside this one. */
  readonly inner: (layer: Layer, inputs: readonly Written[]) => readonly Written[];
}

/** Writes a use of a layer. @returns its outputs */
// biome-ignore lint/suspicious/noExplicitAny: each function writes the layers of one class
export type WriteLayer = (use: LayerUse<any>) => readonly Written[];

/** The first input as floats. */
export function floatInput({ graph, inputs }: Pick<LayerUse, 'graph' | 'inputs'>, index = 0): Written {
  return asFloats(graph, inputs[index] as Written);
}

/** A value as floats. */
export function asFloats(graph: GraphWriter, value: Written): Written {
  return value.type === 'float' ? value : { ...value, name: graph.cast(value.name, 'float'), type: 'float' };
}

/** A value as ids. */
export function asIds(graph: GraphWriter, value: Written): Written {
  return value.type === 'int64' ? value : { ...value, name: graph.cast(value.name, 'int64'), type: 'int64' };
}

/** The own weights of a layer by name. */
export function weightsOf({
  layer,
  valuesOf,
}: Pick<LayerUse, 'valuesOf'> & { readonly layer: Pick<Layer, 'ownWeights'> }): Readonly<Record<string, NamedArray>> {
  return Object.fromEntries(layer.ownWeights.map((weight) => [weight.name, valuesOf(weight)]));
}

/** The mask of a value as booleans that have the value's number of axes. */
export function maskLike(graph: GraphWriter, { mask, shape }: Written): string | null {
  if (mask === null) return null;
  const axes = shape.length === 1 ? [1] : shape.slice(1).map((_, axis) => axis + 2);
  return graph.unsqueeze(mask, axes);
}

/** The mask of what is computed of several values: where any counts; null if one has none. */
export function mergedMask(graph: GraphWriter, inputs: readonly Written[]): string | null {
  const masks = [...new Set(inputs.map(({ mask }) => mask))];
  if (masks.includes(null)) return null;
  return (masks as string[]).reduce((either, next) => graph.node('Or', [either, next], {}, { as: 'mask' }));
}

/** An activation as a layer has it, resolved. */
export function activationOf(layer: Layer, given: unknown) {
  return resolveActivation(given, `${layer.title}: activation`);
}
