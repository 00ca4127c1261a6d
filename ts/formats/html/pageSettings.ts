/** What is said of an input of a page. */
export interface InputSettings {
  /** What stands above its field; default: what the input takes, and its name. */
  readonly label?: string;
  /** What the whole numbers from 0 are called: they are chosen from a list. */
  readonly choices?: readonly string[];
  /** What stands in its field: the only text, or that of the place of what is chosen. */
  readonly examples?: readonly string[];
}

/** What a page is told besides its model. */
export interface PageSettings {
  /** The names of the classes, in the order of the output; null when they are not known. */
  readonly classNames: readonly string[] | null;
  /** By the names of the inputs of which something is said. */
  readonly inputs: Readonly<Record<string, InputSettings>>;
}
