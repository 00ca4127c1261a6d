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

/**
 * Loss and accuracy as training goes on: a point for each epoch that is over, and one for the epoch
 * that is under way. Means of the part of an epoch jump where the next begins, so they are not
 * kept.
 */
export class LearningCurve {
  #epochs: readonly CurvePoint[] = [];
  #underWay: CurvePoint | null = null;

  /** Begins with epochs that were over before. */
  begin(epochs: readonly CurvePoint[]): void {
    this.#epochs = epochs;
    this.#underWay = null;
  }

  get points(): readonly CurvePoint[] {
    return this.#underWay ? [...this.#epochs, this.#underWay] : this.#epochs;
  }

  /** Those of the epochs that are over. */
  get epochs(): readonly CurvePoint[] {
    return this.#epochs;
  }

  /** @param logs means of the epoch so far */
  addProgress(epoch: number, logs: Logs): void {
    this.#underWay = { epoch, loss: logs.loss ?? null, accuracy: logs.accuracy ?? null, validationLoss: null, validationAccuracy: null };
  }

  /** The end of an epoch, with what the validation data say. */
  addEpoch(epoch: number, logs: Logs): void {
    this.#underWay = null;
    this.#epochs = [
      ...this.#epochs,
      {
        epoch,
        loss: logs.loss ?? null,
        accuracy: logs.accuracy ?? null,
        validationLoss: logs.valLoss ?? null,
        validationAccuracy: logs.valAccuracy ?? null,
      },
    ];
  }
}
