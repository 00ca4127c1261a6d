import { batch, computed, effect, signal } from '@preact/signals';
import { BUNDLED } from '../data/bundled.ts';
import type { ColumnRoles, SaidKind } from '../data/columns.ts';
import type { DataOverview } from '../data/overview.ts';
import type { ChosenFile, ReadSettings } from '../data/source.ts';
import type { DataOrigin, Preparation } from '../preparation/dataServer.ts';
import type { DataWorkerError } from '../preparation/dataWorkerError.ts';
import { OpenedData } from '../preparation/openedData.ts';
import { NO_PROBLEMS } from '../preparation/problemList.ts';
import { type ClassSettings, DEFAULT_CLASSES } from '../tasks/classes.ts';
import { DEFAULT_TASK_SETTINGS, type TaskSettings } from '../tasks/defaults.ts';
import { DEFAULT_RULE, type MissingRule } from '../tasks/missingRule.ts';
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
/** What takes the place of missing numbers; one rule for all tasks. */
export const missingRule = signal<MissingRule>(DEFAULT_RULE);
export const classSettings = signal<ClassSettings>(DEFAULT_CLASSES);
/** How the user says that the files are to be read; all else was found out. */
export const readSettings = signal<ReadSettings>({});
/** The same, also of what is still to be read: whoever goes along a list by keyboard is ahead. */
export const wantedReading = signal<ReadSettings>({});

/** What became of the data for the task; null before there is data. */
export const preparation = signal<Preparation | null>(null);
export const preparing = signal(false);

/** Which part of the data that is being read has been, 0 to 1; null before that is known. */
export const readPart = signal<number | null>(null);
/** Whether the files are being read again, in another way. */
export const rereading = signal(false);
/**
 * Whether other data, or the same in another way, is being read: until that is done, what is known
 * is of what was there before.
 */
export const reading = computed(() => loading.value !== null || rereading.value);
/** Whether a setting of the task is no number yet. */
export const unfinished = computed(() => (Object.values(taskSettings.value[task.value]) as unknown[]).includes(Number.NaN));
/** Whether {@link preparation} is not of what is chosen now. */
export const outdated = computed(() => reading.value || preparing.value || unfinished.value);

/** Where {@link source} is read and prepared, and the id of the bundled data set that it is. */
let opened: OpenedData | null = null;
let openedId: string | null = null;
/** Where the data that was chosen last is being read; until that is done, the data before stays. */
let opening: OpenedData | null = null;

/** What is to be prepared; null before there is data, and while a setting is no number. */
const request = computed(() =>
  source.value && !unfinished.value
    ? {
        roles: roles.value,
        task: task.value,
        settings: taskSettings.value,
        missingRule: missingRule.value,
        classSettings: classSettings.value,
      }
    : null,
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
    readSettings.value = {};
    wantedReading.value = {};
    use(overview);
  } catch (error) {
    mine?.close();
    if (opening !== mine) return;
    const kept = source.value ? ` ${source.value.name} is still the data that is used.` : '';
    loadError.value = `${messageOf(error)}${kept}`;
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
    task.value = overview.task;
    missingRule.value = DEFAULT_RULE;
    classSettings.value = DEFAULT_CLASSES;
  });
}

export function chooseBundled(id: string): Promise<void> {
  const bundled = BUNDLED.find((other) => other.id === id);
  return bundled ? load(bundled.name, id, { bundled }) : Promise.resolve();
}

/** Reads files that were dropped, picked or pasted: one, several, or those of a folder. */
export function chooseFiles(files: readonly ChosenFile[]): void {
  const [first] = files;
  if (first) void load(files.length === 1 ? first.path : `${files.length} files`, null, { files });
}

let lastReread: Promise<void> = Promise.resolve();

/**
 * Reads the files again as the user says, when that is done that was asked for before. What cannot
 * be read so stays as it was.
 */
export function changeReading(changed: ReadSettings): Promise<void> {
  const mine = opened;
  const wanted = { ...wantedReading.value, ...changed };
  wantedReading.value = wanted;
  lastReread = lastReread.then(async () => {
    // What is not wanted any more need not be read.
    if (!mine || mine !== opened || wanted !== wantedReading.value) return;
    await reread(mine, wanted);
    if (wanted === wantedReading.value) wantedReading.value = readSettings.value;
  });
  return lastReread;
}

/** Takes a column for what the user says it is; the parts that columns play are guessed again. */
export async function setKind(index: number, kind: SaidKind): Promise<void> {
  const mine = opened;
  const overview = await mine?.setKind(index, kind);
  if (!overview || mine !== opened) return;
  batch(() => {
    source.value = overview;
    roles.value = overview.table?.roles ?? null;
  });
}

async function reread(mine: OpenedData, settings: ReadSettings): Promise<void> {
  loadError.value = null;
  readPart.value = null;
  rereading.value = true;
  try {
    const overview = await mine.reread(settings, (part) => {
      readPart.value = part;
    });
    if (mine !== opened) return;
    const before = task.value;
    batch(() => {
      readSettings.value = settings;
      use(overview);
      // What the user has chosen stays, as long as it can be done with what was read.
      if (overview.table !== null) task.value = settings.as === undefined ? before : overview.task;
    });
  } catch (error) {
    if (mine === opened) loadError.value = messageOf(error);
  } finally {
    rereading.value = false;
  }
}
