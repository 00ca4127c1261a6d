/** An event with its values: a line of JSON. */
type Fields = Readonly<Record<string, unknown>>;

/** Codes of errors that are a fault of this package, not of flags, data or files. */
const FAULTS = new Set(['INTERNAL', 'KERNEL_PANIC']);
/** Codes of Node's errors about files begin so: ENOENT, EACCES. */
const SYSTEM_CODE = /^E[A-Z]+$/;

/** Prints what a command does and finds, as text or as lines of JSON. */
export class CommandReport {
  readonly json: boolean;
  readonly quiet: boolean;

  constructor({ json, quiet }: { json: boolean; quiet: boolean }) {
    this.json = json;
    this.quiet = quiet;
  }

  /** Tells what happens: nothing with `--quiet` and without `--json`. */
  tell(event: string, fields: Fields, text: string): void {
    if (this.json) this.#line({ event, ...fields });
    else if (!this.quiet) console.log(text);
  }

  /** Prints what was asked for, also with `--quiet`. */
  answer(event: string, fields: Fields, text: string): void {
    if (this.json) this.#line({ event, ...fields });
    else console.log(text);
  }

  /** Warns: on stderr, or as a line of JSON. */
  warning(message: string): void {
    if (this.json) this.#line({ event: 'warning', message });
    else console.error(`warning: ${message}`);
  }

  /** Tells what may be of interest: on stderr, which answers do not go to, or as a line of JSON. */
  note(message: string): void {
    if (this.json) this.#line({ event: 'note', message });
    else if (!this.quiet) console.error(`note: ${message}`);
  }

  /** Tells of a failure: on stderr, or as a line of JSON. */
  failure(code: string, message: string): void {
    if (this.json) this.#line({ event: 'error', code, message });
    else console.error(`error: ${message}`);
  }

  /** Tells of an error. @returns the exit code */
  async error(error: unknown): Promise<number> {
    const { BacktimeError } = await import('../node.ts');
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL';
    const isFault = error instanceof BacktimeError ? FAULTS.has(code) : !SYSTEM_CODE.test(code);
    const message = error instanceof Error ? error.message : String(error);
    if (isFault) {
      this.failure(code, `${message}\nThis is a fault of Backtime. Please report it with what follows.`);
      if (error instanceof Error) console.error(error.stack);
      return 2;
    }
    const { inFlags } = await import('./inFlags.ts');
    this.failure(code, inFlags(message));
    return 1;
  }

  #line(fields: Fields): void {
    console.log(JSON.stringify(fields));
  }
}
