import { GroupNormalization } from '../../layers/groupNormalization.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import type { Constant } from './constants.ts';
import type { ReadNode } from './graphReader.ts';
import { giveTo, scalesAfter } from './readScales.ts';
import { type GroupsValue, type ReadValue, type Size, sizeAt, type TensorValue } from './readValues.ts';

// N samples, C channels, G groups.

/** The number of channels of `[N, C, ...]`; null for another value. */
function channelsOf({ axes, tensors }: TensorValue): number | null {
  const [samples, channels, ...others] = axes;
  const isPlain = samples === 'samples' && typeof channels === 'number' && others.every((axis) => typeof axis === 'number');
  const [tensor] = tensors as readonly [SymbolicTensor];
  return isPlain && tensors.length === 1 ? (tensor.shape[channels] ?? null) : null;
}

/**
 * Channels in groups, `[N, C, ...]` as `[N, G, -1]`, of which an InstanceNormalization alone is made;
 * null for another shape.
 */
export function groupsOf(node: ReadNode, value: TensorValue, sizes: readonly Size[]): GroupsValue | null {
  const next = node.graph.onlyConsumer(node.message.outputs[0] as string);
  if (next?.opType !== 'InstanceNormalization' || next.domain !== '') return null;
  const channels = channelsOf(value);
  const [samples, groups, rest] = sizes;
  if (
    channels === null ||
    samples !== 'samples' ||
    sizes.length !== 3 ||
    typeof groups !== 'number' ||
    groups < 1 ||
    channels % groups !== 0
  )
    return null;
  const places = value.axes.slice(2).map((_, axis) => sizeAt(value, axis + 2));
  const all = places.every((size) => typeof size === 'number') ? places.reduce((a, b) => a * b, channels) / groups : null;
  return rest === -1 || rest === all ? { kind: 'groups', value, groups, normal: null } : null;
}

/** Reads an InstanceNormalization: of groups of channels, or of each channel. */
export function readInstanceNormalization(node: ReadNode): ReadValue {
  const given = node.input(0);
  const [scale, shift, epsilon] = [node.constant(1, 'the scale'), node.constant(2, 'the bias'), node.float('epsilon', 1e-5)];
  const grouped = given.kind === 'groups' && given.normal === null ? given : null;
  const value = grouped ? grouped.value : node.tensor(0);
  const groups = grouped ? grouped.groups : channelsOf(value);
  if (groups === null || value.axes.length < 3 - (grouped ? 1 : 0))
    throw node.refusal('takes an input that is not [samples, channels, ...]');
  if (scale.data.length !== groups || shift.data.length !== groups)
    throw node.refusal(`has ${scale.data.length} scales and ${shift.data.length} biases for ${groups} channels`);
  const normal = { epsilon, scale, shift };
  return grouped ? { ...grouped, normal } : normalized(node, { kind: 'groups', value, groups, normal }, node.message.inputs.slice(1));
}

/** Reads a GroupNormalization, whose scale and bias are those of the groups in old versions. */
export function readGroupNormalization(node: ReadNode): ReadValue {
  const value = node.tensor(0);
  const channels = channelsOf(value);
  const groups = node.int('num_groups', 0);
  const [scale, shift, epsilon] = [node.constant(1, 'the scale'), node.constant(2, 'the bias'), node.float('epsilon', 1e-5)];
  const fits = [scale, shift].every(({ data }) => data.length === channels || data.length === groups);
  if (channels === null || groups < 1 || channels % groups !== 0 || !fits)
    throw node.refusal(`has ${groups} groups and ${scale.data.length} scales, which do not fit the channels of [samples, channels, ...]`);
  return normalized(node, { kind: 'groups', value, groups, normal: { epsilon, scale, shift } }, node.message.inputs.slice(1));
}

/**
 * Reads the shape before of channels that were in groups, and what follows: the factor and the
 * summand of each channel.
 */
export function withoutGroups(node: ReadNode, groups: GroupsValue, sizes: readonly Size[]): ReadValue {
  const { value } = groups;
  const fits = sizes.length === value.axes.length && sizes.every((size, axis) => size === sizeAt(value, axis) || size === -1);
  if (!groups.normal || !fits || sizes.filter((size) => size === -1).length > 1)
    throw node.refusal('gives normalized groups of channels another shape than they had before');
  return normalized(node, groups, [node.message.inputs[0] as string]);
}

/** @param names what the numbers of the node are known by */
function normalized(node: ReadNode, { value, groups, normal }: GroupsValue, names: readonly string[]): TensorValue {
  const { epsilon, scale, shift } = normal as NonNullable<GroupsValue['normal']>;
  const [tensor] = value.tensors as readonly [SymbolicTensor];
  const own = value.axes[1] as number;
  const channels = tensor.shape[own] as number;
  const factor = scalesAfter(node, node.message.outputs[0], 'Mul', value, [own]);
  const summand = scalesAfter(node, (factor?.node ?? node).message.outputs[0], 'Add', value, [own]);
  node.graph.spend(channels);
  // A number of a group is that of each of its channels.
  const of = ({ data }: Constant, channel: number) => data[Math.floor((channel * data.length) / channels)] as number;
  const times = (channel: number) => factor?.numbers[channel] ?? 1;
  const gamma = Float32Array.from({ length: channels }, (_, channel) => of(scale, channel) * times(channel));
  const beta = Float32Array.from(
    { length: channels },
    (_, channel) => of(shift, channel) * times(channel) + (summand?.numbers[channel] ?? 0),
  );
  const options = {
    groups,
    axis: own === tensor.shape.length - 1 ? -1 : own + 1,
    epsilon,
    scale: factor !== null || gamma.some((each) => each !== 1),
    center: summand !== null || beta.some((each) => each !== 0),
  };
  const last = summand ?? factor;
  const key = ['GroupNormalization', ...names, factor?.name, summand?.name, JSON.stringify(options)].join('\n');
  const make = () => new GroupNormalization({ ...(last?.node ?? node).named, ...options });
  const [result] = node.weighted(key, make, [tensor], { gamma, beta });
  return giveTo({ ...value, type: 'float', tensors: [result as SymbolicTensor] }, factor, summand);
}
