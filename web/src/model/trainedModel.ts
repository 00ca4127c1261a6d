import type { Sequential } from 'backtime';
import type { ClassReport, Score } from '../tasks/score.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import type { CurvePoint } from '../training/learningCurve.ts';
import type { TrainingOutcome, TrainingSettings } from '../training/trainingRun.ts';
import type { LayerChoice } from './layerList.ts';

/** What was chosen for a run. */
export interface RunSettings {
  readonly layers: readonly LayerChoice[];
  /** Numbers that stand for a word; null where there are no words. */
  readonly embeddingSize: number | null;
  readonly training: TrainingSettings;
  readonly seed: number;
}

/** How good the same settings are with other seeds. */
export interface Spread {
  readonly seeds: readonly number[];
  /** The test scores, in the order of the seeds. */
  readonly scores: readonly number[];
}

/** How a model came to be. */
export interface RunRecord {
  readonly name: string;
  /** When it was trained, in milliseconds since 1970. */
  readonly created: number;
  readonly settings: RunSettings;
  readonly points: readonly CurvePoint[];
  readonly bestEpoch: number;
  readonly end: TrainingOutcome['end'];
  readonly spread: Spread | null;
}

/** What is saved beside a model: what it takes to use it, and where it is from. */
export interface ModelNotes {
  readonly notes: TaskNotes;
  /** Null when judging the model failed, or was not waited for. */
  readonly score: Score | null;
  /** Null for tasks without classes, and without a score. */
  readonly report: ClassReport | null;
  /** Name of the data it was trained on. */
  readonly trainedOn: string;
  /** Null for models of older versions of the page. */
  readonly run: RunRecord | null;
}

export interface TrainedModel extends ModelNotes {
  readonly model: Sequential;
}
