import { ArgumentError, FormatError, ShapeError } from '../../core/errors.ts';
import type { FloatArray } from '../../core/numericArray.ts';
import { drawSeed } from '../../core/seed.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Structure } from '../../graph/structure.ts';
import type { Weight } from '../../layers/weight.ts';
import { compiledFromState } from '../../model/compilation.ts';
import type { Metadata } from '../../model/metadata.ts';
import { Model } from '../../model/model.ts';
import { type CompileState, type ModelState, namedArray } from '../../model/modelState.ts';
import { restored, structureOf } from '../../model/restoreStructure.ts';
import { Sequential } from '../../model/sequential.ts';
import type { Optimizer } from '../../optimizers/optimizer.ts';
import { readCompileConfig } from './compileConfig.ts';
import type { DescribedOptimizer } from './optimizers.ts';
import type { DescribedLayer } from './readLayer.ts';
import type { OptimizerProgress } from './readOptimizerState.ts';

/** The contents of a file besides the architecture. */
export interface FileContent {
  /**
   * Reads the values of the weights.
   * @throws {FormatError} when they are not those of the layers
   */
  weights(structure: Structure, layers: readonly DescribedLayer[]): ReadonlyMap<Weight, FloatArray>;
  /** The metadata that was saved with the model. */
  readonly metadata?: Metadata;
  /** How the model is compiled, as the file holds it; null for not. */
  readonly compileConfig: unknown;
  /** Reads how far training has come; `weights` are those that are trained, in Keras's order. */
  progress(optimizer: Optimizer, described: DescribedOptimizer, weights: readonly Weight[], graph: Graph): OptimizerProgress;
}

/**
 * Makes a model of an architecture and the arrays of a file.
 * @throws {FormatError} when they do not fit each other, or the model is not built
 */
export function assembleModel({ className, config }: DescribedLayer, content: FileContent): Model {
  const { name, layers, graph, inputShape = null, batchSize } = config as unknown as ModelState;
  const described = { name, layers, graph, inputShape, ...(batchSize ? { batchSize } : {}) } as unknown as ModelState;
  const structure = restored(() => structureOf(described));
  const built = structure.graph;
  if (!built)
    throw new FormatError(
      'the model was never built, so it has no weights: give its first layer the shape of its input, or call it once, and save it again',
    );
  const values = content.weights(structure, layers as unknown as readonly DescribedLayer[]);
  const weights = built.weights.map((weight) => {
    const data = values.get(weight);
    if (!data) throw new FormatError(`the file has no values of ${built.pathOf(weight)}`);
    return namedArray(built.pathOf(weight), weight.shape, data);
  });
  const compile = compileState(built, [...values.keys()], content);
  const state: ModelState = { ...described, seed: drawSeed(), weights, compile, metadata: content.metadata ?? {} };
  return className === 'Sequential' ? Sequential.fromState(state) : Model.fromState(state);
}

/** How the model is compiled and how far its training has come. */
function compileState(graph: Graph, weights: readonly Weight[], content: FileContent): CompileState | null {
  const made = compiled(content.compileConfig, graph);
  if (!made) return null;
  const { state, optimizer, trainable } = made;
  const trained = new Set(graph.weightsOf(trainable));
  const { className, config } = state.optimizer;
  const { learningRate, ...progress } = content.progress(
    optimizer,
    state.optimizer,
    weights.filter((weight) => trained.has(weight)),
    graph,
  );
  return { ...state, ...progress, optimizer: { className, config: { ...config, ...(learningRate === null ? {} : { learningRate }) } } };
}

/**
 * Makes the optimizer, the losses and the metrics.
 * @returns null for a model that is not compiled
 * @throws {FormatError} with the remedy
 */
function compiled(config: unknown, graph: Graph) {
  try {
    const options = readCompileConfig(config, graph.outputNames);
    if (!options) return null;
    const state = { ...options, iteration: 0, epochsDone: 0, slots: [] };
    return { ...compiledFromState(state, graph), state };
  } catch (error) {
    if (!(error instanceof ArgumentError || error instanceof ShapeError || error instanceof FormatError)) throw error;
    throw new FormatError(
      `${error.message}. loadModel(source, { compile: false }) loads the model without its optimizer, losses and metrics`,
      { cause: error },
    );
  }
}
