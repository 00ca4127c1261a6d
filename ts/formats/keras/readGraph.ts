import { describe } from '../../core/describe.ts';
import { FormatError } from '../../core/errors.ts';
import { warn } from '../../core/warnings.ts';
import type { LayerConfig, LayerConfigValue } from '../../layers/layerConfig.ts';
import type { GraphState, NodeState } from '../../model/modelState.ts';
import { GroupNames } from './groupNames.ts';
import { isKerasObject, type KerasObject, kerasObject, listAt, type Plain, textAt } from './kerasObject.ts';
import { allOf, anyOf, atom, EVERY_STEP, type MaskFormula, StepMasks, sameMask } from './maskFormula.ts';
import {
  constantMask,
  differenceMask,
  differenceSource,
  endsMask,
  MASK_FUNCTIONS,
  type MaskTensor,
  maskOfFunction,
  plainMask,
  tensorSource,
} from './masks.ts';
import { camelCase } from './names.ts';
import { USE_MASKS } from './operations.ts';
import { misplaced, preparesData } from './preparation.ts';
import { type KerasCall, type MaskArgument, type Place, placeOf, RECURRENT, readCalls } from './readCalls.ts';
import { readInput } from './readInput.ts';
import { type DescribedLayer, type Reading, type ReadLayer, titleOf } from './readLayer.ts';
import { isOperation, readMaskFunction, readOperation } from './readOperation.ts';

/** One layer of a functional model, with its uses. */
interface Member {
  readonly object: KerasObject;
  readonly name: string;
  /** Null of a function that only makes masks. */
  readonly described: DescribedLayer | null;
  /** Why a function can only make masks. */
  readonly refusal?: FormatError;
  readonly calls: readonly (KerasCall | null)[];
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
  return new GraphReader(given, reading, where, read).graph(config);
}

class GraphReader {
  readonly #where: string;
  readonly #reading: Reading;
  readonly #members = new Map<string, Member>();
  readonly #nodes: NodeState[] = [];
  /** The member of each node. */
  readonly #owners: Member[] = [];
  /** Outputs that layers take which prepare data, with the use of that layer. */
  readonly #prepared = new Map<string, Place>();
  /** For each input the layers that prepare its data. */
  readonly #preparations = new Map<Member, readonly DescribedLayer[]>();
  /** Functions of values with masks, as layers that would use these. */
  readonly #unmasked = new Set<Member>();
  /** The masks of outputs, once they were asked for. */
  readonly #masks = new Map<string, MaskFormula | null>();
  /** The masks that functions compute, once requested. */
  readonly #maskTensors = new Map<string, MaskTensor | null>();
  readonly #stepMasks = new StepMasks();

  constructor(given: readonly unknown[], reading: Reading, where: string, read: ReadLayer) {
    this.#where = where;
    this.#reading = reading;
    const groups = new GroupNames();
    for (const [index, value] of given.entries()) {
      const at = `${where}: layers[${index}]`;
      const object = kerasObject(value, at);
      const name = textAt(object.whole.name ?? object.config.name, `${at}: name`);
      if (this.#members.has(name)) throw new FormatError(`${where} has two layers called '${name}'`);
      this.#members.set(
        name,
        memberOf(object, name, reading, () => read(value, at), groups),
      );
    }
  }

