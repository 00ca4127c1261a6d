/** How many examples a class has. */
export interface ClassCount {
  readonly name: string;
  readonly count: number;
}
