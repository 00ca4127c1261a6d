import { ACCURACIES } from '../backend/kernels.generated.ts';
import { invariant } from '../core/invariant.ts';
import type { Emission } from '../graph/emission.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import { featuresOf, matrixRows, type Value } from '../layers/value.ts';
import type { OutputCompilation } from './compilationTypes.ts';
import type { Loss, LossEmission } from './loss.ts';
import type { Metric } from './ownMetric.ts';

/** A loss and metrics, emitted after a graph's output. */
export interface EmittedObjective {
  /** Rows of the prediction: B, or T*B. */
  readonly rows: number;
  readonly target: PlannedBuffer;
  /** `[rows]`; present when samples have weights. */
  readonly weight: PlannedBuffer | null;
  /** `[2]`: the loss times its weight, unless that is 0; then the sum of the row weights. */
  readonly loss: PlannedBuffer;
  /** `[1]`: what the loss is divided by; present if it is written before each step. */
  readonly normalizer: PlannedBuffer | null;
  /** The weight of the loss in the total. */
  readonly lossWeight: number;
  readonly metrics: readonly EmittedMetric[];
}

/** Where a metric's numbers are after a step. */
export type EmittedMetric =
  | {
      /** `[2]`: its value, then the sum of the row weights. */
      readonly result: PlannedBuffer;
      /**
       * Null if the value is a sum over the rows; otherwise the divisor of the mean: a number, or
       * the sum of the row weights.
       */
      readonly meanOver: number | 'weight' | null;
    }
  /** The state of a custom metric. */
  | { readonly state: Float64Array };

/** How an output is compared with its targets. */
export interface ObjectiveOptions {
  /** Whether samples have weights. */
  readonly weighted: boolean;
  /** Whether the normalizer is written before each step. */
  readonly normalized: boolean;
}

/** The targets of an output. */
export interface EmittedTargets {
  /** The given targets: `[N, targetUnits]`, or labels `[N]`. */
  readonly given: PlannedBuffer;
  /**
   * The labels that losses and metrics take: `given`, with a valid class instead of ignored labels.
   */
  readonly compared: PlannedBuffer;
  /** `[N]`: the output's mask, and 0 where the loss ignores the label. */
  readonly mask: PlannedBuffer | null;
}

/** Emits the targets of an output. */
export function emitTargets({ builder }: Emission, output: Value, { targetKind, targetUnits, ignoreClass }: Loss): EmittedTargets {
  const rows = matrixRows(output);
  if (targetKind === 'floats') {
    const given = builder.persistent('target', 'float', rows * (targetUnits ?? featuresOf(output)));
    return { given, compared: given, mask: output.mask };
  }
  const given = builder.persistent('target', 'int', rows);
  if (ignoreClass === null) return { given, compared: given, mask: output.mask };
  const compared = builder.ints('labels', rows);
  const mask = builder.ints('countedRows', rows);
  builder.native([given, output.mask, compared, mask], ([labels, valid, classes, counts]) => {
    for (let n = 0; n < rows; n++) {
      const isCounted = labels[n] !== ignoreClass;
      classes[n] = isCounted ? labels[n] : 0;
      counts[n] = isCounted && (valid === null || valid[n] !== 0) ? 1 : 0;
    }
  });
  return { given, compared, mask };
}

/**
 * Emits loss and metrics, and begins the gradient. Where the last activation is not computed yet
 * and is the loss's own, the loss takes its scores; metrics that need probabilities have the
 * activation computed.
 */
