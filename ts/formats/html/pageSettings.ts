/** What a page is told besides its model. */
export interface PageSettings {
  /** The names of the classes, in the order of the output; null when they are not known. */
  readonly classNames: readonly string[] | null;
}
