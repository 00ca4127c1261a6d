import { FormatError } from '../../core/errors.ts';
import type { Layer } from '../../layers/layer.ts';
import type { SymbolicTensor } from '../../layers/symbolicTensor.ts';
import { type Constant, constantOf } from './constants.ts';
import { type AttributeMessage, ELEMENTS, type GraphMessage, type NodeMessage, type TensorMessage } from './messages.ts';
import { type ReadValue, type Size, type TensorValue, tensorValue } from './readValues.ts';

/**
 * The most elements of constants and weights that a file makes, for each byte that it has, and
 * beside it: a small file must not fill the memory.
 */
const [MOST_FOR_BYTE, MOST_BESIDE] = [4, 1_000_000];

/** Collects the values of a graph while its nodes are read, one after the other. */
export class GraphReader {
  readonly opset: number;
  readonly values = new Map<string, ReadValue>();
  /** The nodes that take each value. */
  readonly consumers = new Map<string, NodeMessage[]>();
  readonly outputs: ReadonlySet<string>;
  /** Nodes that were read with an earlier one. */
  readonly done = new Set<NodeMessage>();
  /** Inputs of models inside: what they are the steps of. */
  readonly stepsOf = new Map<SymbolicTensor, SymbolicTensor>();
  readonly #initializers: ReadonlyMap<string, TensorMessage>;
  readonly #layers = new Map<string, Layer>();
  readonly #names = new Set<string>();
  /** For each name the number of the next one that begins with it. */
  readonly #numbers = new Map<string, number>();
  readonly #roots = new Map<SymbolicTensor, SymbolicTensor>();
  /** Values that are made booleans, and those at whose ids rows are gathered. */
  readonly booleans = new Set<string>();
  readonly gathered = new Set<string>();
  #elementsLeft: number;

  constructor(graph: GraphMessage, opset: number, bytes: number) {
    this.opset = opset;
    this.outputs = new Set(graph.outputs.map(({ name }) => name));
    this.#initializers = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
    this.#elementsLeft = MOST_FOR_BYTE * bytes + MOST_BESIDE;
    for (const node of graph.nodes) {
      const [first = '', second = ''] = node.inputs;
      if (node.opType === 'Gather') this.gathered.add(second);
      if (node.opType === 'Cast' && node.attributes.some(({ name, int }) => name === 'to' && int === ELEMENTS.bool))
        this.booleans.add(first);
      for (const input of new Set(node.inputs)) {
        const nodes = this.consumers.get(input);
        if (nodes) nodes.push(node);
        else this.consumers.set(input, [node]);
      }
    }
  }

  /** Whether a value is a constant of the file. */
  isInitializer(name: string): boolean {
    return this.#initializers.has(name);
  }

  /** A value by its name. @throws {FormatError} when no node before makes it */
  value(name: string): ReadValue {
    const known = this.values.get(name);
    if (known) return known;
    const initializer = this.#initializers.get(name);
    if (!initializer)
      throw new FormatError(`the value '${name}' of the ONNX file is made by no node before the first that takes it, and is not an input`);
    const constant = constantOf(initializer);
    this.spend(constant.data.length);
    this.values.set(name, constant);
    return constant;
  }

  /** A constant by its name; null for another value, and for one that no node has made yet. */
  knownConstant(name: string): Constant | null {
    const value = this.isInitializer(name) ? this.value(name) : this.values.get(name);
    return value?.kind === 'constant' ? value : null;
  }

