import { FileError } from './errors.ts';
import { invariant } from './invariant.ts';

/** The entries of the package that import such code statically. */
export type StaticEntry = 'backtime/training' | 'backtime/formats';

/**
 * A part of this package whose code loads when it is first used, so that what a program imports is
 * small. Where `import()` is forbidden or nothing may be awaited, an entry of the package imports
 * the code statically and provides it.
 */
export class LazyPart<Code> {
  readonly #name: string;
  readonly #entry: StaticEntry;
  readonly #importCode: () => Promise<Code>;
  #code: Code | null = null;
  #loading: Promise<Code> | null = null;

  /**
   * @param name the purpose of the code, for error messages
   * @param entry the entry that provides it
   * @param importCode imports the code
   */
  constructor(name: string, entry: StaticEntry, importCode: () => Promise<Code>) {
    this.#name = name;
    this.#entry = entry;
    this.#importCode = importCode;
  }

  /** The code; null before it has loaded. */
  get code(): Code | null {
    return this.#code;
  }

  /** The code, for callers that run only after it has loaded. */
  get loaded(): Code {
    invariant(this.#code !== null, `the code of ${this.#name} has not loaded`);
    return this.#code;
  }

  /** Takes the code from an entry that imports it statically. */
  provide(code: Code): void {
    this.#code = code;
  }

  /**
   * Loads the code, unless it has loaded. After an error the next call tries again.
   * @throws {FileError} when its file cannot be loaded
   */
  load(): Promise<Code> {
    this.#loading ??= this.#import().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #import(): Promise<Code> {
    if (this.#code !== null) return this.#code;
    try {
      this.#code = await this.#importCode();
    } catch (error) {
      throw new FileError(
        `the code of ${this.#name} did not load (${String(error)}): serve all files of the build. Service workers must import '${this.#entry}', too`,
        { cause: error },
      );
    }
    return this.#code;
  }
}
