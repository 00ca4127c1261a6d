// The part of the ONNX format that Backtime writes and reads, as plain data. The names are those of
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto in camelCase.

/** The types of a tensor's elements. */
export const ELEMENTS = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;

/** The name of a type of elements. */
export type ElementName = keyof typeof ELEMENTS;

/** A tensor that a file holds. */
export interface TensorMessage {
  readonly name: string;
  readonly dims: readonly number[];
  /** A number of {@link ELEMENTS}. */
  readonly dataType: number;
  /** The elements in row-major order, little-endian; a `bool` is a byte. */
  readonly rawData: Uint8Array;
  /** The elements in a field of their type; null when they are in `rawData`. */
  readonly numbers: readonly number[] | null;
  /** Whether the elements are in another file. */
  readonly external: boolean;
}

/** An attribute of a node. One of the fields has its value. */
export interface AttributeMessage {
  readonly name: string;
  readonly float?: number;
  readonly int?: number;
  readonly string?: string;
  readonly tensor?: TensorMessage;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
  readonly strings?: readonly string[];
  /** In a function: the attribute of the call that has the value. */
  readonly reference?: { readonly name: string; readonly type: number };
  /** Whether the value is a graph or of another kind that is not read. */
  readonly other?: boolean;
}

/** An operator between values, which have names. */
export interface NodeMessage {
  readonly name: string;
  readonly opType: string;
  /** Empty for the operators of ONNX itself. */
  readonly domain: string;
  /** Empty names stand for optional inputs that are left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly AttributeMessage[];
}

/** An input or an output of a graph. */
export interface ValueMessage {
  readonly name: string;
  /** A number of {@link ELEMENTS}; null for what is no tensor. */
  readonly dataType: number | null;
  /** Sizes, or names of free ones; null for a size without either. Null: not known. */
  readonly dims: readonly (number | string | null)[] | null;
}

/** Nodes, each after the nodes whose outputs it takes. */
export interface GraphMessage {
  readonly name: string;
  readonly nodes: readonly NodeMessage[];
  readonly initializers: readonly TensorMessage[];
  readonly inputs: readonly ValueMessage[];
  readonly outputs: readonly ValueMessage[];
}

/** A function that nodes call by its name and domain. */
export interface FunctionMessage {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly string[];
  readonly nodes: readonly NodeMessage[];
}

/** A whole file. */
export interface ModelMessage {
  readonly irVersion: number;
  readonly producerName: string;
  /** The versions of the sets of operators, by domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: GraphMessage;
  readonly functions: readonly FunctionMessage[];
  readonly metadata: ReadonlyMap<string, string>;
}