  /** Counts elements that are made. @throws {FormatError} when the file makes too many */
  spend(elements: number): void {
    this.#elementsLeft -= elements;
    if (this.#elementsLeft < 0) throw new FormatError('the ONNX file makes many times more numbers than it holds');
  }

  /** Whether a node or an output of the graph takes a value. */
  isUsed(name: string | undefined): boolean {
    return name !== undefined && name !== '' && (this.outputs.has(name) || this.consumers.has(name));
  }

  /** The only node that takes a value; null when there are others, or it is an output. */
  onlyConsumer(name: string): NodeMessage | null {
    const consumers = this.consumers.get(name) ?? [];
    return consumers.length === 1 && !this.outputs.has(name) ? (consumers[0] as NodeMessage) : null;
  }

  /**
   * The layer of this description, which is made once: nodes with the same weights are uses of one
   * layer.
   */
  layer<L extends Layer>(key: string, make: () => L): L {
    const known = this.#layers.get(key) as L | undefined;
    if (known) return known;
    const made = make();
    this.#layers.set(key, made);
    return made;
  }

  /** A name for the layer of a node, which no other layer has: of `lstm/LSTM` it is `lstm`. */
  layerName({ name, opType }: NodeMessage): string {
    const parts = name.split('/').filter((part) => part !== '');
    const base = (parts.length > 1 ? parts.slice(0, -1) : parts).join('_').slice(0, 200) || opType.toLowerCase();
    const candidates = [base, `${base}_${opType.toLowerCase()}`];
    let found = candidates.find((candidate) => !this.#names.has(candidate)) ?? '';
    for (let number = this.#numbers.get(base) ?? 1; found === ''; number++) {
      if (!this.#names.has(`${base}_${number}`)) found = `${base}_${number}`;
      this.#numbers.set(base, number + 1);
    }
    this.#names.add(found);
    return found;
  }

  /** The first input that a tensor depends on. */
  rootOf(tensor: SymbolicTensor): SymbolicTensor {
    const chain: SymbolicTensor[] = [];
    let at = tensor;
    while (!this.#roots.has(at) && at.node.inputs[0]) {
      chain.push(at);
      at = at.node.inputs[0];
    }
    const root = this.#roots.get(at) ?? at;
    for (const each of chain) this.#roots.set(each, root);
    return root;
  }

  /** Keeps a name from layers. */
  reserve(name: string): void {
    this.#names.add(name);
  }
}

/** A node that is read. */
export class ReadNode {
  readonly graph: GraphReader;
  readonly message: NodeMessage;
  readonly #attributes: ReadonlyMap<string, AttributeMessage>;

  constructor(graph: GraphReader, message: NodeMessage) {
    this.graph = graph;
    this.message = message;
    this.#attributes = new Map(message.attributes.map((attribute) => [attribute.name, attribute]));
  }

  get operator(): string {
    return this.message.opType;
  }

  /** The error for a node that cannot be read. */
  refusal(what: string): FormatError {
    const { name, opType } = this.message;
    return new FormatError(`the node '${name || this.message.outputs[0]}' (${opType}) of the ONNX file ${what}`);
  }

  has(attribute: string): boolean {
    return this.#attributes.has(attribute);
  }

  int(name: string, byDefault: number): number {
    const found = this.#attributes.get(name);
    if (!found) return byDefault;
    if (found.int === undefined) throw this.refusal(`has an attribute ${name} that is not an integer`);
    return found.int;
  }

  float(name: string, byDefault: number): number {
    const found = this.#attributes.get(name);
    if (!found) return byDefault;
    if (found.float === undefined) throw this.refusal(`has an attribute ${name} that is not a float`);
    return found.float;
  }

  string(name: string, byDefault: string): string {
    const found = this.#attributes.get(name);
    if (!found) return byDefault;
    if (found.string === undefined) throw this.refusal(`has an attribute ${name} that is not text`);
    return found.string;
  }

  ints(name: string): readonly number[] | null {
    const found = this.#attributes.get(name);
    if (!found) return null;
    if (!found.ints) throw this.refusal(`has an attribute ${name} that is not a list of integers`);
    return found.ints;
  }

  floats(name: string): readonly number[] {
    return this.#attributes.get(name)?.floats ?? [];
  }

  strings(name: string): readonly string[] | null {
    return this.#attributes.get(name)?.strings ?? null;
  }

  tensorAttribute(name: string): Constant | null {
    const tensor = this.#attributes.get(name)?.tensor;
    return tensor ? constantOf(tensor) : null;
  }

  /** The number of inputs that are given. */
  get count(): number {
    return this.message.inputs.length;
  }

  /** An input; null when it is left out. */
  optional(index: number): ReadValue | null {
    const name = this.message.inputs[index] ?? '';
    return name === '' ? null : this.graph.value(name);
  }

  input(index: number): ReadValue {
    const value = this.optional(index);
    if (!value) throw this.refusal(`lacks input ${index}`);
    return value;
  }

  /** An input that depends on the model's inputs. */
  tensor(index: number): TensorValue {
    const value = this.input(index);
    if (value.kind === 'mask') return tensorValue(value.asTensor(), null, 'bool');
    if (value.kind !== 'tensor') throw this.refusal(`takes ${KINDS[value.kind]} as input ${index}, which Backtime does not read`);
    return value;
  }

  /** An input that is a constant. */
  constant(index: number, what: string): Constant {
    const value = this.input(index);
    if (value.kind !== 'constant')
      throw this.refusal(`takes ${KINDS[value.kind]} as ${what}, which Backtime reads only where it is a constant`);
    return value;
  }

  /** Whole numbers of an attribute, in later versions of an input; null when there are none. */
  intsAt(name: string, index: number): readonly number[] | null {
    return this.ints(name) ?? (this.optional(index) ? [...this.constant(index, name).data] : null);
  }

  /** Axes counted from the first. @throws {FormatError} when a value does not have them */
  axesOf(axes: readonly number[], count: number): readonly number[] {
    const found = axes.map((axis) => (axis < 0 ? axis + count : axis));
    if (new Set(found).size !== found.length || found.some((axis) => !Number.isInteger(axis) || axis < 0 || axis >= count))
      throw this.refusal(`has axes ${axes.join(', ')}, but its input has ${count}`);
    return found;
  }

  /** Gives an output its value. */
  give(value: ReadValue, index = 0): void {
    const name = this.message.outputs[index] ?? '';
    if (name !== '') this.graph.values.set(name, value);
  }

  /** Applies a layer to each tensor of a value, which keeps its axes. */
  applied(layer: Layer, value: TensorValue): TensorValue {
    return { ...value, type: 'float', tensors: value.tensors.map((tensor) => layer.apply(tensor) as SymbolicTensor) };
  }

  /** The options of a layer that is made of this node. */
  get named(): { readonly name: string } {
    return { name: this.graph.layerName(this.message) };
  }

  /** Uses a layer with weights once or again. @param values the weights by name */
  weighted(
    key: string,
    make: () => Layer,
    tensors: readonly SymbolicTensor[],
    values: Readonly<Record<string, Float32Array>>,
  ): readonly SymbolicTensor[] {
    let isNew = false;
    const layer = this.graph.layer(key, () => {
      isNew = true;
      return make();
    });
    const outputs = layer.applyAll(tensors);
    if (isNew) writeWeights(this, layer, values);
    return outputs;
  }
}

/** Reads a node. @returns its output or outputs; null for one that nothing takes */
export type NodeReader = (node: ReadNode) => ReadValue | readonly (ReadValue | null)[];

/** Sets the weights of a layer. @throws {FormatError} when their sizes do not fit */
export function writeWeights(node: ReadNode, layer: Layer, values: Readonly<Record<string, ArrayLike<number>>>): void {
  for (const weight of layer.ownWeights) {
    const value = Object.hasOwn(values, weight.name) ? values[weight.name] : undefined;
    const length = weight.shape.reduce((product, size) => product * size, 1);
    if (value?.length !== length)
      throw node.refusal(`has weights of the wrong size: ${weight.name} needs ${length} numbers, got ${value?.length}`);
    node.graph.spend(length);
    weight.write(Float32Array.from(value));
  }
}

const KINDS: Readonly<Record<ReadValue['kind'], string>> = {
  constant: 'a constant',
  tensor: 'a value of the samples',
  sizes: 'lengths',
  fill: 'an array of one number',
  mask: 'a mask',
  lengths: 'the numbers of steps that count',
  some: 'a mask',
  packed: 'packed steps',
  erf: 'an error function that is no part of gelu',
  groups: 'channels in groups',
};

/** Sizes as words of an error. */
export const shownSizes = (sizes: readonly Size[]) => `[${sizes.join(', ')}]`;
