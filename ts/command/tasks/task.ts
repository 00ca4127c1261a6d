import type { ColumnDescription, Model, NestedTexts, Tensor } from '../../node.ts';
import type { Answers } from '../output.ts';
import type { TableFlags } from '../table.ts';
import type { TaskName } from '../taskNames.ts';
import type { RowKind } from './rowForm.ts';

/** The flags of `backtime train`, read. Those that a task has defaults for may be absent. */
export interface TrainFlags extends TableFlags {
  readonly task: TaskName;
  readonly model: string;
  readonly target?: string;
  readonly text?: string;
  readonly group?: string;
  readonly columns?: string;
  /** What a row is that no group holds. */
  readonly rows?: RowKind;
  readonly missing?: string;
  readonly horizon?: number;
  readonly window?: number;
  readonly seasonLength?: number;
  readonly cell: 'lstm' | 'gru' | 'simple-rnn';
  readonly units?: number;
  readonly layers: number;
  readonly bidirectional?: boolean;
  readonly dropout?: number;
  readonly learningRate?: number;
  readonly batchSize: number;
  readonly epochs?: number;
  readonly patience?: number;
  readonly validationSplit: number;
  readonly seed: number;
  readonly workers: number | 'auto';
}

/** The flags, with the defaults of a task. */
export interface TrainSettings extends TrainFlags {
  readonly units: number;
  readonly dropout: number;
  readonly learningRate: number;
  readonly epochs: number;
  readonly patience: number;
  readonly bidirectional: boolean;
}

/** The training data. */
export type Samples = readonly [x: Tensor | string[] | NestedTexts, y: Tensor];

/** A score, and that of an answer which learns nothing. */
export interface Score {
  /** Such as `accuracy`. */
  readonly name: string;
  readonly value: number;
  readonly baseline: number;
  /** The rule of the baseline: `always "good"`. */
  readonly baselineRule: string;
  readonly isHigherBetter: boolean;
}

/** The scores of a model on data. */
export interface Evaluation {
  readonly score: Score;
  /** All scores, by their names; those of several targets as `targets`, by the names of these. */
  readonly scores: Readonly<Record<string, number | null | Readonly<Record<string, Readonly<Record<string, number | null>>>>>>;
  /** A table for reading, or empty. */
  readonly text: string;
}

/** A task, made ready for training. */
export interface Preparation {
  /** The detected kind of each column; empty for a text. */
  readonly columns: readonly ColumnDescription[];
  /** The choices, for reading: `text "review", target "label" (good, bad)`. */
  readonly choice: string;
  /** The decimal sign of the file, where numbers are read. */
  readonly decimal?: '.' | ',';
  /** Columns that are left out, with their kinds. */
  readonly leftOut?: readonly string[];
  /** The kind of a sample: `texts`. */
  readonly unit: string;
  readonly train: Samples;
  readonly validation: Samples;
  /** The compiled model that is trained. */
  readonly model: Model;
  /** The pipeline that is saved: it has the weights of the model. */
  readonly pipeline: Model;
  /** The metadata; called after training. */
  metadata(): Promise<Record<string, unknown>>;
  /** Scores on the validation data. */
  evaluate(): Promise<Evaluation>;
  /** The command to run next, without `backtime`. */
  readonly next: string;
}

/** The flags of a command that reads a file for a model, whose columns may have other names. */
export interface ColumnFlags extends TableFlags {
  readonly text?: string;
  readonly target?: string;
  readonly group?: string;
  readonly columns?: string;
}

/** A task of the command line. */
export interface Task {
  readonly defaults: Pick<TrainSettings, 'units' | 'dropout' | 'learningRate' | 'epochs' | 'patience' | 'bidirectional'>;
  /** Reads a file, splits it, and makes a model for it. */
  prepare(file: string, settings: TrainSettings): Promise<Preparation>;
  /** Measures a saved model on a file. */
  evaluate(model: Model, file: string, flags: ColumnFlags): Promise<Evaluation>;
  /** Answers the rows of a file; null where another command does. */
  readonly predict: ((model: Model, file: string, flags: ColumnFlags) => Promise<Answers>) | null;
}
