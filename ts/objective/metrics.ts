import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { suggest } from '../core/suggestion.ts';
import { withoutPrefix, withPrefix } from './historyNames.ts';
import { isLossName, LOSS_NAMES, type Loss, type LossAlias, type LossName, requireClasses, resolveLoss } from './loss.ts';

/**
 * The names of metrics in `compile`. All of them count valid steps only; Keras 3.15's
 * `RootMeanSquaredError` counts masked ones too.
 * https://keras.io/api/metrics/
 */
export type MetricName = 'accuracy' | 'acc' | AccuracyKind | 'rootMeanSquaredError' | LossName | LossAlias;

export type AccuracyKind = 'binaryAccuracy' | 'categoricalAccuracy' | 'sparseCategoricalAccuracy';

/** A metric, resolved for the loss and the output of a model. */
export type Metric = {
  /** In logs and in the history. */
  readonly name: string;
  /** Whether each row is weighted by its sample weight. Otherwise each counts 1. */
  readonly weighted: boolean;
} & (
  | { readonly kind: 'accuracy'; readonly accuracy: AccuracyKind }
  /** The loss of one of several outputs. */
  | { readonly kind: 'output' }
  /** The mean of a loss over the rows. `root`: the square root of that mean. */
  | { readonly kind: 'loss'; readonly loss: Loss; readonly root: boolean }
);

const ACCURACY_KINDS: readonly string[] = ['binaryAccuracy', 'categoricalAccuracy', 'sparseCategoricalAccuracy'];

/** 'acc' is Keras' short name. The history uses the name that the user gave. */
function isAccuracy(name: string): name is 'accuracy' | 'acc' {
  return name === 'accuracy' || name === 'acc';
}

/** All names of metrics, including the short ones. */
export const METRIC_NAMES: readonly string[] = ['accuracy', 'acc', ...ACCURACY_KINDS, 'rootMeanSquaredError', ...LOSS_NAMES];

/** Whether a lower or a higher number of the history is better; null for an unknown name. */
export function betterWhen(name: string): 'min' | 'max' | null {
  const metric = withoutPrefix('weighted', withoutPrefix('val', name));
  if (metric === 'loss' || metric === 'rootMeanSquaredError' || isLossName(metric)) return 'min';
  return METRIC_NAMES.includes(metric) ? 'max' : null;
}

/**
 * Checks the metrics of `compile`.
 * @param option which option of `compile` they are
 * @throws {ArgumentError} for an unknown name, listing the known ones
 */
export function checkMetricNames(names: unknown, option: 'metrics' | 'weightedMetrics'): MetricName[] {
  if (!Array.isArray(names)) throw new ArgumentError(`compile: ${option} must be an array of names, got ${describe(names)}`);
  for (const [index, name] of names.entries()) {
    if (!METRIC_NAMES.includes(name)) {
      // 'auc' means another metric than 'acc'.
      const near = suggest(
        name,
        METRIC_NAMES.filter((known) => known !== 'acc'),
      );
      const kinds = [...ACCURACY_KINDS, 'rootMeanSquaredError'].map((kind) => `'${kind}'`).join(', ');
      throw new ArgumentError(
        `compile: ${option}[${index}] must be 'accuracy', ${kinds} or the name of a loss, got ${describe(name)}${near}`,
      );
    }
    if (names.indexOf(name) !== index) throw new ArgumentError(`compile: ${option} has '${name}' twice`);
  }
  return [...names];
}

/**
 * Resolves the names of metrics for a loss and an output. As in Keras, a weighted metric is called
 * `weightedAccuracy` when there is an unweighted one of the same name.
 * @param classes size of the output's last axis
 * @throws {ArgumentError} when a metric needs other targets than the loss
 * @throws {ShapeError} when a metric compares classes and the output has one
 */
export function resolveMetrics(
  {
    metricNames,
    weightedMetricNames,
  }: { readonly metricNames: readonly MetricName[]; readonly weightedMetricNames: readonly MetricName[] },
  loss: Loss,
  classes: number,
): Metric[] {
  return [
    ...metricNames.map((name): Metric => ({ ...resolveMetric(name, loss, classes), name, weighted: false })),
    ...weightedMetricNames.map((name): Metric => {
      const called = metricNames.includes(name) ? withPrefix('weighted', name) : name;
      return { ...resolveMetric(name, loss, classes), name: called, weighted: true };
    }),
  ];
}

/**
 * Resolves a metric's name for a loss and an output. 'accuracy' follows Keras' rule: binary for one
 * output, sparse for targets that are class indices, categorical otherwise.
 */
function resolveMetric(name: MetricName, loss: Loss, classes: number) {
  const root = name === 'rootMeanSquaredError';
  if (root || isLossName(name)) {
    const metricLoss = resolveLoss(root ? 'meanSquaredError' : name, 'compile: metrics');
    requireClasses(metricLoss, classes, 'compile: metric');
    checkTargets(name, metricLoss.targetKind === loss.targetKind, loss);
    return { kind: 'loss' as const, loss: metricLoss, root };
  }
  const sparse = loss.targetKind === 'labels';
  let accuracy: AccuracyKind;
  if (isAccuracy(name)) accuracy = classes === 1 ? 'binaryAccuracy' : sparse ? 'sparseCategoricalAccuracy' : 'categoricalAccuracy';
  else accuracy = name;
  checkTargets(name, (accuracy === 'sparseCategoricalAccuracy') === sparse, loss);
  return { kind: 'accuracy' as const, accuracy };
}

function checkTargets(name: string, fits: boolean, loss: Loss): void {
  if (!fits) {
    const taken = loss.targetKind === 'labels' ? 'class indices' : 'targets of the shape of the output';
    throw new ArgumentError(`compile: metric '${name}' does not fit loss '${loss.name}', which takes ${taken}`);
  }
}
