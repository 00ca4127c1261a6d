import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import {
  builtInInstance,
  isRegisteredName,
  namedInstance,
  type RegisteredName,
  registered,
  registeredInstance,
  savedNameOf,
} from '../core/registerClass.ts';
import { knownName, refuseChoice } from '../core/suggestion.ts';
import { withoutPrefix, withPrefix } from './historyNames.ts';
import { Loss, type OwnConfig, type TargetKind } from './loss.ts';
import {
  hintForFunction,
  isLossName,
  type LateLossName,
  LOSS_CLASSES,
  LOSS_NAMES,
  type LossAlias,
  type LossName,
  lossState,
  namesOfClasses,
  requireUnits,
  resolveLoss,
  suggestName,
} from './lossRegistry.ts';
import { Metric } from './ownMetric.ts';

/**
 * The names of metrics in `compile`. All of them count valid steps only; Keras 3.15's
 * `RootMeanSquaredError` counts masked ones too.
 * https://keras.io/api/metrics/
 */
export type MetricName = 'accuracy' | 'acc' | AccuracyKind | 'rootMeanSquaredError' | LossName | LossAlias;

export type AccuracyKind = 'binaryAccuracy' | 'categoricalAccuracy' | 'sparseCategoricalAccuracy';

/** The names of metrics whose code loads when `compile` has them. Case does not matter. */
export type LateMetricName =
  | 'auc'
  | 'binaryIoU'
  | 'concordanceCorrelation'
  | 'f1Score'
  | 'fBetaScore'
  | 'falseNegatives'
  | 'falsePositives'
  | 'oneHotMeanIoU'
  | 'pearsonCorrelation'
  | 'perplexity'
  | 'precision'
  | 'r2Score'
  | 'recall'
  | 'sparseTopKCategoricalAccuracy'
  | 'topKCategoricalAccuracy'
  | 'trueNegatives'
  | 'truePositives'
  | LateLossName;

/**
 * A metric that `compile` takes: a name, a custom metric or the registered name of its class,
 * or a loss, whose mean it is then.
 */
export type MetricLike = MetricName | LateMetricName | RegisteredName | Metric | Loss;

/** A metric of `compile`, checked. */
export type MetricChoice = MetricName | Metric | Loss;

/** A metric, resolved for the loss and the output of a model. */
export type ResolvedMetric = {
  /** The name in logs and in the history. */
  readonly name: string;
  /** Whether each row is weighted by its sample weight. Otherwise each counts 1. */
  readonly weighted: boolean;
} & (
  | { readonly kind: 'accuracy'; readonly accuracy: AccuracyKind }
  /** The loss of one of several outputs. */
  | { readonly kind: 'output' }
  /** The mean of a loss over the rows. `root`: the square root of that mean. */
  | { readonly kind: 'loss'; readonly loss: Loss; readonly root: boolean }
  | { readonly kind: 'own'; readonly metric: Metric }
);

const ACCURACY_KINDS: readonly string[] = ['binaryAccuracy', 'categoricalAccuracy', 'sparseCategoricalAccuracy'];

/** 'acc' is Keras' short name. The history uses the name that the user gave. */
function isAccuracy(name: string): name is 'accuracy' | 'acc' {
  return name === 'accuracy' || name === 'acc';
}

/** Metrics whose code loads when `compile` has their name. */
const CLASSES =
  'AUC BinaryAccuracy BinaryIoU ConcordanceCorrelation CosineSimilarityMetric F1Score FBetaScore FalseNegatives FalsePositives IoU MeanIoU ' +
  'OneHotIoU OneHotMeanIoU PearsonCorrelation Perplexity Precision PrecisionAtRecall R2Score Recall RecallAtPrecision ' +
  'SensitivityAtSpecificity SparseTopKCategoricalAccuracy SpecificityAtSensitivity TopKCategoricalAccuracy TrueNegatives TruePositives';

/** The class of a name that means another metric than the loss of this name, as in Keras. */
const ownSense = (name: unknown) => (knownName(name, ['cosineSimilarity']) ? 'CosineSimilarityMetric' : name);

/** All names of metrics, including the short ones. */
export const METRIC_NAMES: readonly string[] = ['accuracy', 'acc', ...ACCURACY_KINDS, 'rootMeanSquaredError', ...LOSS_NAMES];

/**
 * Whether a lower or a higher number of the history is better; null for an unknown name.
 * @param modes those of the model's metrics, which come first
 */
