import { signal } from '@preact/signals';
import { keepRun, keptModel, keptRuns, type RunSummary, removeRun, renameRun, summaryOf, takeOldModel } from '../model/keptRuns.ts';
import { decodeTrained } from '../model/modelFile.ts';
import type { TrainedModel } from '../model/trainedModel.ts';
import { messageOf } from './messageOf.ts';

/** A model and its id in the list of runs. */
export interface CurrentModel extends TrainedModel {
  readonly id: string;
}

/** The model to try; null before there is one. */
export const trained = signal<CurrentModel | null>(null);
/** A run of the list. */
export interface ListedRun extends RunSummary {
  /** Whether it is there after the page is left. */
  readonly isKept: boolean;
}
/** All models that there are, the newest first. */
export const runs = signal<readonly ListedRun[]>([]);
/** What happened to the model last, for the user. */
export const modelStatus = signal('');
export const modelError = signal<string | null>(null);

/** Models that the browser did not keep, or not yet, by id. */
const unkept = new Map<string, TrainedModel>();

/** Brings the list of runs up to date: other tabs keep, name and remove runs too. */
export async function listRuns(): Promise<void> {
  const kept = await keptRuns().catch(() => []);
  const ids = new Set(kept.map(({ id }) => id));
  const only = [...unkept].filter(([id]) => !ids.has(id)).map(([id, model]) => ({ ...summaryOf(id, model), isKept: false }));
  runs.value = [...kept.map((run) => ({ ...run, isKept: true })), ...only].sort((a, b) => b.created - a.created);
}

/** Makes a new model the one to try, and keeps it in the browser beside all others. */
export async function useModel(next: TrainedModel, status: string): Promise<void> {
  const id = crypto.randomUUID();
  show({ ...next, id });
  unkept.set(id, next);
  const before = `${status} It is being kept in this browser …`;
  modelStatus.value = before;
  // Meanwhile another may be trained, of which it says more.
  const say = (text: string) => {
    if (modelStatus.value === before) modelStatus.value = text;
  };
  await listRuns();
  try {
    await keep(id);
    say(`${status} It is kept in this browser, also after a reload.`);
  } catch (error) {
    say(
      `${status} The browser did not let the page keep it (${messageOf(error)}): it is here until you leave the page, so download it if you want it again.`,
    );
  }
  await listRuns();
}

/** Keeps a model as it is when that is done: it may be named, judged or removed meanwhile. */
async function keep(id: string): Promise<void> {
  for (let model = unkept.get(id); model; model = unkept.get(id)) {
    await keepRun(id, model);
    if (unkept.get(id) !== model) continue;
    unkept.delete(id);
    if (trained.value?.id !== id) giveBack(model);
    return;
  }
  await removeRun(id);
}

/** Adds what was found out about a model that is there already. */
export async function updateModel(changed: CurrentModel): Promise<void> {
  const { id, ...model } = changed;
  if (trained.value?.id === id) trained.value = changed;
  if (unkept.has(id)) unkept.set(id, model);
  else await keepRun(id, model).catch(() => unkept.set(id, model));
  await listRuns();
}

function show(next: CurrentModel): void {
  const before = trained.value;
  trained.value = next;
  modelError.value = null;
  if (before && before.model !== next.model && !unkept.has(before.id)) giveBack(before);
}

function giveBack({ model }: TrainedModel): void {
  try {
    model.dispose();
  } catch {
    // It is still answering a question; the browser collects it after that.
  }
}

/** Makes an earlier model the one to try. */
export async function restoreRun({ id, name }: RunSummary): Promise<void> {
  try {
    const model = unkept.get(id) ?? (await keptModel(id));
    show({ ...model, id });
    modelStatus.value = `“${name}” is the model to try now.`;
  } catch (error) {
    modelError.value = `“${name}” cannot be read: ${messageOf(error)}`;
  }
}

export async function nameRun({ id }: RunSummary, name: string): Promise<void> {
  const other = unkept.get(id);
  if (other?.run) unkept.set(id, { ...other, run: { ...other.run, name } });
  else await renameRun(id, name);
  const { value: current } = trained;
  if (current?.id === id && current.run) trained.value = { ...current, run: { ...current.run, name } };
  await listRuns();
}

/** Removes a run for good; the model that is being tried stays until another takes its place. */
export async function forgetRun({ id, name }: RunSummary): Promise<void> {
  try {
    unkept.delete(id);
    await removeRun(id);
    modelStatus.value = `“${name}” is removed.${trained.value?.id === id ? ' It can be tried until you leave the page.' : ''}`;
  } catch (error) {
    modelError.value = `“${name}” cannot be removed: ${messageOf(error)}`;
  }
  await listRuns();
}

/** Brings back the newest model of an earlier visit. */
export async function restoreModel(): Promise<void> {
  try {
    await takeOldModel().catch(() => {});
    await listRuns();
    const [newest] = runs.value;
    if (!newest || trained.value) return;
    const model = await keptModel(newest.id);
    if (trained.value) return;
    trained.value = { ...model, id: newest.id };
    modelStatus.value = 'The model of your last visit is back.';
  } catch (error) {
    modelError.value = `The model of your last visit cannot be read: ${messageOf(error)}`;
  }
}

export async function loadModelFile(file: File): Promise<void> {
  try {
    await useModel(await decodeTrained(new Uint8Array(await file.arrayBuffer())), `${file.name} is loaded.`);
  } catch (error) {
    modelError.value = `${file.name} cannot be loaded: ${messageOf(error)}`;
  }
}
