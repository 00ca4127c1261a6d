import type { Logs } from 'backtime';

/** One point of the chart; null where nothing was measured. */
export interface CurvePoint {
  /** Epochs done, with fractions. */
  readonly epoch: number;
  readonly loss: number | null;
  readonly accuracy: number | null;
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
}

/** Points between two epochs: more cannot be seen. */
const POINTS_AN_EPOCH = 20;

/** Loss and accuracy as training goes on. */
export class LearningCurve {
  #points: readonly CurvePoint[] = [];

  get points(): readonly CurvePoint[] {
    return this.#points;
  }

  /** @param logs means of the epoch so far */
  addProgress(epoch: number, logs: Logs): void {
    const last = this.#points[this.#points.length - 1];
    if (last && epoch - last.epoch < 1 / POINTS_AN_EPOCH) return;
    this.#points = [
      ...this.#points,
      { epoch, loss: logs.loss ?? null, accuracy: logs.accuracy ?? null, validationLoss: null, validationAccuracy: null },
    ];
  }

  /** The end of an epoch, with what the validation data say. Replaces points at the same place. */
  addEpoch(epoch: number, logs: Logs): void {
    const point: CurvePoint = {
      epoch,
      loss: logs.loss ?? null,
      accuracy: logs.accuracy ?? null,
      validationLoss: logs.valLoss ?? null,
      validationAccuracy: logs.valAccuracy ?? null,
    };
    this.#points = [...this.#points.filter((other) => other.epoch < epoch), point];
  }
}
