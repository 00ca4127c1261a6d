import type { SampleShape } from '../../layers/spec.ts';
import type { AttributeValue, GraphWriter } from './graphWriter.ts';

/** Windows over the axes of a sample, as layers describe them. */
export interface Windows {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: 'valid' | 'same' | 'causal';
}

/** The attributes of an operator for windows. */
export function windowAttributes({ sizes, strides, dilations, padding }: Windows, shape: SampleShape): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = { kernel_shape: sizes, strides };
  if (dilations.some((dilation) => dilation > 1)) attributes.dilations = dilations;
  if (padding === 'valid') return attributes;
  const spans = sizes.map((size, axis) => (size - 1) * (dilations[axis] as number) + 1);
  if (padding === 'causal') return { ...attributes, pads: [...spans.map((span) => span - 1), ...spans.map(() => 0)] };
  const missing = spans.map((span, axis) => {
    const [stride, length] = [strides[axis] as number, shape[axis] as number | null];
    if (stride === 1) return span - 1;
    return length === null ? null : Math.max((Math.ceil(length / stride) - 1) * stride + span - length, 0);
  });
  // With strides the padding depends on the length.
  if (missing.includes(null)) return { ...attributes, auto_pad: 'SAME_UPPER' };
  const before = (missing as number[]).map((count) => Math.floor(count / 2));
  return { ...attributes, pads: [...before, ...before.map((count, axis) => (missing[axis] as number) - count)] };
}

/** Writes an operator that takes the channels as the first axis of a sample. */
export function withChannelsFirst(graph: GraphWriter, name: string, axes: number, write: (name: string) => string): string {
  const others = Array.from({ length: axes }, (_, axis) => axis + 1);
  const turned = graph.transpose(name, [0, axes + 1, ...others]);
  return graph.transpose(write(turned), [0, ...others.map((axis) => axis + 1), 1]);
}