  graph(config: Plain): { layers: readonly DescribedLayer[]; graph: GraphState } {
    const where = this.#where;
    const [inputs, inputNames] = places(config.input_layers, `${where}: input_layers`);
    const [listed, outputNames] = places(config.output_layers, `${where}: output_layers`);
    const outputs = listed.map((place) => this.#countedFromZero(place));
    this.#findPrepared();
    for (const place of inputs) {
      const member = this.#memberAt(place, `${where}: input_layers`);
      if (member.object.className !== 'InputLayer' || member.nodes[0] !== null)
        throw new FormatError(`${where}: input_layers has '${place[0]}', which is not an input, or is listed twice`);
      this.#add(member, 0, { inputs: [], states: 0, mask: false, training: null });
      this.#prepare(member, place);
    }
    this.#join(outputs);
    const ends = outputs.map((place) => this.#nodeAt(place));
    // Layers that no output needs are those that only make masks.
    const used = new Set(this.#owners);
    const kept = [...this.#members.values()].filter((member) => used.has(member));
    const indices = new Map(kept.map((member, index) => [member, index]));
    const nodes = this.#nodes.map((node, index) => ({ ...node, layer: indices.get(this.#owners[index] as Member) as number }));
    const names = { ...(inputNames ? { inputNames } : {}), ...(outputNames ? { outputNames } : {}) };
    const layers = kept.map((member) => {
      const { className, config } = this.#unmasked.has(member) ? unmasked(member) : (member.described as DescribedLayer);
      const preprocessing = this.#preparations.get(member) as unknown as LayerConfigValue | undefined;
      return { className, config: preprocessing ? { ...config, preprocessing } : config };
    });
    return { layers, graph: { nodes, outputs: ends, ...names } };
  }

  /**
   * The use of a functional model that an output of the outer one is: Keras 3 counts these from 1,
   * and everywhere else from 0.
   */
  #countedFromZero([name, use, port]: Place): Place {
    const className = this.#members.get(name)?.object.className;
    const fromOne = this.#reading.version === 3 && (className === 'Functional' || className === 'Model');
    return [name, fromOne ? Math.max(0, use - 1) : use, port];
  }

  /** Finds what prepares data. @throws {FormatError} when one output is prepared in two ways */
  #findPrepared(): void {
    for (const { object, name, calls } of this.#members.values()) {
      if (!preparesData(object.className)) continue;
      for (const [use, call] of calls.entries()) {
        const { inputs, states, masks } = call as KerasCall;
        const [input] = inputs as [Place];
        if (inputs.length > 1 || states.length > 0 || masks.length > 0) throw misplaced(titleOf(object), 'takes more than one input');
        const key = tensorSource(input);
        const other = this.#prepared.get(key);
        if (other) throw misplaced(titleOf(object), `layer ${other[0]} takes the same input`);
        this.#prepared.set(key, [name, use, 0]);
      }
    }
  }

  /** Follows the layers that prepare the data of an input: their outputs are the input's, too. */
  #prepare(input: Member, start: Place): void {
    const layers: DescribedLayer[] = [];
    for (let place = this.#prepared.get(tensorSource(start)); place; place = this.#prepared.get(tensorSource(place))) {
      const member = this.#members.get(place[0]) as Member;
      if (member.nodes[place[1]] !== null) throw new FormatError(`${titleOf(member.object)} depends on its own output`);
      member.nodes[place[1]] = input.nodes[0] as number;
      layers.push(member.described as DescribedLayer);
    }
    if (layers.length > 0) this.#preparations.set(input, layers);
  }

  /** Makes the nodes that these outputs need, each after its inputs. */
  #join(outputs: readonly Place[]): void {
    // An explicit stack, since a graph may be deeper than the stack of the JavaScript engine.
    const open = new Set<string>();
    const stack: Place[] = [...outputs].reverse();
    for (let place = stack.at(-1); place; place = stack.at(-1)) {
      const [name, use] = place;
      const member = this.#memberAt(place, `${this.#where}: output_layers`);
      const title = titleOf(member.object);
      if (member.nodes[use] !== null) {
        stack.pop();
        continue;
      }
      const call = member.calls[use];
      if (preparesData(member.object.className)) throw misplaced(title, 'takes what layers compute');
      if (!call || !member.described)
        throw (
          member.refusal ??
          new FormatError(`${title} is an output of ${this.#where}, or an input of a layer, and only masks may be made so`)
        );
      const mask = this.#explicitMask(member, call);
      const taken = [...call.inputs, ...call.states, ...(mask ? [mask] : [])];
      const waiting = taken.filter((each) => this.#memberAt(each, title).nodes[each[1]] === null);
      if (waiting.length > 0) {
        const key = `${use}/${name}`;
        if (open.has(key)) throw new FormatError(`${title} depends on its own output`);
        open.add(key);
        stack.push(...waiting.reverse());
        continue;
      }
      stack.pop();
      if (this.#reading.joinsByAll) this.#compareMasks(member, call);
      if (this.#reading.version === 3 && call.states.length > 0 && call.masks.length === 0) this.#compareMaskOfStates(member, call);
      if (isOperation(member.object) && USE_MASKS.includes(member.described.className) && this.#takesMask(call)) this.#unmasked.add(member);
      const inputs = taken.map((each) => this.#nodeAt(each));
      this.#add(member, use, { inputs, states: call.states.length, mask: mask !== null, training: call.training });
    }
  }

  #add(member: Member, use: number, node: Omit<NodeState, 'layer'>): void {
    member.nodes[use] = this.#nodes.length;
    this.#nodes.push({ layer: 0, ...node });
    this.#owners.push(member);
  }

  /** @throws {FormatError} for what is also prepared, which is then no input by itself */
  #nodeAt(place: Place): readonly [number, number] {
    const [name, use, port] = place;
    const prepared = this.#prepared.get(tensorSource(place));
    if (prepared)
      throw misplaced(titleOf((this.#members.get(prepared[0]) as Member).object), `other layers take the output of ${name} as it is`);
    return [(this.#members.get(name) as Member).nodes[use] as number, port];
  }

  #memberAt([name, use]: Place, from: string): Member {
    const member = this.#members.get(name);
    if (!member) throw new FormatError(`${from} takes an output of layer '${name}', which ${this.#where} does not have`);
    if (use >= member.nodes.length) throw new FormatError(`${from} takes use ${use} of layer '${name}', which has ${member.nodes.length}`);
    return member;
  }

  /**
   * The mask that a use must be given, because its inputs do not bring it.
   * @throws {FormatError} for one that is not an input
   */
  #explicitMask(member: Member, { masks }: KerasCall): Place | null {
    for (const { mask, inputs } of masks) {
      const formula = this.#explicitFormula(mask);
      const own = inputs.map((input) => this.#maskOf(input));
      const joined = own.includes(null) ? null : anyOf(own as readonly MaskFormula[]);
      if (formula && joined && sameMask(formula, joined)) continue;
      const input = masks.length === 1 && formula ? this.#inputOf(formula) : null;
      if (input) return input;
      throw new FormatError(
        `${titleOf(member.object)} is given a mask that is computed, but Backtime takes the mask of the layer's input, or an input of the model of dtype bool`,
      );
    }
    return null;
  }

  /** The input that a mask is; null for another one. */
  #inputOf(formula: MaskFormula): Place | null {
    for (const { object, name } of this.#members.values()) {
      const place: Place = [name, 0, 0];
      if (object.className === 'InputLayer' && sameMask(formula, atom(tensorSource(place)))) return place;
    }
    return null;
  }

  #takesMask({ inputs }: KerasCall): boolean {
    return inputs.some((input) => {
      const mask = this.#maskOf(input);
      return mask === null || !sameMask(mask, EVERY_STEP);
    });
  }

  /** Warns of a merge of inputs whose masks other versions of Keras join otherwise. */
  #compareMasks({ object }: Member, { inputs }: KerasCall): void {
    const { className, config } = object;
    if (!ELEMENTWISE_MERGES.includes(className) && (className !== 'Concatenate' || joinsSteps(config))) return;
    const masks = inputs.map((input) => this.#maskOf(input));
    const known = masks.filter((mask) => mask !== null);
    const [any, all] = [anyOf(known), allOf(known)];
    if (known.length < masks.length || !any || !all || !sameMask(any, all))
      warn(
        'MASKS_JOINED',
        `${titleOf(object)} joins inputs of different masks. In TF.js, and in Keras before 3.4, the steps count that count in all inputs with a mask; in Backtime and Keras 3.4 those that count in any input, or all where an input has no mask.`,
        this.#reading,
        titleOf(object),
      );
  }

  /** Warns of a layer with initial states whose mask Keras 3 loses. */
  #compareMaskOfStates({ object }: Member, call: KerasCall): void {
    if (!this.#takesMask(call)) return;
    warn(
      'MASK_FOLLOWED',
      `${titleOf(object)} takes initial states and steps with a mask. Keras 3 does not hand the mask to such a layer, so it counts padding; Backtime leaves padding out, and the numbers differ there. To have the numbers of Keras, make the model without maskZero or Masking before this layer.`,
      this.#reading,
      titleOf(object),
    );
  }

  /** The mask that a tensor is; null when it is none that Backtime's layers could hand on. */
  #maskTensor(place: Place, depth = 0): MaskTensor | null {
    const key = tensorSource(place);
    const known = this.#maskTensors.get(key);
    if (known !== undefined) return known;
    const made = this.#madeMask(place, depth);
    this.#maskTensors.set(key, made);
    return made;
  }

  #madeMask(place: Place, depth: number): MaskTensor | null {
    const { object, calls } = this.#memberAt(place, this.#where);
    const { className, config } = object;
    if (className === 'InputLayer') return plainMask(atom(tensorSource(place)));
    const call = calls[place[1]];
    if (!call || !isOperation(object) || depth > MOST_MASK_FUNCTIONS) return null;
    const [input] = call.inputs;
    const { value, axes } = call.options as { readonly value?: unknown; readonly axes?: number };
    if (className === 'NotEqual') return input && axes ? differenceMask(differenceSource(input, value), axes) : null;
    if (className === 'OnesLike' || className === 'ZerosLike') return axes ? constantMask(className, axes) : null;
    const operands = call.inputs.map((each) => this.#maskTensor(each, depth + 1));
    return maskOfFunction({ className, config, operands, steps: this.#stepMasks });
  }

  /** The mask that a tensor of truth values is, for the steps of a sequence. */
  #explicitFormula(place: Place): MaskFormula | null {
    const tensor = this.#maskTensor(place);
    return tensor?.axis === 'none' ? (tensor.masks[0] as MaskFormula) : null;
  }

  /** The mask of an output; null where it has too many terms to be compared. */
  #maskOf(place: Place): MaskFormula | null {
    // A walk with a stack of its own: an output has its mask of those below it.
    const known = this.#masks;
    const entered = new Set<string>();
    const stack = [place];
    for (let next = stack.at(-1); next; next = stack.at(-1)) {
      const key = tensorSource(next);
      const from = known.has(key) ? [] : this.#maskInputs(next);
      const open = entered.has(key) ? [] : from.filter((each) => !known.has(tensorSource(each)) && !entered.has(tensorSource(each)));
      entered.add(key);
      if (open.length > 0) {
        stack.push(...open);
        continue;
      }
      stack.pop();
      const masks = from.map((each) => known.get(tensorSource(each)) ?? null);
      if (!known.has(key)) known.set(key, this.#ownMask(next, masks));
    }
    return known.get(tensorSource(place)) ?? null;
  }

  /** The outputs that an output has its mask of. */
  #maskInputs(place: Place): readonly Place[] {
    const { object, calls } = this.#memberAt(place, this.#where);
    const { className } = object;
    const call = calls[place[1]];
    if (!call || isOperation(object) || endsMask(className) || call.masks.length === 1 || SOURCES.includes(className)) return [];
    if (RECURRENT.includes(className) && !handsOnSteps(object, place)) return [];
    return ONE_MASK.includes(className) ? call.inputs.slice(0, 1) : call.inputs;
  }

  #ownMask(place: Place, masks: readonly (MaskFormula | null)[]): MaskFormula | null {
    const { object, calls } = this.#memberAt(place, this.#where);
    const { className, config } = object;
    const call = calls[place[1]];
    if (!call || isOperation(object) || endsMask(className)) return EVERY_STEP;
    const [first] = call.inputs as [Place];
    if (RECURRENT.includes(className) && !handsOnSteps(object, place)) return EVERY_STEP;
    if (className === 'Embedding') return config.mask_zero === true ? atom(differenceSource(first, 0)) : EVERY_STEP;
    if (className === 'Masking') return this.#maskingMask(first, config.mask_value ?? 0);
    if (call.masks.length === 1) return this.#explicitFormula((call.masks[0] as MaskArgument).mask);
    if (masks.length === 0) return EVERY_STEP;
    if (masks.includes(null)) return null;
    const formulas = masks as readonly MaskFormula[];
    if (isModel(className) && MASK_MAKERS.test(JSON.stringify(config))) return atom(`inside of ${tensorSource(place)}`);
    return className === 'Concatenate' && joinsSteps(config) ? this.#stepMasks.of(formulas) : anyOf(formulas);
  }

  /** Where any feature has another value, as `Any` of `NotEqual` writes it. */
  #maskingMask(input: Place, value: unknown): MaskFormula | null {
    return anyOf(differenceMask(differenceSource(input, value), 3)?.masks ?? []);
  }
}

/** Whether the layer `Concatenate` puts sequences one after the other. */
function joinsSteps({ axis }: Plain): boolean {
  return axis === 1 || axis === -2;
}

function isModel(className: string): boolean {
  return ['Functional', 'Model', 'Sequential'].includes(className);
}

/** Layers that make a mask inside of a model. */
const MASK_MAKERS = /"mask_zero":true|"class_name":"Masking"/;

/** Layers that make a mask. */
const SOURCES: readonly string[] = ['Embedding', 'Masking'];

/** Whether an output of a recurrent layer is a sequence. */
function handsOnSteps({ className, config }: KerasObject, [, , port]: Place): boolean {
  const inner = isKerasObject(config.layer) ? kerasObject(config.layer, className).config : config;
  return inner.return_sequences === true && port === 0;
}

/** Layers that make one value of several of the same shape. */
const ELEMENTWISE_MERGES: readonly string[] = ['Add', 'Average', 'Maximum', 'Minimum', 'Multiply', 'Subtract'];

/** Layers of several inputs that hand on the mask of the first. */
const ONE_MASK: readonly string[] = [
  'AdditiveAttention',
  'Attention',
  'MultiHeadAttention',
  'Bidirectional',
  'GRU',
  'LSTM',
  'RNN',
  'SimpleRNN',
];

/** The most functions through which a mask is followed. */
const MOST_MASK_FUNCTIONS = 100;

function memberOf(object: KerasObject, name: string, reading: Reading, read: () => DescribedLayer, groups: GroupNames): Member {
  const { className } = object;
  if (className === 'InputLayer') return { object, name, described: named(readInput(object), name), calls: [null], nodes: [null] };
  if (isOperation(object)) {
    try {
      const { described, call } = readOperation(object);
      return { object, name, described: named(described, name), calls: [call], nodes: [null] };
    } catch (error) {
      if (!MASK_FUNCTIONS.includes(className) || !(error instanceof FormatError)) throw error;
      return { object, name, described: null, refusal: error, calls: [readMaskFunction(object)], nodes: [null] };
    }
  }
  const calls = readCalls(object, reading);
  const options = calls.map((call) => JSON.stringify(call.options));
  if (new Set(options).size > 1)
    throw new FormatError(`${titleOf(object)} is called with ${options.join(' and ')}, but Backtime has these as options of the layer`);
  const described = read();
  const ofCalls = Object.fromEntries(Object.entries(calls[0]?.options ?? {}).map(([option, value]) => [camelCase(option), value]));
  const config = { ...described.config, ...(ofCalls as LayerConfig) };
  const group = preparesData(className) ? { group: groups.next(className) } : {};
  return { object, name, described: { ...named({ ...described, config }, name), ...group }, calls, nodes: calls.map(() => null) };
}

/** A function as a layer without masks. */
function unmasked({ described, name }: Member): DescribedLayer {
  const { className, config } = described as DescribedLayer;
  return { className: 'Unmasked', config: { name, layer: { className, config } } };
}

function named({ className, config }: DescribedLayer, name: string): DescribedLayer {
  return { className, config: { ...config, name } };
}

/** A list without the lists in it, which are not outputs of layers themselves. */
function flattened(list: readonly unknown[], depth = 0): readonly unknown[] {
  return list.flatMap((each) => (Array.isArray(each) && !placeOf(each) && depth < 8 ? flattened(each, depth + 1) : [each]));
}

/** The inputs or outputs of a model: one, an array, or an object with names. */
function places(value: unknown, where: string): readonly [readonly Place[], readonly string[] | null] {
  const one = placeOf(value);
  if (one) return [[one], null];
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  const names = isRecord ? Object.keys(value) : null;
  // Keras has outputs inside of each other, such as [y, [h, c]]. A model here has one array.
  const nested = listAt(isRecord ? Object.values(value) : value, where);
  const list = isRecord ? nested : flattened(nested);
  const found = list.map((each) => {
    const place = placeOf(each);
    if (!place) throw new FormatError(`${where} should name outputs of layers, but has ${describe(each)}`);
    return place;
  });
  if (found.length === 0) throw new FormatError(`${where} is empty`);
  return [found, names];
}