export function emitObjective(
  emission: Emission,
  output: Value,
  { given, compared: target, mask }: EmittedTargets,
  { loss, lossWeight, metrics }: OutputCompilation,
  { weighted, normalized }: ObjectiveOptions,
): EmittedObjective {
  const { builder, tape } = emission;
  const { form } = output;
  const deferred = form.kind === 'activation' ? form.activation : form.kind === 'tags' ? 'crf' : undefined;
  const predicted = 'scores' in form ? form.scores : output;
  const prediction = emission.floatsOf(predicted);
  const classes = featuresOf(output);
  const rows = matrixRows(output);
  const logits = deferred !== undefined || loss.fromLogits;
  const labels = loss.targetKind !== 'floats';
  const weight = weighted ? builder.persistent('sampleWeight', 'float', rows) : null;
  const compared = { rows, classes, target: labels ? null : target, labels: labels ? target : null, mask };

  const result = builder.persistent('loss', 'float', 2);
  // The loss is divided by the normalizer, rows by default: it and its gradient come out times the
  // weight.
  const isScaled = lossWeight !== 1 && lossWeight !== 0;
  const written = normalized ? builder.persistent('normalizer', 'float', 1) : null;
  const normalizer = written ?? (isScaled ? builder.numbers('normalizer', [rows / lossWeight]) : null);
  const transitions = form.kind === 'tags' ? form.transitions : null;
  const compute = { ...compared, builder, samples: output.rows, transitions, weight: null };
  const emitLoss = (dPrediction: PlannedBuffer | null) =>
    loss.emit({ ...compute, prediction, weight, logits, normalizer, dPrediction, result });
  if (emission.keeps && lossWeight !== 0) tape.begin(predicted, emitLoss);
  else emitLoss(null);
  // A mean over valid rows counts these, and not their weights: weights that are zeros at masked
  // rows stand for the mask.
  let validWeight: PlannedBuffer | null = null;
  const weightOfValid = (weight: PlannedBuffer): PlannedBuffer => {
    if (!mask) return weight;
    if (!validWeight) {
      validWeight = builder.floats('validWeight', rows);
      builder.call('applyMask', { rows, features: 1, x: weight, mask, y: validWeight });
    }
    return validWeight;
  };
  const emitted = metrics.map((metric): EmittedMetric => {
    invariant(metric.kind !== 'output', 'the loss of an output is no metric of it');
    const counts = metric.weighted && weight;
    if (metric.kind === 'own') return emitOwnMetric(metric.metric, compute, emission.floatsOf(output), counts || null);
    const result = builder.persistent(metric.name, 'float', 2);
    const perSample = metric.kind === 'loss' && metric.loss.perSample;
    // A value of a whole sample counts its valid steps itself.
    const counted = !counts ? {} : perSample ? { weight } : { weight: weightOfValid(weight), mask: null };
    if (metric.kind === 'accuracy') {
      // The largest logit is the largest probability, and sigmoid(x) > 0.5 where x > 0; only
      // softmax(x) > 0.5 needs the probabilities themselves. Keras compares a raw output with 0.5
      // whatever it is.
      const onLogits = deferred === 'sigmoid' || (deferred === 'softmax' && metric.accuracy !== 'binaryAccuracy');
      const compares = { prediction: onLogits ? prediction : emission.floatsOf(output), threshold: onLogits ? 0 : 0.5 };
      builder.call('accuracy', { ...compared, ...counted, ...compares, kind: ACCURACIES[metric.accuracy], result });
      return { result, meanOver: null };
    }
    // A name is a metric of probabilities, as in Keras, also where the loss takes the model's
    // output as scores.
    const onLogits = deferred !== undefined && deferred === metric.loss.activation;
    const { loss: compares } = metric;
    const shared = { ...compute, ...counted, normalizer: null, dPrediction: null, result };
    const ofScores = onLogits || compares.fromLogits;
    compares.emit({ ...shared, prediction: onLogits ? prediction : emission.floatsOf(output), logits: ofScores });
    return { result, meanOver: perSample ? output.rows : counts ? rows : 'weight' };
  });
  return { rows, target: given, weight, loss: result, normalizer: written, lossWeight, metrics: emitted };
}

/** Emits the update of a custom metric: a state of this batch alone. */
function emitOwnMetric(
  metric: Metric,
  {
    builder,
    rows,
    samples,
    classes,
    target,
    labels,
    mask,
  }: Pick<LossEmission, 'builder' | 'rows' | 'samples' | 'classes' | 'target' | 'labels' | 'mask'>,
  prediction: PlannedBuffer,
  weight: PlannedBuffer | null,
): EmittedMetric {
  const state = new Float64Array(metric.state.length);
  const sizes = { rows, samples, units: classes, targetUnits: target ? target.length / rows : 1 };
  const counted = builder.floats('weights', rows);
  builder.native([target ?? labels, prediction, mask, weight, counted], ([yTrue, yPred, valid, given, weights]) => {
    for (let n = 0; n < rows; n++) weights[n] = valid !== null && valid[n] === 0 ? 0 : given === null ? 1 : given[n];
    metric.reset();
    metric.update({ ...sizes, yTrue, yPred, weights });
    state.set(metric.state);
  });
  return { state };
}
