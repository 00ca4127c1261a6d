import type { FloatArray } from '../core/numericArray.ts';
import { LOSS_EMISSION } from './emissionPart.ts';
import { Loss, type LossEmission } from './loss.ts';
import { ownName } from './ownName.ts';

/**
 * A batch's targets and predictions, and what a {@link BatchLoss} writes. The arrays are views that
 * end with the call.
 */
export interface LossBatch {
  /**
   * N: B rows, or B times the steps of sequences. Row n is of sample `n % samples`, step
   * `Math.floor(n / samples)`.
   */
  readonly rows: number;
  /** B */
  readonly samples: number;
  /** C: size of the last axis of the outputs. */
  readonly units: number;
  /** Size of the last axis of the targets; 1 for labels. */
  readonly targetUnits: number;
  /** `[N, targetUnits]`, or labels `[N]`. */
  readonly yTrue: FloatArray | Int32Array;
  /** `[N, C]` */
  readonly yPred: FloatArray;
  /** `[N]`, 0 at steps to skip; null without a mask. */
  readonly mask: Int32Array | null;
  /** `[N]`, or `[B]` of a loss with `perSample`, to be written: the losses. */
  readonly values: FloatArray;
  /**
   * As long as `values`: the factor of each value in the total, `sum(factors[n] * values[n])`. 0
   * where the mask is.
   */
  readonly factors: FloatArray;
  /**
   * `[N, C]` of zeros, to be written: the gradient of the total for `yPred`. null when only the
   * values are wanted.
   */
  readonly gradients: FloatArray | null;
}

/**
 * A custom loss over whole rows: it may reduce over the last axis, over the steps
 * (`perSample`) or compare the rows of a batch (`comparesSamples`). It writes values and gradients
 * itself, in TypeScript, on any backend.
 *
 *     class Pinball extends BatchLoss {
 *       static className = 'Pinball';
 *       override readonly targetUnits = 1; // one target for three quantiles
 *       call({ rows, units, yTrue, yPred, values, factors, gradients }: LossBatch) {
 *         for (let n = 0; n < rows; n++)
 *           for (let j = 0; j < units; j++) {
 *             const error = yTrue[n] - yPred[n * units + j];
 *             const slope = error > 0 ? QUANTILES[j] : QUANTILES[j] - 1;
 *             values[n] += slope * error;
 *             if (gradients) gradients[n * units + j] = -slope * factors[n];
 *           }
 *       }
 *     }
 */
export abstract class BatchLoss extends Loss {
  /** Writes the losses, which are zeros before, and their gradients. */
  abstract call(batch: LossBatch): void;

  override get name(): string {
    return ownName(this, 'loss');
  }

  override emit(emission: LossEmission): void {
    const { builder, rows, samples, classes, prediction, target, labels, mask, dPrediction, result } = emission;
    const factors = LOSS_EMISSION.loaded.emitRowFactors(emission, this.perSample);
    const values = builder.floats('values', factors.length);
    const sizes = { rows, samples, units: classes, targetUnits: target ? target.length / rows : 1 };
    const buffers = [target ?? labels, prediction, mask, values, factors, dPrediction, result];
    builder.native(buffers, ([yTrue, yPred, valid, losses, factorOf, gradients, sum]) => {
      losses.fill(0);
      gradients?.fill(0);
      this.call({ ...sizes, yTrue, yPred, mask: valid, values: losses, factors: factorOf, gradients });
      let total = 0;
      for (let n = 0; n < losses.length; n++) if (factorOf[n] !== 0) total += factorOf[n] * losses[n];
      sum[0] = total;
    });
  }
}
