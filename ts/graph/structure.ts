import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import type { InputLayer, Preprocessing } from '../layers/input.ts';
import type { Layer } from '../layers/layer.ts';
import type { SampleShape } from '../layers/spec.ts';
import type { Graph } from './graph.ts';

/**
 * The structure of a model: a graph, or layers that become a graph as soon as the shape of their
 * input is known.
 */
export interface Structure {
  /** Null before the model is built. */
  readonly graph: Graph | null;
  /** The layers that the user added or joined, with the inputs of a graph. */
  readonly layers: readonly Layer[];
  /** The preprocessing layers of each input. */
  readonly preprocessing: readonly (readonly Preprocessing[])[];
  /**
   * The graph for samples of these shapes; for a built model its graph. Declares no weights.
   * @throws {ShapeError} when a layer cannot take its input
   * @throws {StateError} when there are no layers
   */
  graphFor(samples: readonly SampleShape[]): Graph;
  /** Takes a graph of `graphFor` as the model's graph, and declares the weights. */
  adopt(graph: Graph): void;
  /** Builds for samples of this shape. @throws the errors of `graphFor` */
  build(sample: SampleShape): void;
}

/** The structure of a model that was made from inputs and outputs. */
export class FixedStructure implements Structure {
  readonly graph: Graph;

  constructor(graph: Graph) {
    this.graph = graph;
    graph.declare();
  }

  get layers(): readonly Layer[] {
    return [...this.graph.inputs.map(({ node }) => node.layer as Layer), ...this.graph.layers];
  }

  get preprocessing(): readonly (readonly Preprocessing[])[] {
    return this.graph.inputs.map(({ node }) => (node.layer as InputLayer).preprocessing);
  }

  graphFor(): Graph {
    return this.graph;
  }

  adopt(): void {}

  build(sample: SampleShape): void {
    const { inputs } = this.graph;
    if (inputs.length > 1) throw new ArgumentError('build: this model is already built, because it was made from inputs and outputs');
    this.graph.outputShapesFor([sample]);
  }
}

/** The names of a graph's inputs or outputs, each with a value. */
export type ByName<T> = readonly (readonly [name: string, value: T])[];

/**
 * Finds the value for each name, in an array in the order of the names or in a record.
 * @throws {ArgumentError} when a value is missing, or a name is unknown
 */
export function byName<T>(given: unknown, names: readonly string[], argument: string): ByName<T> {
  if (names.length === 1) {
    const [name] = names as readonly [string];
    if (isRecordOf(given, names)) return [[name, given[name] as T]];
    // An array of one tensor is that tensor; an array of anything else is data by itself.
    const isOneTensor = Array.isArray(given) && given.length === 1 && isTensorLike(given[0]);
    return [[name, (isOneTensor ? given[0] : given) as T]];
  }
  if (Array.isArray(given)) {
    if (given.length !== names.length)
      throw new ArgumentError(`${argument} must have one element for each of ${names.join(', ')}, got ${describe(given)}`);
    return names.map((name, index) => [name, given[index] as T]);
  }
  if (typeof given !== 'object' || given === null)
    throw new ArgumentError(`${argument} must be an array or an object with ${names.join(', ')}, got ${describe(given)}`);
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw new ArgumentError(`${argument} has '${name}', expected one of ${names.join(', ')}`);
  }
  return names.map((name) => {
    if (!Object.hasOwn(given, name)) throw new ArgumentError(`${argument} lacks '${name}': give one for each of ${names.join(', ')}`);
    return [name, (given as Record<string, T>)[name] as T];
  });
}

/** Whether a value is a plain object that has only these names, and is not data itself. */
export function isRecordOf(value: unknown, names: readonly string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  const keys = Object.keys(value);
  return keys.length === names.length && keys.every((key) => names.includes(key));
}

/** Whether it has a shape and data of its own. */
function isTensorLike(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;
}
