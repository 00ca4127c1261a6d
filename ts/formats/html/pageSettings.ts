/** The settings of an input of a page. */
export interface InputSettings {
  /** The label of its field. Default: what the input takes, and its name. */
  readonly label?: string;
  /** The names of the whole numbers from 0, which are chosen from a list. */
  readonly choices?: readonly string[];
  /** The examples in its field: the only text, or one for each choice. */
  readonly examples?: readonly string[];
}

/** The settings of a page besides its model. */
export interface PageSettings {
  /** The names of the classes, in the order of the output; null when they are not known. */
  readonly classNames: readonly string[] | null;
  /** By the names of the inputs of which something is said. */
  readonly inputs: Readonly<Record<string, InputSettings>>;
}
