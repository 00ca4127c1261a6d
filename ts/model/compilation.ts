import { describe } from '../core/describe.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import { LARGEST_FLOAT32 } from '../core/float32.ts';
import { checkOptions, numberInRange } from '../core/options.ts';
import { ClassNotLoadedError, type RegisteredName } from '../core/registerClass.ts';
import type { Graph } from '../graph/graph.ts';
import { byName, isRecordOf } from '../graph/structure.ts';
import type { Layer } from '../layers/layer.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { Compilation, OutputOptions } from '../objective/compilationTypes.ts';
import { withPrefix } from '../objective/historyNames.ts';
import { Loss } from '../objective/loss.ts';
import { type LateLossName, type LossAlias, type LossName, lossState, requireUnits, resolveLoss } from '../objective/lossRegistry.ts';
import { checkMetrics, type MetricLike, metricFromState, metricState, type ResolvedMetric, resolveMetrics } from '../objective/metrics.ts';
import { Metric } from '../objective/ownMetric.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { type OptimizerName, optimizerFromConfig, resolveOptimizer } from '../optimizers/registry.ts';
import type { CompileState, OutputState } from './modelState.ts';

/** Options of `compile`. */
export interface CompileOptions {
  /**
   * The optimizer, its name, or the registered name of a custom optimizer class. Default 'rmsprop',
   * as in Keras.
   */
  optimizer?: OptimizerName | RegisteredName | Optimizer;
  /**
   * The loss that training minimizes: its mean over a batch or, if the output has a mask, over the
   * valid steps of a batch. The loss of an epoch is the mean over its batches, weighted by their
   * samples, as in Keras. With a mask it therefore depends on the batch size (docs/training.md);
   * metrics do not.
   */
  loss: ForOutputs<LossLike>;
  /** With several outputs: the weight of each output's loss in the total. Default 1. */
  lossWeights?: ForOutputs<number>;
  /**
   * The metrics to compute besides the loss. All samples, or steps of a sequence, have the same
   * weight; `sampleWeight` and `classWeight` have no effect.
   */
  metrics?: MetricsOption;
  /**
   * Metrics that weight each sample, or step, by `sampleWeight` or `classWeight`. If accuracy is
   * also in `metrics`, the weighted one is called `weightedAccuracy` in the history.
   */
  weightedMetrics?: MetricsOption;
}

/** A loss, its name, or the registered name of a custom loss class. */
export type LossLike = LossName | LateLossName | LossAlias | RegisteredName | Loss;

/** One for all outputs, or an array or an object with one for each output, by its name. */
export type ForOutputs<T> = T | readonly T[] | Readonly<Record<string, T>>;

/**
 * Metrics: one or an array for all outputs, or an array or an object with those of each output. As
 * in Keras, an array that has as many elements as the model has outputs gives each output one.
 */
export type MetricsOption = MetricLike | readonly MetricsOfOutput[] | Readonly<Record<string, MetricsOfOutput>>;

/** Metrics of one output: none, one, or several. */
export type MetricsOfOutput = MetricLike | readonly MetricLike[] | null;

/** The options of `compile`, resolved: how a model is trained. */
export interface Compiled {
  readonly optimizer: Optimizer;
  /** One for each output. */
  readonly outputs: readonly OutputOptions[];
  /**
   * The layers whose weights the optimizer updates: decided in `compile`, and in `add` for a layer
   * that is added later.
   */
  readonly trainable: ReadonlySet<Layer>;
}

/**
 * Resolves the options of `compile`.
 * @param trainable the layers that are trained
 * @param names the names of the outputs
 * @throws {ArgumentError} for an unknown option or name
 * @throws {ClassNotLoadedError} if nothing else is wrong, for the name of a class that has not
 *   loaded
 */
