import { ACCURACIES, ACTIVATIONS, LOSSES } from '../backend/kernels.generated.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import { asFloats, rowsOf, type Value } from '../layers/value.ts';
import type { ProgramBuilder } from '../model/programBuilder.ts';
import { type Loss, lossKind } from './losses/loss.ts';
import type { Metric } from './metrics.ts';

/** A loss and metrics, emitted behind a graph's output. */
export interface EmittedObjective {
  /** Rows of the prediction: B, or T*B. */
  readonly rows: number;
  readonly target: PlannedBuffer;
  /** `[rows]`, when samples are weighted. */
  readonly weight: PlannedBuffer | null;
  /** `[2]`: the loss, then the sum of the row weights. */
  readonly loss: PlannedBuffer;
  readonly metrics: readonly { readonly metric: Metric; readonly result: PlannedBuffer }[];
  /** Of the output, in its shape; null when the program does not train. */
  readonly gradient: PlannedBuffer | null;
}

/**
 * Emits loss and metrics. Where the last activation was left to the loss (`deferredActivation`), the loss is computed from
 * logits, and metrics that need probabilities get them from an activation of their own.
 */
export function emitObjective(
  builder: ProgramBuilder,
  output: Value,
  loss: Loss,
  metrics: readonly Metric[],
  weighted: boolean,
): EmittedObjective {
  const { content } = output;
  const prediction = asFloats(builder, output);
  const classes = output.shape[output.shape.length - 1] as number;
  const rows = rowsOf(output, builder.batch);
  const deferred = content.kind === 'floats' ? content.deferredActivation : undefined;
  const logits = deferred !== undefined || loss.fromLogits;
  const labels = loss.targetKind === 'labels';
  const target = builder.persistent('target', labels ? 'int' : 'float', labels ? rows : rows * classes);
  const weight = weighted ? builder.persistent('sampleWeight', 'float', rows) : null;
  const compared = { rows, classes, target: labels ? null : target, labels: labels ? target : null, mask: output.mask };

  const result = builder.persistent('loss', 'float', 2);
  const gradient = builder.training ? builder.floats('dPrediction', rows * classes) : null;
  builder.call('loss', { ...compared, kind: LOSSES[lossKind(loss, logits)], prediction, weight, dPrediction: gradient, result });

  let probabilities: PlannedBuffer | null = null;
  const asProbabilities = () => {
    if (deferred === undefined) return prediction;
    if (!probabilities) {
      probabilities = builder.floats('probabilities', rows * classes);
      builder.call('activationForward', { rows, units: classes, activation: ACTIVATIONS[deferred], x: prediction, y: probabilities });
    }
    return probabilities;
  };
  const emitted = metrics.map((metric) => {
    const metricResult = builder.persistent(metric.name, 'float', 2);
    if (metric.kind === 'accuracy') {
      // The largest logit is the largest probability, and sigmoid(x) > 0.5 where x > 0; only softmax(x) > 0.5 needs the
      // probabilities themselves. Keras compares a raw output with 0.5 whatever it is.
      const onLogits = deferred === 'sigmoid' || (deferred === 'softmax' && metric.accuracy !== 'binaryAccuracy');
      const compares = { prediction: onLogits ? prediction : asProbabilities(), threshold: onLogits ? 0 : 0.5 };
      builder.call('accuracy', { ...compared, ...compares, kind: ACCURACIES[metric.accuracy], result: metricResult });
    } else {
      // A name is a metric of probabilities, as in Keras, also where the loss takes the model's output as scores.
      const onLogits = deferred !== undefined && deferred === metric.loss.activation;
      const kind = LOSSES[lossKind(metric.loss, onLogits)];
      builder.call('loss', { ...compared, kind, prediction: onLogits ? prediction : asProbabilities(), result: metricResult });
    }
    return { metric, result: metricResult };
  });
  return { rows, target, weight, loss: result, metrics: emitted, gradient };
}
