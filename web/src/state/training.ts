import { computed, effect, signal } from '@preact/signals';
import { Sequential, setRandomSeed, type Workers } from 'backtime';
import { amount } from '../data/count.ts';
import { buildModel } from '../model/layerList.ts';
import type { RunRecord, RunSettings, Spread, TrainedModel } from '../model/trainedModel.ts';
import { DEFAULT_TRAINING } from '../tasks/defaults.ts';
import { type Judgement, judge } from '../tasks/score.ts';
import { TASKS, type TaskData, type TaskName } from '../tasks/task.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import type { CurvePoint } from '../training/learningCurve.ts';
import { type Progress, TrainingRun, type TrainingSettings } from '../training/trainingRun.ts';
import { preparation, source, task } from './data.ts';
import { messageOf } from './messageOf.ts';
import { embeddingSize, frame, layers } from './model.ts';
import { modelStatus, runs, trained, useModel } from './trained.ts';
import { warnings } from './warnings.ts';

export type TrainingStatus = 'idle' | 'training' | 'paused' | 'stopping' | 'judging';

/** What a run shows. */
export interface ShownRun extends Progress {
  /** Tells what is shown from what else is chosen on the page. */
  readonly name: string;
}

/** Settings by task: what is chosen for one stays when another is looked at. */
const settingsByTask = signal<Readonly<Record<TaskName, TrainingSettings>>>(DEFAULT_TRAINING);
export const settings = computed(() => settingsByTask.value[task.value]);
/** The same for every task: it is about the machine. */
export const workers = signal<Workers>('auto');
/** The same seed and settings give the same model. */
export const seed = signal(1);
/** How often a model is trained, each time with another seed. */
export const repeats = signal<1 | 3>(1);
export const status = signal<TrainingStatus>('idle');
export const progress = signal<ShownRun | null>(null);
/** Which part of the judging is done, 0 to 1. */
export const judged = signal(0);
export const trainingError = signal<string | null>(null);
/** What is said to those who cannot see the chart: not every step, only what matters. */
export const announcement = signal('');

export function changeSettings(changed: Partial<TrainingSettings>): void {
  settingsByTask.value = { ...settingsByTask.value, [task.value]: { ...settings.value, ...changed } };
}

let run: TrainingRun | null = null;
/** Ends the judging of a model that is under way. */
let judging: AbortController | null = null;
let isStopped = false;

// A page that is left in the middle of training loses what it has learnt, and models that are not
// kept go with it: the browser asks first.
effect(() => {
  if (status.value === 'idle' && runs.value.every(({ isKept }) => isKept)) return;
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  addEventListener('beforeunload', ask);
  return () => removeEventListener('beforeunload', ask);
});

/** What is being trained, and how. */
interface Assignment {
  readonly prepared: TaskData<TaskNotes>;
  readonly settings: RunSettings;
  readonly trainedOn: string;
  readonly build: () => Sequential;
  readonly before: readonly CurvePoint[];
  readonly name: string;
}

/** Trains a new model on the chosen data; three with other seeds where that is chosen. */
export async function train(): Promise<void> {
  const prepared = preparation.value?.prepared;
  if (status.value !== 'idle' || !prepared || !frame.value) return;
  const fixed = frame.value;
  const choices = layers.value.map(({ choice }) => choice);
  const trainedOn = source.value?.name ?? '';
  const count = repeats.value;
  const base = nameOfRun(trainedOn, prepared.notes.task);
  await whileTraining(async () => {
    const outcomes: TrainedModel[] = [];
    for (let repeat = 0; repeat < count && !isStopped; repeat++) {
      const ownSeed = seed.value + repeat;
      const outcome = await trainOne({
        prepared,
        settings: settingsFor(fixed.first?.kind === 'Embedding', ownSeed),
        trainedOn,
        build: () => {
          setRandomSeed(ownSeed);
          return buildModel(fixed, choices);
        },
        before: [],
        name: count === 1 ? base : `${base}, seed ${ownSeed}`,
      });
      if (outcome) outcomes.push(outcome);
      if (outcome && repeat + 1 < count && !isStopped) await useModel(outcome, `Model ${repeat + 1} of ${count} is trained.`);
    }
    const last = outcomes.at(-1);
    if (!last) return;
    const spread = outcomes.length > 1 ? spreadOf(outcomes) : null;
    await finish(
      { ...last, run: last.run && { ...last.run, spread } },
      outcomes.length === 1 ? 'The model is' : `${amount(outcomes.length, 'model')} are`,
    );
  });
}

function settingsFor(hasWords: boolean, ownSeed: number): RunSettings {
  return {
    layers: layers.value.map(({ choice }) => choice),
    embeddingSize: hasWords ? embeddingSize.value : null,
    training: settings.value,
    seed: ownSeed,
  };
}

/** Whether what is chosen is what the model to try was trained on. */
export const canGoOn = computed(() => {
  const notes = preparation.value?.prepared?.notes;
  const current = trained.value;
  return notes !== undefined && current?.run != null && sameData(notes, current.notes);
});

/** Whether two notes are of the same data, prepared in the same way. */
function sameData(one: TaskNotes, other: TaskNotes): boolean {
  return one.task === other.task && JSON.stringify(withoutErrors(one)) === JSON.stringify(withoutErrors(other));
}

function withoutErrors(notes: TaskNotes): TaskNotes {
  return 'residuals' in notes ? { ...notes, residuals: null } : notes;
}

