import { describe } from '../core/describe.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import type { Layer } from '../layers/layer.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { Graph } from '../model/graph.ts';
import type { Compilation } from './engine.ts';
import { type Loss, type LossAlias, type LossName, requireClasses, resolveLoss } from './losses/loss.ts';
import { checkMetricNames, type MetricName, resolveMetrics } from './metrics.ts';
import type { CompileState } from './modelState.ts';
import type { Optimizer } from './optimizers/optimizer.ts';
import { type OptimizerName, optimizerFromConfig, resolveOptimizer } from './optimizers/registry.ts';

/** Options of `compile`. */
export interface CompileOptions {
  /** The optimizer, or its name. Default 'rmsprop', as in Keras. */
  optimizer?: OptimizerName | Optimizer;
  /**
   * What training minimizes: the mean over a batch. Where a mask reaches it, the mean over the batch's valid steps, and the loss of an
   * epoch is the mean over batches by their samples, as in Keras: it depends on the batch size (docs/training.md). Metrics do not.
   */
  loss: LossName | LossAlias | Loss;
  /** What to measure beside the loss. Every sample, or step of a sequence, counts the same, whatever `sampleWeight` and `classWeight` say. */
  metrics?: readonly MetricName[];
  /**
   * Metrics that weigh each sample, or step, by `sampleWeight` or `classWeight`. One that is in `metrics`, too, is called
   * `weightedAccuracy` in the history.
   */
  weightedMetrics?: readonly MetricName[];
}

/** The options of `compile`, resolved: how a model is trained. */
export interface Compiled {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  readonly metricNames: readonly MetricName[];
  readonly weightedMetricNames: readonly MetricName[];
  /** The layers whose weights the optimizer updates: decided in `compile`, and in `add` for a layer that is added later. */
  readonly trainable: ReadonlySet<Layer>;
}

/**
 * Resolves the options of `compile`.
 * @param layers the model's layers; their present `trainable` decides what is trained
 * @throws {ArgumentError} for an unknown option or name
 */
export function compiledFrom(options: CompileOptions, layers: readonly Layer[]): Compiled {
  checkOptions(options, ['optimizer', 'loss', 'metrics', 'weightedMetrics'], 'compile');
  return {
    optimizer: resolveOptimizer(options?.optimizer ?? 'rmsprop'),
    loss: resolveLoss(options?.loss),
    metricNames: checkMetricNames(options.metrics ?? [], 'metrics'),
    weightedMetricNames: checkMetricNames(options.weightedMetrics ?? [], 'weightedMetrics'),
    trainable: trainableNow(layers),
  };
}

/**
 * Resolves the compile options of a saved model.
 * @param graph the model's graph
 * @throws {FormatError | ArgumentError} for an unknown name or configuration
 */
export function compiledFromState(
  { optimizer, loss, fromLogits, metrics, weightedMetrics, trainable }: CompileState,
  graph: Graph,
): Compiled {
  const layers = graph.layersByPath;
  const unknown = trainable?.find((path) => !layers.has(path));
  if (unknown !== undefined)
    throw new FormatError(`the saved model's compile.trainable has ${describe(unknown)}, which is none of its layers`);
  return {
    optimizer: optimizerFromConfig(optimizer.className, optimizer.config),
    loss: { ...resolveLoss(loss), fromLogits },
    metricNames: checkMetricNames([...metrics], 'metrics'),
    // Older files do not have it, and were compiled without.
    weightedMetricNames: checkMetricNames([...(weightedMetrics ?? [])], 'weightedMetrics'),
    // Older files do not have it; their layers' `trainable` decides.
    trainable: trainable ? new Set(trainable.map((path) => layers.get(path) as Layer)) : trainableNow(graph.allLayers),
  };
}

/** The layers whose present `trainable` is true. */
export function trainableNow(layers: readonly Layer[]): Set<Layer> {
  return new Set(layers.filter((layer) => layer.trainable));
}

/** The same after a change of the layers. The present `trainable` of an added layer decides whether it is trained. */
export function withLayers(compiled: Compiled, before: readonly Layer[], now: readonly Layer[]): Compiled {
  const known = new Set(before);
  const kept = now.filter((layer) => (known.has(layer) ? compiled.trainable.has(layer) : layer.trainable));
  return { ...compiled, trainable: new Set(kept) };
}

/**
 * Applies compile options to a built graph.
 * @throws {ShapeError} when the loss cannot take the graph's output
 * @throws {ArgumentError} when the graph has several outputs
 */
export function compilationOf(compiled: Compiled, graph: Graph): Compilation {
  const { optimizer, loss } = compiled;
  if (graph.outputs.length > 1)
    throw new ArgumentError(
      `compile: the model has the outputs ${graph.outputNames.join(', ')}, but a loss is taken of one output: ` +
        'train a model of one of them; models that share layers train the same weights',
    );
  const classes = (graph.outputs[0] as SymbolicTensor).shape.at(-1) as number;
  requireClasses(loss, classes, 'loss');
  return { optimizer, loss, metrics: resolveMetrics(compiled, loss, classes) };
}
