import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { Transitions } from '../layers/value.ts';
import type { ProgramBuilder } from '../program/programBuilder.ts';

/**
 * The targets of a loss: arrays of the prediction's shape, one class index for each row, or for
 * each sample a sequence of class indices `[L]` that need not have the steps of the prediction.
 */
export type TargetKind = 'floats' | 'labels' | 'labelSequences';

/** The configuration of a loss, a metric or a custom optimizer: values that JSON preserves. */
export type OwnConfig = Readonly<Record<string, unknown>>;

/** A loss at the end of a program under construction. */
export interface LossEmission {
  readonly builder: ProgramBuilder;
  /** N: rows of the prediction, B or T*B. Row n is of sample `n % B`. */
  readonly rows: number;
  /** B */
  readonly samples: number;
  /** C: size of the prediction's last axis. */
  readonly classes: number;
  /** `[N, C]` */
  readonly prediction: PlannedBuffer;
  /** Whether the prediction holds scores before the loss's activation. */
  readonly logits: boolean;
  /** Those of a `CRF` layer whose energies are the prediction; null of another output. */
  readonly transitions: Transitions | null;
  /** `[N, targetUnits]`; null when the targets are labels. */
  readonly target: PlannedBuffer | null;
  /** `[N]`; of a sequence of labels the first ones in the first rows of their sample. */
  readonly labels: PlannedBuffer | null;
  /** `[N]` */
  readonly weight: PlannedBuffer | null;
  /** `[N]` */
  readonly mask: PlannedBuffer | null;
  /**
   * `[1]`: the number of rows that the loss and its gradient are divided by, where the mask does
   * not take some away; null: N.
   */
  readonly normalizer: PlannedBuffer | null;
  /** `[N, C]`, to be written; null when only the loss is wanted. */
  readonly dPrediction: PlannedBuffer | null;
  /** `[2]`, to be written: the loss, then the sum of the row weights. */
  readonly result: PlannedBuffer;
}

/**
 * A loss that `compile` takes. Custom losses extend {@link ElementwiseLoss} or {@link BatchLoss}.
 * https://keras.io/api/losses/
 */
export abstract class Loss {
  /** Its name in `compile`, in errors and in the history: `meanSquaredError`. */
  abstract readonly name: string;
  /** Whether the model's outputs are scores before the sigmoid or softmax. */
  readonly fromLogits: boolean = false;
  /** The kind of its targets: floats or integers. */
  readonly targetKind: TargetKind = 'floats';
  /** Size of the last axis of the targets; null: that of the outputs. */
  readonly targetUnits: number | null = null;
  /**
   * Whether labels may be any integers of at least 0, and not only indices of the output's
   * last axis.
   */
  readonly anyLabels: boolean = false;
  /** The label of rows that do not count; null when all do. */
  readonly ignoreClass: number | null = null;
  /** The padding of label sequences. */
  readonly padding: number = 0;
  /** Whether targets must be between 0 and 1. */
  readonly probabilityTargets: boolean = false;
  /** The final activation whose scores the loss can take directly, which is more exact. */
  readonly activation: 'sigmoid' | 'softmax' | 'crf' | null = null;
  /** Whether it has one value for each sample instead of one for each row. */
  readonly perSample: boolean = false;
  /**
   * Whether the value of a row depends on other samples of the batch. Such a loss trains with at
   * most one worker.
   */
  readonly comparesSamples: boolean = false;
  /** Whether it compares classes, so that outputs need at least two. */
  readonly comparesClasses: boolean = false;

  /**
   * Checks that it can compare an output of a model with targets, in `compile`. Default: it can.
   * @param _what what it is, for the error message: `loss`
   * @throws {ShapeError} when the shape of the output is none that it compares
   * @throws {ArgumentError} when it cannot compare outputs of this kind
   */
  checkOutput(_output: SymbolicTensor, _what: string): void {}

  /** Appends the loss, and its gradient if it is wanted, to a program. */
  abstract emit(emission: LossEmission): void;

  /**
   * Checks its options against the size of the output's last axis. Default: all fit.
   * @throws {ArgumentError} when they do not fit
   */
  checkUnits(_units: number): void {}

  /** The constructor's options, for files and workers. */
  getConfig(): OwnConfig {
    return {};
  }
}
