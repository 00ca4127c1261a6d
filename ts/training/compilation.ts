import { checkOptions } from '../core/options.ts';
import type { Graph } from '../model/graph.ts';
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
}

/** @throws {ArgumentError} for an unknown option or name */
export function compiledFrom(options: CompileOptions): Compiled {
  checkOptions(options, ['optimizer', 'loss', 'metrics'], 'compile');
  return {
    optimizer: resolveOptimizer(options?.optimizer ?? 'rmsprop'),
    loss: resolveLoss(options?.loss),
    metricNames: checkMetricNames(options.metrics ?? []),
  };
}

/** What a saved model was compiled with. @throws {FormatError | ArgumentError} for a name or a configuration that does not exist */
export function compiledFromState({ optimizer, loss, fromLogits, metrics }: CompileState): Compiled {
  return {
    optimizer: optimizerFromConfig(optimizer.className, optimizer.config),
    loss: { ...resolveLoss(loss), fromLogits },
    metricNames: checkMetricNames([...metrics]),
  };
}

/** What it means for a built graph. @throws {ShapeError} when the loss cannot take its output */
export function compilationOf({ optimizer, loss, metricNames }: Compiled, graph: Graph): Compilation {
  const classes = graph.outputShape.at(-1) as number;
  requireClasses(loss, classes, 'loss');
  return { optimizer, loss, metrics: metricNames.map((name) => resolveMetric(name, loss, classes)) };
}
