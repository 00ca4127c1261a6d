import type { Model } from '../model/model.ts';
import type { ModelState } from '../model/modelState.ts';

/** The source of a file: its name (in a browser an address), bytes, or a `File` of an input. */
export type FileSource = string | URL | Uint8Array | ArrayBuffer | Blob;

/**
 * The source of a saved model: a file, or an array or a `FileList` of all files of a model that is
 * in several, such as model.json of TF.js and those with its weights.
 */
export type ModelSource = FileSource | ArrayLike<Blob & { readonly name: string }>;

/** The source from which a format reads. */
export interface ReadContext {
  /** The source's name, for error messages; undefined for bytes. */
  readonly source: string | undefined;
  /** Whether the model is compiled as the file says. */
  readonly compile: boolean;
  /** The result of `prepare`. */
  readonly prepared: unknown;
}

/** The code of a format. */
export interface FormatCode {
  /** Reads what the model has in further files, before `decode`. */
  prepare?(bytes: Uint8Array, source: ModelSource): Promise<unknown>;
  /**
   * Makes the model. All classes are loaded, and `customObjects` count while it runs.
   * @throws {FormatError} when the bytes are no whole model, or have what Backtime does not have
   */
  decode(bytes: Uint8Array, context: ReadContext): Model;
  /**
   * Makes the bytes of a file.
   * @throws {ArgumentError} when the model has what the format cannot hold
   */
  encode?(state: ModelState): Uint8Array;
}

/** A format of files that hold a whole model. */
export interface ModelFormat {
  /** The option `format` of `modelToBytes`. */
  readonly name: string;
  /** The endings of names of files that `save` writes in this format. */
  readonly extensions: readonly string[];
  /** Whether bytes are of this format. The first format that says so reads them. */
  recognises(bytes: Uint8Array): boolean;
  load(): Promise<FormatCode>;
}
