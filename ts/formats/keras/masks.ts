import type { Place } from './readCalls.ts';

// Keras 3 writes the masks that layers hand on into the graph, as functions of `keras.ops` and as
// arguments of calls. Backtime's layers hand on the same masks by themselves. A mask is known by
// what it was made of at first: `ids ≠ 0` of an Embedding, `values ≠ -1` of a Masking, an input.

/** What a mask was made of at first. */
export type MaskSources = ReadonlySet<string>;

export const NO_MASK: MaskSources = new Set();

/** The source of a mask that marks where a tensor has another value. */
export function differenceSource([layer, use, port]: Place, value: unknown): string {
  return `${use} ${port} ${layer} ≠ ${Number(value)}`;
}

/** The source of a mask that is an output of a layer. */
export function tensorSource([layer, use, port]: Place): string {
  return `${use} ${port} ${layer}`;
}

/** Layers that hand on no mask. */
const MASK_ENDS: readonly string[] = [
  'AveragePooling1D',
  'AveragePooling2D',
  'Conv1D',
  'Conv2D',
  'Cropping1D',
  'Dot',
  'Flatten',
  'GlobalAveragePooling1D',
  'GlobalMaxPooling1D',
  'MaxPooling1D',
  'MaxPooling2D',
  'Permute',
  'RepeatVector',
  'Reshape',
  'UpSampling1D',
  'ZeroPadding1D',
];

/** Whether a layer hands on no mask. */
export function endsMask(className: string): boolean {
  return MASK_ENDS.includes(className);
}

/** Functions of `keras.ops` that make one mask of others. */
export const MASK_FUNCTIONS: readonly string[] = [
  'Any',
  'All',
  'BroadcastTo',
  'Cast',
  'Concatenate',
  'ConvertToTensor',
  'ExpandDims',
  'LogicalAnd',
  'LogicalOr',
  'Squeeze',
  'Stack',
];

/** Those that make the mask of an input without one. */
export const EMPTY_MASK_FUNCTIONS: readonly string[] = ['OnesLike', 'ZerosLike'];

export function sameSources(a: MaskSources, b: MaskSources): boolean {
  return a.size === b.size && [...a].every((source) => b.has(source));
}

export function union(all: readonly MaskSources[]): MaskSources {
  return new Set(all.flatMap((each) => [...each]));
}