/** Trains a copy of the model to try for some more epochs; it stays as it is. */
export async function goOn(): Promise<void> {
  const prepared = preparation.value?.prepared;
  const current = trained.value;
  if (status.value !== 'idle' || !prepared || !canGoOn.value || !current?.run) return;
  const { run: before, model } = current;
  await whileTraining(async () => {
    const outcome = await trainOne({
      prepared,
      settings: { ...before.settings, training: settings.value },
      trainedOn: current.trainedOn,
      build: () => {
        setRandomSeed(before.settings.seed + before.points.length);
        const copy = new Sequential(model.layers.map((layer) => layer.clone()));
        copy.build(prepared.frame.inputShape);
        copy.setWeights(model.getWeights());
        return copy;
      },
      before: before.points.filter(({ epoch }) => epoch <= before.bestEpoch),
      name: `${before.name}, trained on`,
    });
    if (outcome) await finish(outcome, 'The model is');
  });
}

async function finish(outcome: TrainedModel, who: string): Promise<void> {
  const stopped = outcome.run?.end === 'stopped';
  announcement.value = stopped ? 'Training was stopped.' : 'Training is done.';
  const failure = outcome.score ? '' : judgingFailure;
  const kept = useModel(outcome, `${who} trained${stopped ? ' as far as you let it' : ''}${failure}.`);
  // It can be tried, and another one trained, while the browser still writes it down.
  endTraining();
  await kept;
}

/** How many trainings there were: one may have begun before the model of another is kept. */
let trainings = 0;

function endTraining(): void {
  run = null;
  status.value = 'idle';
}

/** Does what trains, and says on the page how it goes. */
async function whileTraining(work: () => Promise<void>): Promise<void> {
  const own = ++trainings;
  status.value = 'training';
  isStopped = false;
  progress.value = null;
  trainingError.value = null;
  judgingFailure = '';
  warnings.value = [];
  announcement.value = 'Training has begun.';
  modelStatus.value = trained.value ? 'Another model is being trained; the models that you have stay.' : 'The model is being trained.';
  try {
    await work();
  } catch (error) {
    trainingError.value = `Training failed: ${messageOf(error)}`;
    modelStatus.value = '';
  } finally {
    if (own === trainings) endTraining();
  }
}

/** @returns null when it was stopped before there was anything to keep */
async function trainOne({ prepared, settings: chosen, trainedOn, build, before, name }: Assignment): Promise<TrainedModel | null> {
  const built = build();
  const show = (next: Progress) => showProgress({ ...next, name });
  run = new TrainingRun(built, prepared, { ...chosen.training, workers: workers.value }, show, before);
  const { model, end, bestEpoch, points } = await run.train().catch((error: unknown) => {
    built.dispose();
    throw error;
  });
  // The last report may have been left out.
  if (progress.value) progress.value = { ...progress.value, points };
  if (!model) {
    modelStatus.value = `Training was stopped before the first ${progress.value ? 'epoch' : 'step'} was over: there is no new model.`;
    announcement.value = 'Training was stopped.';
    return null;
  }
  const found = await judgeModel(model, prepared);
  const record: RunRecord = { name, created: Date.now(), settings: chosen, points, bestEpoch, end, spread: null };
  const notes = 'residuals' in prepared.notes ? { ...prepared.notes, residuals: found?.residuals ?? null } : prepared.notes;
  return { model, notes, score: found?.score ?? null, report: found?.report ?? null, trainedOn, run: record };
}

/** Why the last model has no score, as a part of a sentence. */
let judgingFailure = '';

/**
 * Judges a model. It has cost the user time: when it cannot be judged, or the user does not wait
 * for it, it is a trained model all the same.
 */
async function judgeModel(model: Sequential, prepared: TaskData<TaskNotes>): Promise<Judgement | null> {
  judging = new AbortController();
  judged.value = 0;
  status.value = 'judging';
  try {
    return await judge(model, prepared, {
      signal: judging.signal,
      onPart: (part) => {
        judged.value = part;
      },
    });
  } catch (error) {
    judgingFailure = judging.signal.aborted ? ', but not judged' : `, but judging it by the test data failed: ${messageOf(error)}`;
    return null;
  } finally {
    judging = null;
    status.value = isStopped ? 'stopping' : 'training';
  }
}

function spreadOf(outcomes: readonly TrainedModel[]): Spread | null {
  const scored = outcomes.filter(({ score }) => score !== null);
  if (scored.length < 2) return null;
  return {
    seeds: scored.map(({ run: record }) => record?.settings.seed ?? 0),
    scores: scored.map(({ score }) => score?.test.model ?? Number.NaN),
  };
}

/** A name that no other run has, for the user to change. */
function nameOfRun(trainedOn: string, name: TaskName): string {
  const base = trainedOn === '' ? TASKS[name].name : trainedOn;
  const taken = new Set(runs.value.map((other) => other.name.replace(/, (seed \d+|trained on)$/, '')));
  for (let number = 1; ; number++) {
    const candidate = `${base} – run ${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** Milliseconds between two drawings of the page; the charts take most of their time. */
const FRAME = 100;
let shownAt = 0;

function showProgress(next: ShownRun): void {
  const before = progress.value;
  const now = performance.now();
  if (before?.epoch === next.epoch && before.name === next.name && next.done < 1 && now - shownAt < FRAME) return;
  shownAt = now;
  progress.value = next;
  if (before?.name === next.name && next.epoch !== before.epoch)
    announcement.value = `Epoch ${before.epoch} of at most ${next.epochs} is done.`;
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

/** Ends training; while a model is being judged, ends that. */
export function stop(): void {
  if (status.value === 'idle') return;
  isStopped = true;
  if (judging) {
    judging.abort();
    return;
  }
  run?.stop();
  status.value = 'stopping';
}
