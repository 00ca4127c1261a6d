import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { suggest } from '../core/suggestion.ts';
import { isLossName, LOSS_NAMES, type Loss, type LossAlias, type LossName, requireClasses, resolveLoss } from './losses/loss.ts';

/** The names of metrics in `compile`. https://keras.io/api/metrics/ */
export type MetricName = 'accuracy' | 'acc' | AccuracyKind | LossName | LossAlias;

export type AccuracyKind = 'binaryAccuracy' | 'categoricalAccuracy' | 'sparseCategoricalAccuracy';

/** A metric, resolved for the loss and the output of a model. */
export type Metric =
  | { readonly kind: 'accuracy'; readonly name: string; readonly accuracy: AccuracyKind }
  | { readonly kind: 'loss'; readonly name: string; readonly loss: Loss };

const ACCURACY_KINDS: readonly string[] = ['binaryAccuracy', 'categoricalAccuracy', 'sparseCategoricalAccuracy'];

/** 'acc' is Keras' short name. The history uses the name that the user gave. */
function isAccuracy(name: string): name is 'accuracy' | 'acc' {
  return name === 'accuracy' || name === 'acc';
}

/** All names of metrics, including the short ones. */
export const METRIC_NAMES: readonly string[] = ['accuracy', 'acc', ...ACCURACY_KINDS, ...LOSS_NAMES];

/** Whether a lower or a higher number of the history is better; null for an unknown name. */
export function betterWhen(name: string): 'min' | 'max' | null {
  const metric = name.replace(/^val([A-Z])/, (_, first: string) => first.toLowerCase());
  if (metric === 'loss' || isLossName(metric)) return 'min';
  return METRIC_NAMES.includes(metric) ? 'max' : null;
}

/**
 * Checks the metrics of `compile`.
 * @throws {ArgumentError} for an unknown name, listing the known ones
 */
export function checkMetricNames(names: unknown): MetricName[] {
  if (!Array.isArray(names)) throw new ArgumentError(`compile: metrics must be an array of names, got ${describe(names)}`);
  for (const [index, name] of names.entries()) {
    if (typeof name !== 'string' || (!isAccuracy(name) && !ACCURACY_KINDS.includes(name) && !isLossName(name))) {
      const near = suggest(name, ['accuracy', ...ACCURACY_KINDS, ...LOSS_NAMES]);
      throw new ArgumentError(
        `compile: metrics[${index}] must be 'accuracy', ${ACCURACY_KINDS.map((kind) => `'${kind}'`).join(', ')} or the name of a loss, got ${describe(name)}${near}`,
      );
    }
    if (names.indexOf(name) !== index) throw new ArgumentError(`compile: metrics has '${name}' twice`);
  }
  return [...names];
}

/**
 * Resolves a metric's name for a loss and an output. 'accuracy' follows Keras' rule: binary for one output, sparse for targets that
 * are class indices, categorical otherwise.
 * @param classes size of the output's last axis
 * @throws {ArgumentError} when the metric needs other targets than the loss
 * @throws {ShapeError} when the metric compares classes and the output has one
 */
export function resolveMetric(name: MetricName, loss: Loss, classes: number): Metric {
  if (isLossName(name)) {
    const metricLoss = resolveLoss(name, 'compile: metrics');
    requireClasses(metricLoss, classes, 'compile: metric');
    checkTargets(name, metricLoss.targetKind === loss.targetKind, loss);
    return { kind: 'loss', name, loss: metricLoss };
  }
  const sparse = loss.targetKind === 'labels';
  let accuracy: AccuracyKind;
  if (isAccuracy(name)) accuracy = classes === 1 ? 'binaryAccuracy' : sparse ? 'sparseCategoricalAccuracy' : 'categoricalAccuracy';
  else accuracy = name;
  checkTargets(name, (accuracy === 'sparseCategoricalAccuracy') === sparse, loss);
  return { kind: 'accuracy', name, accuracy };
}

function checkTargets(name: string, fits: boolean, loss: Loss): void {
  if (!fits) {
    const taken = loss.targetKind === 'labels' ? 'class indices' : 'targets of the shape of the output';
    throw new ArgumentError(`compile: metric '${name}' does not fit loss '${loss.name}', which takes ${taken}`);
  }
}
