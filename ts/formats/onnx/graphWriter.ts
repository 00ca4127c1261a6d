import { ArgumentError } from '../../core/errors.ts';
import type { SampleShape } from '../../layers/spec.ts';
import type { NamedArray } from '../../model/modelState.ts';
import type { AttributeMessage, ElementName, FunctionMessage, NodeMessage, TensorMessage } from './messages.ts';
import { ELEMENTS } from './messages.ts';

/** A value of the graph that is written, samples first: `[N, …]`. */
export interface Written {
  readonly name: string;
  /** One sample's shape; null where the length is free. */
  readonly shape: SampleShape;
  readonly type: 'float' | 'int64' | 'bool';
  /** The name of its mask, booleans `[N, T]`, or `[N]` for samples `[D]`; null for none. */
  readonly mask: string | null;
}

/** Values of attributes. A number is a float where `float` makes it one, else an integer. */
export type AttributeValue = number | string | readonly number[] | readonly string[] | Floats;

/** Numbers that are floats in the file. */
export class Floats {
  readonly values: number | readonly number[];

  constructor(values: number | readonly number[]) {
    this.values = values;
  }
}

/** Options of a node. */
export interface NodeOptions {
  /** The names of its outputs. Default: the operator. */
  readonly as?: string;
  readonly domain?: string;
  /** Number of outputs. Default 1. */
  readonly outputs?: number;
}

/** Collects the nodes and constants of a graph. */
export class GraphWriter {
  readonly nodes: NodeMessage[] = [];
  readonly initializers: TensorMessage[] = [];
  readonly functions = new Map<string, FunctionMessage>();
  readonly #names = new Set<string>();
  readonly #numbers = new Map<string, number>();
  readonly #constants = new Map<string, string>();

  /** A name that no other value has. */
  freeName(base: string): string {
    let number = this.#numbers.get(base) ?? 0;
    let name = number === 0 ? base : `${base}_${number}`;
    while (this.#names.has(name)) name = `${base}_${++number}`;
    this.#numbers.set(base, number + 1);
    this.#names.add(name);
    return name;
  }

  /** Adds a node. @returns the name of its first output */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    options: NodeOptions = {},
  ): string {
    return this.nodeOf(opType, inputs, attributes, options)[0] as string;
  }

  /** Adds a node. @returns the names of its outputs */
  nodeOf(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    { as = opType, domain = '', outputs: count = 1 }: NodeOptions = {},
  ): readonly string[] {
    const outputs = Array.from({ length: count }, () => this.freeName(as));
    this.nodes.push({
      name: outputs[0] as string,
      opType,
      domain,
      inputs: withoutLastEmpty(inputs),
      outputs,
      attributes: attributesOf(attributes),
    });
    return outputs;
  }

  /** A constant of integers, `[n]`, or `[]` for one number. */
  ints(values: number | readonly number[]): string {
    const all = [values].flat();
    return this.#constant(`int64 ${typeof values === 'number'} ${all}`, () => ({
      dims: typeof values === 'number' ? [] : [all.length],
      dataType: ELEMENTS.int64,
      rawData: bytesOf(BigInt64Array.from(all, BigInt)),
    }));
  }

  /** A constant that is one float. */
  float(value: number): string {
    return this.#constant(`float ${value}`, () => ({ dims: [], dataType: ELEMENTS.float, rawData: bytesOf(Float32Array.of(value)) }));
  }

  /** A constant that is true, `[1]`. */
  yes(): string {
    return this.#constant('true', () => ({ dims: [1], dataType: ELEMENTS.bool, rawData: Uint8Array.of(1) }));
  }

  #constant(key: string, make: () => Pick<TensorMessage, 'dims' | 'dataType' | 'rawData'>): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.freeName('constant');
    this.initializers.push({ name, numbers: null, external: false, ...make() });
    this.#constants.set(key, name);
    return name;
  }

  /** Adds an array of floats once in a shape. @param name what it is @returns its name */
  array(name: string, shape: readonly number[], values: () => ArrayLike<number>): string {
    return this.#constant(`array ${name} of ${shape}`, () => ({
      dims: shape,
      dataType: ELEMENTS.float,
      rawData: bytesOf(Float32Array.from(values())),
    }));
  }

  /** Adds a weight once in a shape. @returns its name */
  weight({ name, shape, data }: NamedArray): string {
    const key = `weight ${name} ${shape}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const called = this.freeName(name);
    this.initializers.push({
      name: called,
      dims: shape,
      dataType: ELEMENTS.float,
      rawData: bytesOf(Float32Array.from(data)),
      numbers: null,
      external: false,
    });
    this.#constants.set(key, called);
    return called;
  }

  /** A value in another type of elements. */
  cast(name: string, to: ElementName): string {
    return this.#constantNode(`cast ${to} ${name}`, () => this.node('Cast', [name], { to: ELEMENTS[to] }));
  }

  /** What a node gives is the same each time it is asked for. */
  #constantNode(key: string, make: () => string): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = make();
    this.#constants.set(key, name);
    return name;
  }

  /** The same value with axes in another order. */
  transpose(name: string, order: readonly number[]): string {
    return order.every((axis, index) => axis === index) ? name : this.node('Transpose', [name], { perm: order });
  }

  /** The same value with axes of size 1 more. */
  unsqueeze(name: string, axes: readonly number[]): string {
    return axes.length === 0 ? name : this.node('Unsqueeze', [name, this.ints(axes)]);
  }

  /** The same value with axes of size 1 fewer. */
  squeeze(name: string, axes: readonly number[]): string {
    return axes.length === 0 ? name : this.node('Squeeze', [name, this.ints(axes)]);
  }
}

function withoutLastEmpty(inputs: readonly string[]): readonly string[] {
  return inputs.slice(0, inputs.findLastIndex((input) => input !== '') + 1);
}

function attributesOf(values: Readonly<Record<string, AttributeValue>>): AttributeMessage[] {
  return Object.entries(values).map(([name, value]) => {
    if (value instanceof Floats) return typeof value.values === 'number' ? { name, float: value.values } : { name, floats: value.values };
    if (typeof value === 'string') return { name, string: value };
    if (typeof value === 'number') return { name, int: value };
    return Array.isArray(value) && typeof value[0] === 'string' ? { name, strings: value } : { name, ints: value as readonly number[] };
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The error for what a file cannot hold. */
export function notWritten(title: string, what: string, remedy: string): ArgumentError {
  return new ArgumentError(`an ONNX file cannot hold ${title}: ${what}. ${remedy}`);
}
