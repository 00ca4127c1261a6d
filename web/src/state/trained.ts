import { signal } from '@preact/signals';
import type { Sequential } from 'backtime';
import { forgetModel, keepModel, keptModel } from '../model/keptModel.ts';
import { decodeTrained, type TrainedModel } from '../model/modelFile.ts';
import { messageOf } from './messageOf.ts';

/** The model to try; null before there is one. */
export const trained = signal<TrainedModel | null>(null);
/** What happened to it last, for the user. */
export const modelStatus = signal('');
export const modelError = signal<string | null>(null);

const INSTEAD_OF_OTHERS = ', in place of the model of another tab. That one is still in its tab: download it there if you want it again';

/** Makes a model the one to try, and keeps it in the browser. */
export async function useModel(next: TrainedModel, status: string): Promise<void> {
  const before = trained.value;
  trained.value = next;
  modelError.value = null;
  if (before && before.model !== next.model) giveBack(before.model);
  try {
    const othersWasKept = await keepModel(next);
    modelStatus.value = `${status} It is kept in this browser, also after a reload${othersWasKept ? INSTEAD_OF_OTHERS : ''}.`;
  } catch (error) {
    modelStatus.value = `${status} The browser did not let the page keep it (${messageOf(error)}): download it if you want it again.`;
  }
}

function giveBack(model: Sequential): void {
  try {
    model.dispose();
  } catch {
    // It is still answering a question; the browser collects it after that.
  }
}

/** Brings back the model of an earlier visit. */
export async function restoreModel(): Promise<void> {
  try {
    const kept = await keptModel();
    if (!kept || trained.value) return;
    trained.value = kept;
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

export async function forget(): Promise<void> {
  try {
    await forgetModel();
    modelStatus.value = 'The browser has forgotten the model; it is here until you leave the page.';
  } catch (error) {
    modelError.value = `The browser cannot forget the model: ${messageOf(error)}`;
  }
}
