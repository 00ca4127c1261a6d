import { delMany, get, getMany, setMany } from 'idb-keyval';
import { decodeTrained, encodeTrained, type TrainedModel } from './modelFile.ts';

/** The model that the browser keeps across reloads, in IndexedDB; all tabs of the page share it. */
const KEY = 'backtime model';
/** Differs for every model that is kept, to tell them apart without reading them. */
const STAMP = 'backtime model stamp';

/** Of the model that this tab has read or kept last. */
let known: string | undefined;

/**
 * Keeps a model in place of the one before.
 * @returns whether another tab had kept that one since this tab looked
 */
export async function keepModel(trained: TrainedModel): Promise<boolean> {
  const bytes = await encodeTrained(trained);
  const before = await get<string>(STAMP);
  const stamp = `${Date.now()} ${Math.random()}`;
  await setMany([
    [KEY, bytes],
    [STAMP, stamp],
  ]);
  const othersWasKept = before !== undefined && before !== known;
  known = stamp;
  return othersWasKept;
}

/** The kept model; null when there is none, or storage is closed to the page. */
export async function keptModel(): Promise<TrainedModel | null> {
  const [bytes, stamp] = (await getMany([KEY, STAMP]).catch(() => [])) as [Uint8Array?, string?];
  known = stamp;
  return bytes ? decodeTrained(bytes) : null;
}

export async function forgetModel(): Promise<void> {
  await delMany([KEY, STAMP]);
  known = undefined;
}
