import { createStore, del, get, set, type UseStore, update, values } from 'idb-keyval';
import type { Score } from '../tasks/score.ts';
import type { TaskName } from '../tasks/task.ts';
import { decodeTrained, encodeTrained } from './modelFile.ts';
import type { RunRecord, TrainedModel } from './trainedModel.ts';

/**
 * What a list of runs shows of a model that the browser keeps; the model itself is read when it is
 * used.
 */
export interface RunSummary {
  readonly id: string;
  readonly name: string;
  readonly created: number;
  readonly task: TaskName;
  readonly trainedOn: string;
  readonly score: Score | null;
  readonly settings: RunRecord['settings'] | null;
}

/** Two databases, so that the list is read without the models. All tabs of the page share them. */
let stores: { readonly summaries: UseStore; readonly models: UseStore } | null = null;

function opened() {
  stores ??= { summaries: createStore('backtime runs', 'summaries'), models: createStore('backtime models', 'models') };
  return stores;
}

/** The summary of a model under an id of its own. */
export function summaryOf(id: string, { notes, score, trainedOn, run }: TrainedModel): RunSummary {
  return {
    id,
    name: run?.name ?? trainedOn,
    created: run?.created ?? Date.now(),
    task: notes.task,
    trainedOn,
    score,
    settings: run?.settings ?? null,
  };
}

/**
 * Keeps a model beside all others.
 * @throws when the browser has no room, or closes storage to the page
 */
export async function keepRun(id: string, trained: TrainedModel): Promise<void> {
  const { summaries, models } = opened();
  await set(id, await encodeTrained(trained), models);
  await set(id, summaryOf(id, trained), summaries);
}

/** All kept models, the newest first. */
export async function keptRuns(): Promise<RunSummary[]> {
  const all = await values<RunSummary>(opened().summaries);
  return all.sort((a, b) => b.created - a.created);
}

/** Reads a kept model. @throws when it is not there, or cannot be read */
export async function keptModel(id: string): Promise<TrainedModel> {
  const bytes = await get<Uint8Array>(id, opened().models);
  if (!bytes) throw new Error('another tab has removed it');
  const trained = await decodeTrained(bytes);
  const summary = await get<RunSummary>(id, opened().summaries);
  return summary && trained.run ? { ...trained, run: { ...trained.run, name: summary.name } } : trained;
}

export async function renameRun(id: string, name: string): Promise<void> {
  await update<RunSummary>(id, (summary) => ({ ...(summary as RunSummary), name }), opened().summaries);
}

export async function removeRun(id: string): Promise<void> {
  const { summaries, models } = opened();
  await del(id, summaries);
  await del(id, models);
}

/** Where older versions of the page kept their one model. */
const OLD_KEY = 'backtime model';

/** Takes the model of an older version of the page among the others. */
export async function takeOldModel(): Promise<void> {
  const bytes = await get<Uint8Array>(OLD_KEY);
  if (!bytes) return;
  await keepRun(crypto.randomUUID(), await decodeTrained(bytes));
  await del(OLD_KEY);
}
