import { transfer } from 'comlink';
import type { BundledData } from '../data/bundled.ts';
import { type SaidKind, sayKind } from '../data/columns.ts';
import type { DataSource } from '../data/dataSource.ts';
import { type DataOverview, overviewOf } from '../data/overview.ts';
import { type ChosenFile, loadBundled, type OnRead, type ReadSettings, readFiles } from '../data/source.ts';
import { type NewData, newDataFor } from '../tasks/newData.ts';
import { type PreparationRequest, prepare } from '../tasks/prepare.ts';
import { type TaskData, UnusableDataError } from '../tasks/task.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import { holdForLife } from './lifeLock.ts';
import { listProblems, NO_PROBLEMS, type ProblemList } from './problemList.ts';

/** What the user chose to learn from: a data set of the page, or files. */
export type DataOrigin = { readonly bundled: BundledData } | { readonly files: readonly ChosenFile[] };

/**
 * The data made ready for the task, or why it cannot be, the rows that were left out, and those
 * with missing numbers.
 */
export type Preparation = { readonly problems: ProblemList; readonly missing: ProblemList } & (
  | { readonly prepared: TaskData<TaskNotes>; readonly error: null }
  | { readonly prepared: null; readonly error: string }
);

/**
 * Holds the chosen data and does all work that grows with it; it lives in a worker, off the page's
 * thread.
 */
export class DataServer {
  #source: DataSource | null = null;
  #files: readonly ChosenFile[] = [];

  /** Takes a lock that becomes free when this thread ends, however that happens. */
  holdForLife(lock: string): Promise<void> {
    return holdForLife(lock);
  }

  /** Reads what the user chose. @throws {Error} with a message for the user */
  async open(origin: DataOrigin, onRead?: OnRead): Promise<DataOverview> {
    this.#source = 'files' in origin ? await readFiles(origin.files, {}, onRead) : await loadBundled(origin.bundled, onRead);
    this.#files = 'files' in origin ? origin.files : [];
    return overviewOf(this.#source);
  }

  /**
   * Reads the files again in the way that the user says.
   * @throws {Error} with a message for the user; what was read before stays
   */
  async reread(settings: ReadSettings, onRead?: OnRead): Promise<DataOverview> {
    this.#source = await readFiles(this.#files, settings, onRead);
    return overviewOf(this.#source);
  }

  /** Takes a column for what the user says it is, and guesses again what the columns are for. */
  setKind(index: number, kind: SaidKind): DataOverview {
    const source = this.#opened();
    if (source.table) sayKind(source.table, index, kind);
    return overviewOf(source);
  }

  /** Makes the data ready for a task; its samples are moved to the page, not copied. */
  prepare(request: PreparationRequest): Preparation {
    try {
      const { problems, missing, ...prepared } = prepare(this.#opened(), request);
      const lists = { problems: listProblems(problems), missing: listProblems(missing) };
      return transfer({ prepared, error: null, ...lists }, buffersOf(prepared));
    } catch (error) {
      if (!(error instanceof UnusableDataError)) throw error;
      return { prepared: null, error: error.message, problems: listProblems(error.problems), missing: NO_PROBLEMS };
    }
  }

  /**
   * Makes the data ready for a model that was trained on other data.
   * @throws {UnusableDataError}
   */
  newDataFor(notes: TaskNotes): NewData {
    return newDataFor(this.#opened(), notes);
  }

  #opened(): DataSource {
    if (!this.#source) throw new Error('No data was opened.');
    return this.#source;
  }
}

function buffersOf({ train, validation, test }: TaskData<TaskNotes>): ArrayBuffer[] {
  return [...train, ...validation, ...test].map(({ data }) => data.buffer as ArrayBuffer);
}
