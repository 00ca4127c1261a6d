import { computed, effect, signal } from '@preact/signals';
import { BUNDLED } from '../data/bundled.ts';
import { type ColumnRoles, guessRoles } from '../data/columns.ts';
import { type DataSource, loadBundled, readFile } from '../data/source.ts';
import { parseTable } from '../data/table.ts';
import { DEFAULT_TASK_SETTINGS, type TaskSettings } from '../tasks/defaults.ts';
import { prepare } from '../tasks/prepare.ts';
import { type Prepared, type TaskName, UnusableDataError } from '../tasks/task.ts';
import { messageOf } from './messageOf.ts';

/** What the user chose to learn from; null before. */
export const source = signal<DataSource | null>(null);
/** The bundled data set that is chosen, by id. */
export const bundledId = signal<string | null>(null);
export const loading = signal<string | null>(null);
export const loadError = signal<string | null>(null);

export const task = signal<TaskName>('classifyText');
export const roles = signal<ColumnRoles | null>(null);
export const taskSettings = signal<TaskSettings>(DEFAULT_TASK_SETTINGS);

/** The data made ready for the task, or why it cannot be. */
export type Preparation =
  | { readonly prepared: Prepared; readonly error: null }
  | { readonly prepared: null; readonly error: UnusableDataError };
export const preparation = signal<Preparation | null>(null);
export const preparing = signal(false);

/** What is to be prepared; null before there is data. */
const request = computed(() =>
  source.value ? { source: source.value, roles: roles.value, task: task.value, settings: taskSettings.value } : null,
);

/** Fields change letter by letter, and preparing a large file takes a while. */
const DELAY = 150;

effect(() => {
  const wanted = request.value;
  preparing.value = wanted !== null;
  if (!wanted) return;
  const timer = setTimeout(() => {
    try {
      preparation.value = { prepared: prepare(wanted), error: null };
    } catch (error) {
      preparation.value = { prepared: null, error: error instanceof UnusableDataError ? error : new UnusableDataError(messageOf(error)) };
    }
    preparing.value = false;
  }, DELAY);
  return () => clearTimeout(timer);
});

/** Number of the latest load: an earlier one that ends later must not replace it. */
let latest = 0;

async function load(name: string, id: string | null, read: () => Promise<DataSource>): Promise<void> {
  const mine = ++latest;
  loading.value = name;
  loadError.value = null;
  bundledId.value = id;
  try {
    const loaded = await read();
    if (mine === latest) use(loaded);
  } catch (error) {
    if (mine === latest) loadError.value = messageOf(error);
  } finally {
    if (mine === latest) loading.value = null;
  }
}

function use(loaded: DataSource): void {
  preparation.value = null;
  roles.value = loaded.table && guessRoles(loaded.table);
  source.value = loaded;
  if (loaded.task) task.value = loaded.task;
  // A table from a file is for whatever the user says; writing is what few tables are meant for.
  else if (task.value === 'write') task.value = 'classifyText';
}

export function chooseBundled(id: string): Promise<void> {
  const bundled = BUNDLED.find((other) => other.id === id);
  if (!bundled) return Promise.resolve();
  return load(bundled.name, id, () => loadBundled(bundled));
}

export function chooseFile(file: File): Promise<void> {
  return load(file.name, null, () => readFile(file));
}

/** Reads the table again with or without names of columns in its first row. */
export function setHeader(hasHeader: boolean): void {
  const { value } = source;
  if (!value?.table) return;
  const table = parseTable(value.text, hasHeader);
  roles.value = guessRoles(table);
  source.value = { ...value, table };
}
