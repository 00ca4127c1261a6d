import { FormatError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { describe } from '../core/shape.ts';
import type { Layer } from '../layers/layer.ts';
import type { Graph } from '../model/graph.ts';
import { trainableNow } from '../model/parameters.ts';
import type { Compilation } from './engine.ts';
import { type Loss, type LossAlias, type LossName, requireClasses, resolveLoss } from './losses/loss.ts';
import { checkMetricNames, type MetricName, resolveMetric } from './metrics.ts';
import type { CompileState } from './modelState.ts';
import type { Optimizer } from './optimizers/optimizer.ts';
import { type OptimizerName, optimizerFromConfig, resolveOptimizer } from './optimizers/registry.ts';

/** Options of `compile`. */
export interface CompileOptions {
  /** Default 'rmsprop', as in Keras. */
  optimizer?: OptimizerName | Optimizer;
  loss: LossName | LossAlias | Loss;
  metrics?: readonly MetricName[];
}

/** How a model is to be trained, whatever its layers are: what `compile` resolves its options to. */
export interface Compiled {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  readonly metricNames: readonly MetricName[];
  /** The layers whose weights the optimizer moves: settled by `compile`, and by `add` for a layer that comes later. */
  readonly trainable: ReadonlySet<Layer>;
}

/**
 * @param layers the model's, each of which says now whether it is trained
 * @throws {ArgumentError} for an unknown option or name
 */
export function compiledFrom(options: CompileOptions, layers: readonly Layer[]): Compiled {
  checkOptions(options, ['optimizer', 'loss', 'metrics'], 'compile');
  return {
    optimizer: resolveOptimizer(options?.optimizer ?? 'rmsprop'),
    loss: resolveLoss(options?.loss),
    metricNames: checkMetricNames(options.metrics ?? []),
    trainable: trainableNow(layers),
  };
}

/**
 * What a saved model was compiled with.
 * @param layers the model's
 * @throws {FormatError | ArgumentError} for a name or a configuration that does not exist
 */
export function compiledFromState({ optimizer, loss, fromLogits, metrics, trainable }: CompileState, layers: readonly Layer[]): Compiled {
  const unknown = trainable?.find((name) => !layers.some((layer) => layer.name === name));
  if (unknown !== undefined)
    throw new FormatError(`the saved model's compile.trainable has ${describe(unknown)}, which is none of its layers`);
  return {
    optimizer: optimizerFromConfig(optimizer.className, optimizer.config),
    loss: { ...resolveLoss(loss), fromLogits },
    metricNames: checkMetricNames([...metrics]),
    // Files of before this was stored were compiled with what their layers say.
    trainable: trainable ? new Set(layers.filter(({ name }) => trainable.includes(name))) : trainableNow(layers),
  };
}

/** The same model after its layers changed: a layer that came since then is trained as it says now. */
export function withLayers(compiled: Compiled, before: readonly Layer[], now: readonly Layer[]): Compiled {
  const kept = now.filter((layer) => (before.includes(layer) ? compiled.trainable.has(layer) : layer.trainable));
  return { ...compiled, trainable: new Set(kept) };
}

/** What it means for a built graph. @throws {ShapeError} when the loss cannot take its output */
export function compilationOf({ optimizer, loss, metricNames }: Compiled, graph: Graph): Compilation {
  const classes = graph.outputShape.at(-1) as number;
  requireClasses(loss, classes, 'loss');
  return { optimizer, loss, metrics: metricNames.map((name) => resolveMetric(name, loss, classes)) };
}
