import { snakeCase } from '../../layers/layer.ts';

/** Numbers the groups of layers in files of Keras 3 by their classes: `dense`, `dense_1`, … */
export class GroupNames {
  readonly #counts = new Map<string, number>();

  /** The group of the next layer of a class of Backtime. */
  next(className: string): string {
    const name = className === 'Model' ? 'functional' : snakeCase(className);
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  }
}
