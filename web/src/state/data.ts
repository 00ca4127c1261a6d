import { batch, computed, effect, signal } from '@preact/signals';
import { BUNDLED } from '../data/bundled.ts';
import type { ColumnRoles } from '../data/columns.ts';
import type { DataOverview } from '../data/overview.ts';
import type { DataOrigin, Preparation } from '../preparation/dataServer.ts';
import type { DataWorkerError } from '../preparation/dataWorkerError.ts';
import { OpenedData } from '../preparation/openedData.ts';
import { NO_PROBLEMS } from '../preparation/problemList.ts';
import { DEFAULT_TASK_SETTINGS, type TaskSettings } from '../tasks/defaults.ts';
import type { TaskName } from '../tasks/task.ts';
import { messageOf } from './messageOf.ts';

/** What the user chose to learn from; null before. */
export const source = signal<DataOverview | null>(null);
/** The bundled data set that is chosen, by id. */
export const bundledId = signal<string | null>(null);
export const loading = signal<string | null>(null);
export const loadError = signal<string | null>(null);

export const task = signal<TaskName>('classifyText');
export const roles = signal<ColumnRoles | null>(null);
export const taskSettings = signal<TaskSettings>(DEFAULT_TASK_SETTINGS);

/** What became of the data for the task; null before there is data. */
export const preparation = signal<Preparation | null>(null);
export const preparing = signal(false);

/** Which part of the data that is being read has been, 0 to 1; null before that is known. */
export const readPart = signal<number | null>(null);
/** Whether the table is being read again, with or without names of columns. */
export const rereading = signal(false);
/**
 * Whether other data, or the same in another way, is being read: until that is done, what is known
 * is of what was there before.
 */
export const reading = computed(() => loading.value !== null || rereading.value);
/** Whether a setting of the task is no number yet. */
export const unfinished = computed(() => Object.values(taskSettings.value[task.value]).includes(Number.NaN));
/** Whether {@link preparation} is not of what is chosen now. */
export const outdated = computed(() => reading.value || preparing.value || unfinished.value);

/** Where {@link source} is read and prepared, and the id of the bundled data set that it is. */
let opened: OpenedData | null = null;
let openedId: string | null = null;
/** Where the data that was chosen last is being read; until that is done, the data before stays. */
let opening: OpenedData | null = null;

/** What is to be prepared; null before there is data, and while a setting is no number. */
const request = computed(() =>
  source.value && !unfinished.value ? { roles: roles.value, task: task.value, settings: taskSettings.value } : null,
);

/** Fields change letter by letter, and preparing a large file takes a while. */
const DELAY = 150;
/**
 * The preparation that is under way. There is one at a time: what is asked for meanwhile may soon
 * not be wanted any more.
 */
let underWay: Promise<unknown> = Promise.resolve();

effect(() => {
  const wanted = request.value;
  preparing.value = wanted !== null;
  if (!wanted) return;
  let current = true;
  const timer = setTimeout(async () => {
    await underWay;
    if (!current || !opened) return;
    const result = opened.prepare(wanted).catch(unusable);
    underWay = result;
    const next = await result;
    if (!current) return;
    preparation.value = next;
    preparing.value = false;
  }, DELAY);
  return () => {
    current = false;
    clearTimeout(timer);
  };
});

function unusable(error: unknown): Preparation {
  return { prepared: null, error: messageOf(error), problems: NO_PROBLEMS, missing: NO_PROBLEMS };
}

async function load(name: string, id: string | null, origin: DataOrigin): Promise<void> {
  opening?.close();
  opening = null;
  loading.value = name;
  loadError.value = null;
  bundledId.value = id;
  readPart.value = null;
  let mine: OpenedData | null = null;
  try {
    const started = new OpenedData((reason) => lose(started, reason));
    mine = started;
    opening = mine;
    const overview = await mine.open(origin, (part) => {
      if (opening === started) readPart.value = part;
    });
    opened?.close();
    opened = mine;
    openedId = id;
    use(overview);
  } catch (error) {
    mine?.close();
    if (opening !== mine) return;
    loadError.value = messageOf(error);
    bundledId.value = openedId;
  } finally {
    if (opening === mine) {
      opening = null;
      loading.value = null;
    }
  }
}

/** Forgets data whose worker has died, so that it can be chosen again. */
function lose(dead: OpenedData, reason: DataWorkerError): void {
  if (dead !== opened) return;
  opened = null;
  openedId = null;
  batch(() => {
    source.value = null;
    roles.value = null;
    preparation.value = null;
    // Of data that takes its place anyway, nothing need be said.
    if (opening) return;
    bundledId.value = null;
    loadError.value = reason.message;
  });
}

function use(overview: DataOverview): void {
  batch(() => {
    preparation.value = null;
    roles.value = overview.table?.roles ?? null;
    source.value = overview;
    if (overview.task) task.value = overview.task;
    // A table from a file is for whatever the user says; writing is what few tables are meant for.
    else if (task.value === 'write') task.value = 'classifyText';
  });
}

export function chooseBundled(id: string): Promise<void> {
  const bundled = BUNDLED.find((other) => other.id === id);
  return bundled ? load(bundled.name, id, { bundled }) : Promise.resolve();
}

/** Reads a file that was dropped or picked; of several none, since only one can be learnt from. */
export function chooseFiles(files: FileList | null | undefined): void {
  const file = files?.[0];
  if (!file) return;
  if (files.length === 1) void load(file.name, null, { file });
  else loadError.value = `${files.length} files were given; choose one at a time.`;
}

let lastReread: Promise<void> = Promise.resolve();

/**
 * Reads the table again with or without names of columns in its first row, when that is done that
 * was asked for before.
 */
export function setHeader(hasHeader: boolean): Promise<void> {
  const mine = opened;
  lastReread = lastReread.then(() => (mine && mine === opened ? reread(mine, hasHeader) : undefined));
  return lastReread;
}

async function reread(mine: OpenedData, hasHeader: boolean): Promise<void> {
  loadError.value = null;
  readPart.value = null;
  rereading.value = true;
  try {
    const overview = await mine.setHeader(hasHeader, (part) => {
      readPart.value = part;
    });
    if (mine !== opened) return;
    batch(() => {
      roles.value = overview.table?.roles ?? null;
      source.value = overview;
    });
  } catch (error) {
    if (mine === opened) loadError.value = messageOf(error);
  } finally {
    rereading.value = false;
  }
}
