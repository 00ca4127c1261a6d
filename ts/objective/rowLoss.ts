import { BatchLoss } from './batchLoss.ts';
import { checkLossOptions, type LossOptions } from './formulaLoss.ts';
import type { OwnConfig } from './loss.ts';

/** The base of Keras's losses that are not elementwise: a loss with an option `name`. */
export abstract class RowLoss extends BatchLoss {
  readonly #name: string | undefined;

  constructor(options: LossOptions | undefined, known: readonly string[], className: string) {
    super();
    this.#name = checkLossOptions(options, known, className);
  }

  override get name(): string {
    return this.#name ?? super.name;
  }

  override getConfig(): OwnConfig {
    return this.#name === undefined ? {} : { name: this.#name };
  }
}