export function betterWhen(name: string, modes: MetricModes = {}): 'min' | 'max' | null {
  for (const own of [name, withoutPrefix('val', name)]) if (Object.hasOwn(modes, own)) return modes[own] as 'min' | 'max';
  const metric = withoutPrefix('weighted', withoutPrefix('val', name));
  if (metric === 'loss' || metric === 'rootMeanSquaredError' || isLossName(metric)) return 'min';
  return METRIC_NAMES.includes(metric) ? 'max' : null;
}

/**
 * Whether a lower or a higher number is better, by names in the history without `val`; none where
 * nobody knows.
 */
export type MetricModes = Readonly<Record<string, 'min' | 'max'>>;

/** The modes of a model's metrics of which the name alone does not tell it. */
export function modesOf(metrics: readonly ResolvedMetric[]): MetricModes {
  const modes: Record<string, 'min' | 'max'> = {};
  for (const metric of metrics) {
    const { name, kind } = metric;
    const mode = kind === 'own' ? metric.metric.mode : kind === 'accuracy' ? 'max' : 'min';
    if (mode !== null && (kind === 'own' || betterWhen(name) === null)) modes[name] = mode;
  }
  return modes;
}

/** The name of a metric of `compile` in the history of a model with one output. */
const nameOf = (metric: MetricChoice): string => (typeof metric === 'string' ? metric : metric.name);

/**
 * Checks the metrics of `compile`.
 * @param option which option of `compile` they are
 * @param ofOutput ` of output tags` where the model has several outputs
 * @throws {ArgumentError} for an unknown name, listing the known ones, and for two of one name
 * @throws {FormatError} when nothing is registered under a registered name
 */
export function checkMetrics(metrics: unknown, option: 'metrics' | 'weightedMetrics', ofOutput = ''): MetricChoice[] {
  if (!Array.isArray(metrics))
    throw new ArgumentError(`compile: ${option}${ofOutput} must be an array of metrics, got ${describe(metrics)}`);
  const checked = Array.from(metrics, (metric, index) => checkMetric(metric, `compile: ${option}[${index}]${ofOutput}`));
  const names = checked.map(nameOf);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ArgumentError(`compile: ${option}${ofOutput} has '${twice}' twice`);
  return checked;
}

function checkMetric(metric: unknown, where: string): MetricChoice {
  if (isRegisteredName(metric)) return ownMetric(metric, {});
  if (metric instanceof Metric || metric instanceof Loss) return metric;
  const known = knownName(metric, METRIC_NAMES);
  if (known !== undefined) return known as MetricName;
  const named = namedInstance(ownSense(metric), CLASSES, Metric) ?? namedInstance(metric, LOSS_CLASSES, Loss);
  if (named) return named;
  // 'acc' is near to many a name that means another metric.
  const late = namesOfClasses(CLASSES.replace('Metric', ''));
  const names = [...METRIC_NAMES, ...late, ...namesOfClasses(LOSS_CLASSES)].filter((name) => name !== 'acc');
  const hint =
    hintForFunction(metric, ': a metric of your own is a class that extends Metric', [Metric, Loss]) ?? suggestName(metric, names, 'Score');
  const kinds = [...new Set([...ACCURACY_KINDS, 'rootMeanSquaredError', ...late])].map((kind) => `'${kind}'`).join(', ');
  refuseChoice(where, metric, `'accuracy', ${kinds}, a loss, its name or a metric of your own`, hint);
}

/**
 * The metric or loss of a registered class. @throws {FormatError} when no such class has that name
 */
function ownMetric(name: RegisteredName, config: object): Metric | Loss {
  const isLoss = registered(name, 'metric').prototype instanceof Loss;
  return isLoss ? registeredInstance(name, config, 'loss', Loss) : registeredInstance(name, config, 'metric', Metric);
}

/** A metric, as a file stores it: its name, or a class and its configuration. */
export type MetricState = string | { readonly className: string; readonly config: OwnConfig };

/**
 * The description of a metric in a file.
 * @throws {ArgumentError} for one of a class without a registered name, or whose `getConfig` lacks
 *   an option
 */
export function metricState(metric: MetricChoice): MetricState {
  if (typeof metric === 'string') return metric;
  if (metric instanceof Loss) return { className: lossState(metric).loss, config: metric.getConfig() };
  const config = metric.getConfig();
  return { className: savedNameOf(metric, `metric '${metric.name}'`, config), config };
}

