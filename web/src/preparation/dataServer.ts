import { transfer } from 'comlink';
import type { BundledData } from '../data/bundled.ts';
import { type DataOverview, overviewOf } from '../data/overview.ts';
import { type DataSource, loadBundled, readFile } from '../data/source.ts';
import { type OnRead, parseTable } from '../data/table.ts';
import { type NewData, newDataFor } from '../tasks/newData.ts';
import { type PreparationRequest, prepare } from '../tasks/prepare.ts';
import { type TaskData, UnusableDataError } from '../tasks/task.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import { holdForLife } from './lifeLock.ts';
import { listProblems, NO_PROBLEMS, type ProblemList } from './problemList.ts';

/** What the user chose to learn from: a data set of the page, or a file. */
export type DataOrigin = { readonly bundled: BundledData } | { readonly file: File };

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

  /** Takes a lock that becomes free when this thread ends, however that happens. */
  holdForLife(lock: string): Promise<void> {
    return holdForLife(lock);
  }

  /** Reads what the user chose. @throws {Error} with a message for the user */
  async open(origin: DataOrigin, onRead?: OnRead): Promise<DataOverview> {
    this.#source = 'file' in origin ? await readFile(origin.file, onRead) : await loadBundled(origin.bundled, onRead);
    return overviewOf(this.#source);
  }

  /**
   * Reads the table again with or without names of columns in its first row.
   * @throws {TableError}
   */
  setHeader(hasHeader: boolean, onRead?: OnRead): DataOverview {
    const source = this.#opened();
    this.#source = { ...source, table: parseTable(source.text, hasHeader, onRead) };
    return overviewOf(this.#source);
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
