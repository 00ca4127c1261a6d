import { del, get, set } from 'idb-keyval';
import { decodeTrained, encodeTrained, type TrainedModel } from './modelFile.ts';

/** The model that the browser keeps across reloads, in IndexedDB. */
const KEY = 'backtime model';

export async function keepModel(trained: TrainedModel): Promise<void> {
  await set(KEY, await encodeTrained(trained));
}

/** The kept model; null when there is none, or storage is closed to the page. */
export async function keptModel(): Promise<TrainedModel | null> {
  const bytes = await get<Uint8Array>(KEY).catch(() => undefined);
  return bytes ? decodeTrained(bytes) : null;
}

export async function forgetModel(): Promise<void> {
  await del(KEY);
}