/**
 * The metric that a file describes.
 * @throws {ArgumentError} for an unknown name
 * @throws {FormatError} for an unknown class
 */
export function metricFromState(state: MetricState): unknown {
  if (typeof state !== 'object' || state === null) return state;
  const { className, config } = state;
  if (isRegisteredName(className)) return ownMetric(className, config);
  return builtInInstance(className, config, Metric) ?? resolveLoss(className, 'a saved metric', config);
}

/**
 * Resolves metrics for a loss and an output. As in Keras, a weighted metric is called
 * `weightedAccuracy` when there is an unweighted one of the same name.
 * @param classes size of the output's last axis
 * @throws {ArgumentError} when a metric needs other targets than the loss
 * @throws {ShapeError} when a metric compares classes and the output has one
 */
export function resolveMetrics(
  { metrics, weightedMetrics }: { readonly metrics: readonly MetricChoice[]; readonly weightedMetrics: readonly MetricChoice[] },
  loss: Loss,
  classes: number,
): ResolvedMetric[] {
  const names = metrics.map(nameOf);
  return [
    ...metrics.map((metric): ResolvedMetric => ({ ...resolveMetric(metric, loss, classes), name: nameOf(metric), weighted: false })),
    ...weightedMetrics.map((metric): ResolvedMetric => {
      const name = nameOf(metric);
      const called = names.includes(name) ? withPrefix('weighted', name) : name;
      return { ...resolveMetric(metric, loss, classes), name: called, weighted: true };
    }),
  ];
}

/**
 * Resolves a metric for a loss and an output. 'accuracy' follows Keras' rule: binary for one
 * output, sparse for targets that are class indices, categorical otherwise.
 */
function resolveMetric(metric: MetricChoice, loss: Loss, classes: number) {
  if (metric instanceof Metric) {
    const { targetKind, anyLabels } = loss;
    metric.checkOutput({ units: classes, targetKind, anyLabels, targetUnits: targetKind === 'labels' ? 1 : (loss.targetUnits ?? classes) });
    return { kind: 'own' as const, metric };
  }
  const name = nameOf(metric);
  const root = name === 'rootMeanSquaredError';
  if (metric instanceof Loss || root || isLossName(name)) {
    const metricLoss = metric instanceof Loss ? metric : resolveLoss(root ? 'meanSquaredError' : name, 'compile: metrics');
    requireUnits(metricLoss, classes, 'compile: metric');
    if (metricLoss.ignoreClass !== null && metricLoss.ignoreClass !== loss.ignoreClass)
      throw new ArgumentError(
        `compile: metric '${name}' has ignoreClass ${metricLoss.ignoreClass}, but the loss has ${loss.ignoreClass}: give it to the loss, whose ` +
          'ignored rows count in no metric',
      );
    checkTargets(name, metricLoss.targetKind, metricLoss.targetUnits ?? classes, metricLoss.anyLabels, loss, classes);
    return { kind: 'loss' as const, loss: metricLoss, root };
  }
  const sparse = loss.targetKind === 'labels';
  let accuracy: AccuracyKind;
  if (isAccuracy(name)) accuracy = classes === 1 ? 'binaryAccuracy' : sparse ? 'sparseCategoricalAccuracy' : 'categoricalAccuracy';
  else accuracy = name as AccuracyKind;
  checkTargets(name, accuracy === 'sparseCategoricalAccuracy' ? 'labels' : 'floats', classes, false, loss, classes);
  return { kind: 'accuracy' as const, accuracy };
}

/**
 * @param units size of the last axis of the metric's targets @param anyLabels whether the metric
 * takes any labels
 */
function checkTargets(name: string, kind: TargetKind, units: number, anyLabels: boolean, loss: Loss, classes: number): void {
  const isLabels = loss.targetKind !== 'floats';
  const lossUnits = loss.targetUnits ?? classes;
  if (kind === loss.targetKind && (isLabels ? anyLabels || !loss.anyLabels : units === lossUnits)) return;
  const ofUnits = lossUnits === classes ? 'targets of the shape of the output' : `targets whose last axis has ${lossUnits}`;
  const taken =
    loss.targetKind === 'labelSequences'
      ? 'sequences of labels'
      : !isLabels
        ? ofUnits
        : loss.anyLabels
          ? 'labels that need not be classes'
          : 'class indices';
  throw new ArgumentError(`compile: metric '${name}' does not fit loss '${loss.name}', which takes ${taken}`);
}
