import { describe } from '../core/describe.ts';
import { FormatError } from '../core/errors.ts';
import { type JsonTensor, withJSON } from '../core/jsonTensor.ts';
import type { FloatArray } from '../core/numericArray.ts';
import type { SeedWords } from '../core/seed.ts';
import type { Shape } from '../core/shape.ts';
import type { LayerConfig } from '../layers/layer.ts';
import type { SampleShape } from '../layers/spec.ts';
import type { QuantisedValues } from '../layers/weight.ts';
import type { LossState } from '../objective/lossRegistry.ts';
import type { MetricState } from '../objective/metrics.ts';
import type { OptimizerConfig } from '../optimizers/optimizer.ts';
import type { Metadata } from './metadata.ts';

/** A named array of a file or a message. */
export interface NamedArray {
  /** `lstm/recurrentKernel`; for optimizer slots `lstm/recurrentKernel/velocity`. */
  readonly name: string;
  readonly shape: Shape;
  readonly data: FloatArray;
}

/** A {@link NamedArray} that `JSON.stringify` can write. */
export function namedArray(name: string, shape: Shape, data: FloatArray): NamedArray {
  return withJSON({ name, shape, data });
}

/** The values of a quantised weight, by its name. */
export interface QuantisedArray extends QuantisedValues {
  readonly name: string;
}

/** How one output is trained. */
export interface OutputState extends LossState {
  readonly fromLogits: boolean;
  /** The weight of the loss in the total. Default 1. */
  readonly lossWeight?: number;
  readonly metrics: readonly MetricState[];
  /** Older files do not have it. */
  readonly weightedMetrics?: readonly MetricState[];
}

/**
 * The compile options of a model, and its training progress. This part has the loss and metrics of
 * the first output.
 */
export interface CompileState extends OutputState {
  /** The other outputs; absent for one output. */
  readonly moreOutputs?: readonly OutputState[];
  readonly optimizer: { readonly className: string; readonly config: OptimizerConfig };
  /**
   * Names of the trained layers. Older files do not have it; there the `trainable` of each layer's
   * configuration decides.
   */
  readonly trainable?: readonly string[];
  readonly iteration: number;
  readonly epochsDone: number;
  readonly slots: readonly NamedArray[];
}

/** One use of a layer, as a file stores it. */
export interface NodeState {
  /** The index of the layer. */
  readonly layer: number;
  /** The inputs: outputs of earlier nodes. */
  readonly inputs: readonly (readonly [node: number, output: number])[];
  /** Number of initial states among the inputs. */
  readonly states: number;
  /** Whether the last input is a mask. */
  readonly mask: boolean;
  readonly training: boolean | null;
}

/** The graph of a model: nodes, each after its inputs. The inputs of the model come first. */
export interface GraphState {
  readonly nodes: readonly NodeState[];
  readonly outputs: readonly (readonly [node: number, output: number])[];
  /**
   * The user's names of the inputs and of the outputs; absent where they have those of their
   * layers.
   */
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
}

/**
 * A model as plain data. A model made from it predicts the same bits and continues the training.
 */
export interface ModelState {
  readonly name: string;
  readonly seed: SeedWords;
  readonly layers: readonly { readonly className: string; readonly config: LayerConfig }[];
  /** The shape of one sample of the first input; null where the length is free. */
  readonly inputShape: SampleShape;
  /** For a chain of layers: the option `batchSize` of their `Input`; absent without one. */
  readonly batchSize?: number;
  /** The graph; absent for a chain of layers. */
  readonly graph?: GraphState;
  /** The weights that are floats. */
  readonly weights: readonly NamedArray[];
  /** For a quantised model: the weights that are integers; absent without any. */
  readonly quantised?: readonly QuantisedArray[];
  readonly compile: CompileState | null;
  /** The number of steps of the samples in the last training; absent before. */
  readonly trainedSteps?: number;
  /** The metadata of the user; absent in older states. */
  readonly metadata?: Metadata;
}

/** A {@link NamedArray}, or what JSON makes of it. */
export type NamedArrayLike = NamedArray | (JsonTensor & { readonly name: string });

/** A {@link QuantisedArray}, or what JSON makes of it. */
export interface QuantisedArrayLike {
  readonly name: string;
  readonly type: string;
  readonly axis: number;
  readonly integers: QuantisedArray['integers'] | JsonTensor;
  readonly scales: QuantisedArray['scales'] | JsonTensor;
}

/**
 * A {@link ModelState}, or what JSON makes of it. Its types are as wide as those that TypeScript
 * gives to a JSON file.
 */
export interface ModelStateLike extends Omit<ModelState, 'seed' | 'layers' | 'graph' | 'weights' | 'quantised' | 'compile' | 'metadata'> {
  readonly seed: readonly number[];
  readonly layers: readonly { readonly className: string; readonly config: object }[];
  readonly graph?: object;
  readonly metadata?: object;
  readonly weights: readonly NamedArrayLike[];
  readonly quantised?: readonly QuantisedArrayLike[];
  readonly compile: (Omit<CompileState, 'optimizer' | 'slots'> & CompileArraysLike) | null;
}

interface CompileArraysLike {
  readonly optimizer: { readonly className: string; readonly config: object };
  readonly slots: readonly NamedArrayLike[];
}

/** Checks the description of a graph. @throws {FormatError} naming the field that is wrong */
export function checkGraph(graph: unknown): void {
  if (graph === undefined) return;
  expectField('graph', isObject(graph), 'an object', graph);
  const { nodes, outputs } = graph as Partial<GraphState>;
  const arePlaces = (places: unknown) =>
    Array.isArray(places) && places.every((place) => Array.isArray(place) && place.length === 2 && place.every(isCount));
  expectField('graph.nodes', Array.isArray(nodes), 'an array', nodes);
  for (const [index, node] of (nodes as readonly NodeState[]).entries()) {
    const field = `graph.nodes[${index}]`;
    expectField(field, isObject(node), 'an object', node);
    expectField(`${field}.layer`, isCount(node.layer), 'an integer', node.layer);
    expectField(`${field}.inputs`, arePlaces(node.inputs), 'an array of pairs of integers', node.inputs);
    expectField(`${field}.states`, isCount(node.states), 'an integer', node.states);
    expectField(`${field}.mask`, typeof node.mask === 'boolean', 'true or false', node.mask);
    expectField(`${field}.training`, node.training === null || typeof node.training === 'boolean', 'true, false or null', node.training);
  }
  expectField('graph.outputs', arePlaces(outputs), 'an array of pairs of integers', outputs);
  for (const field of ['inputNames', 'outputNames'] as const) {
    const names: unknown = (graph as Partial<GraphState>)[field];
    const areNames = Array.isArray(names) && names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
    expectField(`graph.${field}`, names === undefined || areNames, 'an array of different strings', names);
  }
}

/** @throws {FormatError} unless a field of a state is valid */
export function expectField(field: string, isValid: boolean, expected: string, found: unknown): void {
  if (!isValid) throw new FormatError(`the saved model's ${field} should be ${expected}, but is ${describe(found)}`);
}

/** Whether it is an integer of at least 0. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether it is an object and no array. */
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
