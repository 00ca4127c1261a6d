import { effect, signal } from '@preact/signals';
import type { Sequential, Workers } from 'backtime';
import { buildModel } from '../model/layerList.ts';
import { DEFAULT_TRAINING } from '../tasks/defaults.ts';
import { type Score, scoreOf } from '../tasks/score.ts';
import type { TaskData } from '../tasks/task.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import { type Progress, TrainingRun, type TrainingSettings } from '../training/trainingRun.ts';
import { preparation, source, task } from './data.ts';
import { messageOf } from './messageOf.ts';
import { frame, layers } from './model.ts';
import { modelStatus, trained, useModel } from './trained.ts';
import { warnings } from './warnings.ts';

export type TrainingStatus = 'idle' | 'training' | 'paused' | 'stopping';

export const settings = signal<TrainingSettings>(DEFAULT_TRAINING.classifyText);
/** The same for every task: it is about the machine. */
export const workers = signal<Workers>('auto');
export const status = signal<TrainingStatus>('idle');
export const progress = signal<Progress | null>(null);
export const trainingError = signal<string | null>(null);
/** What is said to those who cannot see the chart: not every step, only what matters. */
export const announcement = signal('');

effect(() => {
  settings.value = DEFAULT_TRAINING[task.value];
});

// What was learnt from other data, or for another task, says nothing of the next model.
effect(() => {
  void [source.value, task.value];
  if (status.peek() === 'idle') progress.value = null;
});

let run: TrainingRun | null = null;

// A page that is left in the middle of training loses what it has learnt: the browser asks first.
effect(() => {
  if (status.value === 'idle') return;
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  addEventListener('beforeunload', ask);
  return () => removeEventListener('beforeunload', ask);
});

/** Trains a new model on the chosen data. */
export async function train(): Promise<void> {
  const prepared = preparation.value?.prepared;
  if (status.value !== 'idle' || !prepared || !frame.value) return;
  status.value = 'training';
  progress.value = null;
  trainingError.value = null;
  warnings.value = [];
  announcement.value = 'Training has begun.';
  modelStatus.value = trained.value ? 'Another model is being trained; until it is done, this one stays.' : 'The model is being trained.';
  const trainedOn = source.value?.name ?? '';
  try {
    const model = buildModel(
      frame.value,
      layers.value.map(({ choice }) => choice),
    );
    run = new TrainingRun(model, prepared, { ...settings.value, workers: workers.value }, show);
    const finished = await run.train().catch((error: unknown) => {
      model.dispose();
      throw error;
    });
    const { score, failure } = await judge(model, prepared);
    announcement.value = finished ? 'Training is done.' : 'Training was stopped.';
    await useModel(
      { model, notes: prepared.notes, score, trainedOn },
      `${finished ? 'The model is trained' : 'The model is trained as far as you let it'}${failure}.`,
    );
  } catch (error) {
    trainingError.value = `Training failed: ${messageOf(error)}`;
    modelStatus.value = '';
  } finally {
    run = null;
    status.value = 'idle';
  }
}

/**
 * A model's score. It has cost the user time: when it cannot be judged, it is a trained model all
 * the same.
 */
async function judge(model: Sequential, prepared: TaskData<TaskNotes>): Promise<{ score: Score | null; failure: string }> {
  try {
    return { score: await scoreOf(model, prepared), failure: '' };
  } catch (error) {
    return { score: null, failure: `, but judging it by the test data failed: ${messageOf(error)}` };
  }
}

/** Milliseconds between two drawings of the page; the charts take most of their time. */
const FRAME = 100;
let shownAt = 0;

function show(next: Progress): void {
  const before = progress.value;
  const now = performance.now();
  if (before?.epoch === next.epoch && next.done < 1 && now - shownAt < FRAME) return;
  shownAt = now;
  progress.value = next;
  if (before && next.epoch !== before.epoch) announcement.value = `Epoch ${before.epoch} of ${next.epochs} is done.`;
}

export function pause(): void {
  if (status.value !== 'training') return;
  run?.pause();
  status.value = 'paused';
  announcement.value = 'Training is paused.';
}

export function resume(): void {
  if (status.value !== 'paused') return;
  run?.resume();
  status.value = 'training';
  announcement.value = 'Training goes on.';
}

export function stop(): void {
  if (status.value === 'idle') return;
  run?.stop();
  status.value = 'stopping';
}
