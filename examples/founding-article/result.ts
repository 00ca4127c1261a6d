import type { Sequential } from 'backtime';

/** Numbers of every epoch. */
export interface Curves {
  readonly loss: number[];
  readonly valLoss: number[];
  readonly valAccuracy: number[];
}

/** What came of a network. */
export interface Result {
  readonly name: string;
  readonly parameters: number;
  readonly secondsPerEpoch: number;
  readonly curves: Curves;
  readonly trainAccuracy: number;
  readonly validationAccuracy: number;
  /** null for the network from first principles, which cannot be saved. */
  readonly model: Sequential | null;
}
