import { describe } from '../../core/describe.ts';
import { FormatError } from '../../core/errors.ts';
import type { GraphState, NodeState } from '../../model/modelState.ts';
import { type KerasObject, kerasObject, listAt, type Plain, textAt } from './kerasObject.ts';
import { type KerasCall, type Place, placeOf, readCalls } from './readCalls.ts';
import { readInput } from './readInput.ts';
import { type DescribedLayer, type Reading, type ReadLayer, titleOf } from './readLayer.ts';

/** One layer of a functional model, with its uses. */
interface Member {
  readonly object: KerasObject;
  readonly calls: readonly KerasCall[];
  /** Its index among the layers of the state. */
  readonly index: number;
  /** The node of each use; null before it is made. */
  readonly nodes: (number | null)[];
}

/**
 * Reads the graph of a functional model.
 * @param given the layers, as the file holds them
 * @throws {FormatError} when the graph is inconsistent, or has what Backtime does not have
 */
export function readGraph(
  config: Plain,
  given: readonly unknown[],
  reading: Reading,
  where: string,
  read: ReadLayer,
): { layers: readonly DescribedLayer[]; graph: GraphState } {
  const layers: DescribedLayer[] = [];
  const members = new Map<string, Member>();
  for (const [index, value] of given.entries()) {
    const at = `${where}: layers[${index}]`;
    const object = kerasObject(value, at);
    const name = textAt(object.whole.name ?? object.config.name, `${at}: name`);
    if (members.has(name)) throw new FormatError(`${where} has two layers called '${name}'`);
    const calls = readCalls(object, reading);
    members.set(name, { object, calls, index: layers.length, nodes: calls.map(() => null) });
    const described = object.className === 'InputLayer' ? readInput(object) : read(value, at);
    layers.push({ ...described, config: { ...described.config, name } });
  }
  const memberAt = ([name, use]: Place, from: string): Member => {
    const member = members.get(name);
    if (!member) throw new FormatError(`${from} takes an output of layer '${name}', which ${where} does not have`);
    if (use >= member.nodes.length) throw new FormatError(`${from} takes use ${use} of layer '${name}', which has ${member.nodes.length}`);
    return member;
  };
  const nodes: NodeState[] = [];
  const [inputs, inputNames] = places(config.input_layers, `${where}: input_layers`);
  const [outputs, outputNames] = places(config.output_layers, `${where}: output_layers`);
  for (const place of inputs) {
    const member = memberAt(place, `${where}: input_layers`);
    if (member.object.className !== 'InputLayer' || member.nodes[0] !== null)
      throw new FormatError(`${where}: input_layers has '${place[0]}', which is no input, or is there twice`);
    member.nodes[0] = nodes.length;
    nodes.push({ layer: member.index, inputs: [], states: 0, mask: false, training: null });
  }
  // An explicit stack, since a graph may be deeper than the stack of the JavaScript engine.
  const open = new Set<string>();
  const stack: Place[] = [...outputs].reverse();
  for (let place = stack.at(-1); place; place = stack.at(-1)) {
    const [name, use] = place;
    const member = memberAt(place, `${where}: output_layers`);
    const key = `${use}/${name}`;
    if (member.nodes[use] !== null) {
      stack.pop();
      continue;
    }
    const call = member.calls[use];
    if (!call) throw new FormatError(`${titleOf(member.object)} is an input that input_layers of ${where} does not have`);
    const taken = [...call.inputs, ...call.states, ...(call.mask ? [call.mask] : [])];
    const waiting = taken.filter((each) => memberAt(each, titleOf(member.object)).nodes[each[1]] === null);
    if (waiting.length > 0) {
      if (open.has(key)) throw new FormatError(`${titleOf(member.object)} depends on its own output`);
      open.add(key);
      stack.push(...waiting.reverse());
      continue;
    }
    stack.pop();
    member.nodes[use] = nodes.length;
    const made = taken.map(([from, of, port]) => [(members.get(from) as Member).nodes[of] as number, port] as const);
    nodes.push({ layer: member.index, inputs: made, states: call.states.length, mask: call.mask !== null, training: call.training });
  }
  const ends = outputs.map(([name, use, port]) => [(members.get(name) as Member).nodes[use] as number, port] as const);
  // Layers that no output needs are those that made masks.
  const used = [...new Set(nodes.map(({ layer }) => layer))].sort((a, b) => a - b);
  const kept = new Map(used.map((index, place) => [index, place]));
  return {
    layers: used.map((index) => layers[index] as DescribedLayer),
    graph: {
      nodes: nodes.map((node) => ({ ...node, layer: kept.get(node.layer) as number })),
      outputs: ends,
      ...(inputNames ? { inputNames } : {}),
      ...(outputNames ? { outputNames } : {}),
    },
  };
}

/** The inputs or outputs of a model: one, an array, or an object with names. */
function places(value: unknown, where: string): readonly [readonly Place[], readonly string[] | null] {
  const one = placeOf(value);
  if (one) return [[one], null];
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  const names = isRecord ? Object.keys(value) : null;
  const list = listAt(isRecord ? Object.values(value) : value, where);
  const found = list.map((each) => {
    const place = placeOf(each);
    if (!place) throw new FormatError(`${where} should name outputs of layers, but has ${describe(each)}`);
    return place;
  });
  if (found.length === 0) throw new FormatError(`${where} is empty`);
  return [found, names];
}
