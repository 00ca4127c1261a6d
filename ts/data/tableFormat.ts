/** A row of a file that was skipped. */
export interface SkippedRow {
  /** The line of the file on which it begins, from 1. */
  readonly line: number;
  /** The reason, as words that follow its name: `has 4 fields, but …`. */
  readonly reason: string;
}

/** How the text of a table was read. */
export interface TableFormat {
  /** A label of the Encoding Standard, such as 'utf-8'. */
  readonly encoding: string;
  /** The separator of fields. */
  readonly separator: string;
  /** The likely decimal sign. */
  readonly decimal: '.' | ',';
  /** Whether a row holds the names of the columns. */
  readonly hasHeader: boolean;
  /**
   * The lines that hold the names: several where groups stand above names, which are joined; empty
   * where none does.
   */
  readonly nameLines: readonly number[];
  /** The reason for `hasHeader`, in words: `“load” stands above numbers`. */
  readonly headerReason: string;
  /** The line of the names, or of the first row where there are none. */
  readonly firstLine: number;
  /** The lines of titles and remarks before it. */
  readonly titleLines: readonly number[];
  /** The line of the units below the names; null without one. */
  readonly unitsLine: number | null;
  /** The lines of remarks between the rows, such as `# sensor replaced`, which were left out. */
  readonly remarkLines: readonly number[];
}