export function compiledFrom(options: CompileOptions, trainable: ReadonlySet<Layer>, names: readonly string[]): Compiled {
  checkOptions(options, ['optimizer', 'loss', 'lossWeights', 'metrics', 'weightedMetrics'], 'compile');
  let notLoaded: ClassNotLoadedError | null = null;
  const loaded = <T>(resolve: () => T): T | null => {
    try {
      return resolve();
    } catch (error) {
      if (!(error instanceof ClassNotLoadedError)) throw error;
      notLoaded = error;
      return null;
    }
  };
  const optimizer = loaded(() => resolveOptimizer(options?.optimizer ?? 'rmsprop'));
  const losses = forOutputs(options?.loss, names, 'compile: loss', isOneLoss);
  const weights = forOutputs(options?.lossWeights ?? 1, names, 'compile: lossWeights', (value) => typeof value === 'number', 1);
  const [metrics, weightedMetrics] = (['metrics', 'weightedMetrics'] as const).map((option) =>
    forOutputs(options?.[option] ?? [], names, `compile: ${option}`, (value) => isOneList(value, names.length), []).map(listOf),
  ) as unknown as readonly [readonly unknown[], readonly unknown[]];
  const outputs = names.map((name, index) => {
    const ofOutput = names.length > 1 ? ` of output ${name}` : '';
    return {
      loss: loaded(() => resolveLoss(losses[index], `compile: loss${ofOutput}`)),
      lossWeight: numberInRange(weights[index], 0, LARGEST_FLOAT32, `compile: lossWeights${ofOutput}`),
      metrics: loaded(() => checkMetrics(metrics[index] ?? [], 'metrics', ofOutput)),
      weightedMetrics: loaded(() => checkMetrics(weightedMetrics[index] ?? [], 'weightedMetrics', ofOutput)),
    };
  });
  if (notLoaded) throw notLoaded;
  return { optimizer, outputs, trainable } as Compiled;
}

/** Whether it is one loss, and no array or object of several. */
function isOneLoss(value: unknown): boolean {
  return typeof value !== 'object' || value === null || value instanceof Loss;
}

/** Whether it is metrics for all outputs. Keras takes such an array for one output only. */
function isOneList(value: unknown, outputs: number): boolean {
  if (Array.isArray(value)) return value.length !== outputs && !value.some(Array.isArray);
  return isMetric(value);
}

/** Whether it may be a metric by itself. */
function isMetric(value: unknown): boolean {
  return typeof value === 'string' || value instanceof Loss || value instanceof Metric;
}

/** The metrics of one output as an array. */
function listOf(value: unknown): unknown {
  return isMetric(value) ? [value] : (value ?? []);
}

/**
 * An option for each output.
 * @param isOne whether a value is for all outputs
 * @param otherwise the option of an output that an object does not name; undefined if it must name
 *   all
 * @throws {ArgumentError} when their number or a name differs
 */
function forOutputs(
  value: unknown,
  names: readonly string[],
  argument: string,
  isOne: (value: unknown) => boolean,
  otherwise?: unknown,
): readonly unknown[] {
  if (names.length === 1 && !isRecordOf(value, names)) return [value];
  if (isOne(value)) return names.map(() => value);
  const lacksSome = otherwise !== undefined && typeof value === 'object' && !Array.isArray(value);
  const given = lacksSome ? { ...Object.fromEntries(names.map((name) => [name, otherwise])), ...value } : value;
  return byName(given, names, argument).map(([, of]) => of);
}

/**
 * Resolves the compile options of a saved model.
 * @param graph the model's graph
 * @throws {FormatError} for a configuration that is none
 * @throws {ArgumentError} for an unknown name
 */
