import type { CallbackOf, CallbackState, Logs, TrainingPlan } from '../../callbacks/callback.ts';
import { describe } from '../../core/describe.ts';
import { ArgumentError } from '../../core/errors.ts';
import { decodeText, encodeText } from '../../core/nodeGlobals.ts';
import { booleanOption, checkOptions } from '../../core/options.ts';
import { isURL } from '../../core/tags.ts';
import { withPrefix } from '../../objective/historyNames.ts';
import { CALLBACK_FILES } from './callbackFilesPart.ts';

/** Options of {@link CSVLogger}. https://keras.io/api/callbacks/csv_logger/ */
export interface CSVLoggerOptions {
  /** The separator of cells, one character. Default ','. */
  separator?: string;
  /** Append to an existing file instead of replacing it. Default false. */
  append?: boolean;
}

const OWNER = 'CSVLogger';

/**
 * Writes a row for each epoch: its number, from 0, and the numbers of the history, by their names
 * in the first line. The file is replaced as a whole, so it never has a part of a row, and a run
 * that `BackupAndRestore` continues has each epoch once. An epoch without a validation has NA.
 *
 *     new CSVLogger('log.csv');
 *     new CSVLogger((text) => localStorage.setItem('log', text));
 */
export class CSVLogger implements CallbackOf {
  readonly separator: string;
  readonly append: boolean;
  readonly #target: string | URL | ((text: string) => void | Promise<void>);
  /** All lines so far. */
  #text = '';
  /** The names of the columns; null before the first row. */
  #names: readonly string[] | null = null;
  #validates = false;

  /**
   * @param filename a path, or a function that takes the whole text after each epoch, since
   *   browsers have no paths
   * @throws {ArgumentError} for something else, an unknown option or a wrong value
   */
  constructor(filename: string | URL | ((text: string) => void | Promise<void>), options?: CSVLoggerOptions) {
    if (!(isURL(filename) || typeof filename === 'function' || (typeof filename === 'string' && filename !== '')))
      throw new ArgumentError(`${OWNER} takes a path, or a function of the text, got ${describe(filename)}`);
    checkOptions(options, ['separator', 'append'], OWNER);
    const { separator = ',', append } = options ?? {};
    if (typeof separator !== 'string' || separator.length !== 1 || /["\r\n]/.test(separator))
      throw new ArgumentError(
        `${OWNER}: separator must be one character, neither a quote nor the end of a line, got ${describe(separator)}`,
      );
    this.#target = filename;
    this.separator = separator;
    this.append = booleanOption(append, false, `${OWNER}: append`);
    if (this.append && typeof filename === 'function')
      throw new ArgumentError(`${OWNER}: append is for files: a function gets the whole text and can append it itself`);
  }

  /** The state between epochs. */
  getState(): CallbackState {
    return { text: this.#text, names: this.#names };
  }

  setState(state: CallbackState): void {
    const { text, names } = state as { text: string; names: readonly string[] | null };
    this.#text = text;
    this.#names = names;
  }

  /**
   * @throws {BackendError} for a path where there is no file system
   * @throws {FileError} when a file to append to cannot be read
   */
  async onTrainBegin({ validationFreq }: TrainingPlan): Promise<void> {
    this.#text = '';
    this.#names = null;
    this.#validates = validationFreq !== null;
    if (typeof this.#target === 'function') return;
    const { readFileIfAny, requireFiles } = await CALLBACK_FILES.load();
    requireFiles(OWNER, this.#target, `it a function of the text, new ${OWNER}((text) => …)`);
    if (!this.append) return;
    const before = await readFileIfAny(this.#target);
    this.#text = before ? decodeText(before) : '';
    if (this.#text !== '' && !this.#text.endsWith('\n')) this.#text += '\r\n';
  }

  /**
   * @throws {FileError} when the file cannot be written
   * @throws {ArgumentError} when the file to append to has other columns
   */
  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const names = this.#names ?? this.#begin(logs);
    this.#text += this.#line([epoch, ...names.map((name) => logs[name] ?? 'NA')]);
    if (typeof this.#target === 'function') await this.#target(this.#text);
    else {
      const { writeFileInFolder } = await CALLBACK_FILES.load();
      await writeFileInFolder(this.#target, encodeText(this.#text));
    }
  }

  /** Decides the columns, and writes their names unless they stand there. */
  #begin(logs: Logs): readonly string[] {
    const names = Object.keys(logs).sort();
    const hasValidation = names.some((name) => /^val[A-Z]/.test(name));
    // The first epoch may end without a validation that later ones have.
    const later =
      this.#validates && !hasValidation ? names.filter((name) => name !== 'learningRate').map((name) => withPrefix('val', name)) : [];
    const columns = [...names, ...later];
    const header = this.#line(['epoch', ...columns]);
    if (this.#text === '') this.#text = header;
    const first = this.#text.slice(0, this.#text.indexOf('\n')).trimEnd();
    if (first !== header.trimEnd())
      throw new ArgumentError(
        `${OWNER}: ${String(this.#target)} has the columns ${first}, and this run ${header.trimEnd()}: give another file, or append: false`,
      );
    this.#names = columns;
    return columns;
  }

  /** Cells as RFC 4180 writes them. */
  #line(cells: readonly (string | number)[]): string {
    const written = cells.map((cell) => {
      const text = String(cell);
      return text.includes(this.separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    });
    return `${written.join(this.separator)}\r\n`;
  }
}
