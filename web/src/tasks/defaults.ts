import type { LayerChoice } from '../model/layerList.ts';
import type { TrainingSettings } from '../training/trainingRun.ts';
import type { NumberSettings } from './predictNumber.ts';
import type { ForecastSettings } from './prepareForecast.ts';
import type { SeriesSettings } from './seriesInput.ts';
import type { TagSettings } from './tagWords.ts';
import type { TaskName } from './task.ts';
import type { TextSettings } from './textInput.ts';
import type { WritingSettings } from './write.ts';

/** What a user may set of how the data is read, by task. */
export interface TaskSettings {
  readonly classifyText: TextSettings;
  readonly tagWords: TagSettings;
  readonly classifySeries: SeriesSettings;
  readonly predictNumber: NumberSettings;
  readonly forecast: ForecastSettings;
  readonly write: WritingSettings;
}

export const DEFAULT_TASK_SETTINGS: TaskSettings = {
  classifyText: { words: 5000, length: 40, units: 'guess' },
  tagWords: { words: 20_000, length: 60 },
  classifySeries: { length: 100, window: 50, overlap: 50 },
  predictNumber: { words: 5000, length: 40, units: 'guess', steps: 100, pieces: 50, overlap: 50 },
  forecast: { window: 52, horizon: 26 },
  write: { characters: 200_000, window: 64 },
};

/** A number that the user may set. */
export interface SettingField {
  readonly key: string;
  readonly label: string;
  readonly minimum: number;
  readonly maximum: number;
}

export const TASK_FIELDS: Readonly<Record<TaskName, readonly SettingField[]>> = {
  classifyText: [
    { key: 'words', label: 'Words to know, at most', minimum: 10, maximum: 50_000 },
    { key: 'length', label: 'Words to read of a text, at most', minimum: 2, maximum: 500 },
  ],
  tagWords: [
    { key: 'words', label: 'Words to know, at most', minimum: 10, maximum: 50_000 },
    { key: 'length', label: 'Words of a sentence to read at once, at most', minimum: 2, maximum: 500 },
  ],
  classifySeries: [
    { key: 'length', label: 'Steps to read of a series, at most', minimum: 2, maximum: 2000 },
    { key: 'window', label: 'Rows of a piece', minimum: 2, maximum: 2000 },
    { key: 'overlap', label: 'Percent of a piece that the next one has too', minimum: 0, maximum: 90 },
  ],
  predictNumber: [
    { key: 'words', label: 'Words to know, at most', minimum: 10, maximum: 50_000 },
    { key: 'length', label: 'Words to read of a text, at most', minimum: 2, maximum: 500 },
    { key: 'steps', label: 'Steps to read of a series, at most', minimum: 1, maximum: 2000 },
    { key: 'pieces', label: 'Rows of a piece', minimum: 2, maximum: 2000 },
    { key: 'overlap', label: 'Percent of a piece that the next one has too', minimum: 0, maximum: 90 },
  ],
  forecast: [
    { key: 'window', label: 'Steps to read', minimum: 2, maximum: 1000 },
    { key: 'horizon', label: 'Steps to forecast', minimum: 1, maximum: 500 },
  ],
  write: [
    { key: 'characters', label: 'Characters of the text to learn from, at most', minimum: 1000, maximum: 2_000_000 },
    { key: 'window', label: 'Characters to read at a time', minimum: 8, maximum: 256 },
  ],
};

export const DEFAULT_LAYERS: Readonly<Record<TaskName, readonly LayerChoice[]>> = {
  classifyText: [
    { kind: 'LSTM', units: 32 },
    { kind: 'Dropout', rate: 0.3 },
  ],
  tagWords: [
    { kind: 'Dropout', rate: 0.2 },
    { kind: 'LSTM', units: 32 },
    { kind: 'Dropout', rate: 0.2 },
  ],
  classifySeries: [{ kind: 'GRU', units: 32 }],
  predictNumber: [
    { kind: 'GRU', units: 32 },
    { kind: 'Dropout', rate: 0.2 },
  ],
  forecast: [{ kind: 'GRU', units: 32 }],
  write: [{ kind: 'LSTM', units: 128 }],
};

/** Epochs without a better one after which training ends, when that is switched on. */
export const DEFAULT_PATIENCE = 5;

/** Epochs are the most: training ends when they do not help any more. */
export const DEFAULT_TRAINING: Readonly<Record<TaskName, TrainingSettings>> = {
  classifyText: { epochs: 15, batchSize: 32, learningRate: 0.003, patience: 2 },
  tagWords: { epochs: 20, batchSize: 32, learningRate: 0.005, patience: 2 },
  classifySeries: { epochs: 80, batchSize: 8, learningRate: 0.005, patience: 15 },
  predictNumber: { epochs: 60, batchSize: 32, learningRate: 0.003, patience: 6 },
  forecast: { epochs: 60, batchSize: 32, learningRate: 0.003, patience: 8 },
  write: { epochs: 20, batchSize: 32, learningRate: 0.005, patience: 2 },
};