export function compiledFromState({ optimizer, trainable, moreOutputs = [], ...first }: CompileState, graph: Graph): Compiled {
  const layers = graph.layersByPath;
  const unknown = trainable?.find((path) => !layers.has(path));
  if (unknown !== undefined)
    throw new FormatError(`the saved model's compile.trainable has ${describe(unknown)}, expected one of its layers`);
  const outputs = [first, ...moreOutputs];
  if (outputs.length !== graph.outputs.length)
    throw new FormatError(`the saved model was compiled for ${outputs.length} outputs, and has ${graph.outputs.length}`);
  return {
    optimizer: optimizerFromConfig(optimizer.className, optimizer.config),
    outputs: outputs.map(({ loss, lossConfig, fromLogits, lossWeight, metrics, weightedMetrics }) => ({
      loss: resolveLoss(loss, "the saved model's loss", lossConfig ?? { fromLogits }),
      // Older files do not have it, and were compiled without.
      lossWeight: lossWeight ?? 1,
      metrics: checkMetrics(metrics.map(metricFromState), 'metrics'),
      weightedMetrics: checkMetrics((weightedMetrics ?? []).map(metricFromState), 'weightedMetrics'),
    })),
    // Older files do not have it; their layers' `trainable` decides.
    trainable: trainable ? new Set(trainable.map((path) => layers.get(path) as Layer)) : trainableNow(graph.allLayers),
  };
}

/**
 * The losses and metrics of the outputs as a state stores them: those of the first output
 * separately, as in files for one output, then the others.
 */
export function outputStates({ outputs }: Compiled): OutputState & { moreOutputs?: readonly OutputState[] } {
  const [first, ...others] = outputs.map(
    ({ loss, lossWeight, metrics, weightedMetrics }): OutputState => ({
      ...lossState(loss),
      fromLogits: loss.fromLogits,
      ...(lossWeight === 1 ? {} : { lossWeight }),
      metrics: metrics.map(metricState),
      weightedMetrics: weightedMetrics.map(metricState),
    }),
  ) as [OutputState, ...OutputState[]];
  return others.length === 0 ? first : { ...first, moreOutputs: others };
}

/** The layers whose present `trainable` is true. */
export function trainableNow(layers: readonly Layer[]): Set<Layer> {
  return new Set(layers.filter((layer) => layer.trainable));
}

/**
 * The same after a change of the layers. The present `trainable` of an added layer decides whether
 * it is trained.
 */
export function withLayers(compiled: Compiled, before: readonly Layer[], now: readonly Layer[]): Compiled {
  const known = new Set(before);
  const kept = now.filter((layer) => (known.has(layer) ? compiled.trainable.has(layer) : layer.trainable));
  return { ...compiled, trainable: new Set(kept) };
}

/**
 * Applies compile options to a built graph.
 * @throws {ShapeError} when a loss cannot take its output
 * @throws {ArgumentError} when two numbers of the history would have one name
 */
export function compilationOf(compiled: Compiled, graph: Graph): Compilation {
  const names = graph.outputNames;
  const several = names.length > 1;
  const outputs = compiled.outputs.map((options, index) => {
    const { loss, lossWeight } = options;
    const output = graph.outputs[index] as SymbolicTensor;
    const classes = output.shape.at(-1) as number;
    const what = several ? `loss of output ${names[index]}` : 'loss';
    requireUnits(loss, classes, what);
    loss.checkOutput(output, what);
    const metrics = resolveMetrics(options, loss, classes);
    return {
      loss,
      lossWeight,
      metrics: several ? metrics.map((metric) => ({ ...metric, name: withPrefix(names[index] as string, metric.name) })) : metrics,
    };
  });
  const ofOutputs = several
    ? names.map((name): ResolvedMetric => ({ kind: 'output', name: withPrefix(name, 'loss'), weighted: false }))
    : [];
  const metrics = [...ofOutputs, ...outputs.flatMap((output) => output.metrics)];
  const all = ['loss', ...metrics.map(({ name }) => name)].flatMap((name) => [name, withPrefix('val', name)]);
  const twice = all.find((name, index) => all.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ArgumentError(
      `compile: two values of the history would have the name '${twice}': give ${several ? `the layers of the outputs ${names.join(', ')}` : 'the metrics'} other names`,
    );
  return { outputs, metrics, optimizer: compiled.optimizer };
}
