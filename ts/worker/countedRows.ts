import { countRows } from '../run/countRows.ts';
import type { BatchProgram } from '../run/engine.ts';
import type { Exchange } from './exchange.ts';

/**
 * The rows that each output's loss counts, in this replica and in all. Where outputs have different
 * masks, the share of a replica in the rows of one output is not its share in those of another, so
 * replicas tell each other their counts between the outputs and the losses.
 */
export class CountedRows {
  readonly #exchange: Exchange;
  readonly #own: Float64Array;
  readonly #all: Float64Array;

  constructor(outputs: number, exchange: Exchange) {
    this.#exchange = exchange;
    this.#own = new Float64Array(outputs);
    this.#all = new Float64Array(outputs * exchange.size);
  }

  /**
   * Writes what each loss is divided by. The loss of a part, times the part's fraction of the
   * batch, is then its share of the loss of the whole batch. All replicas must call it.
   * @param batchProgram the program; it has computed the outputs
   * @param rows the samples of this replica's part; with 0 it has computed nothing
   * @param batch the samples of the whole batch
   */
  writeNormalizers(batchProgram: BatchProgram, rows: number, batch: number): void | Promise<void> {
    for (let output = 0; output < this.#own.length; output++) this.#own[output] = rows > 0 ? countRows(batchProgram, output) : 0;
    const shared = this.#exchange.allGather(this.#own, this.#all);
    if (shared) return shared.then(() => this.#write(batchProgram, rows / batch));
    this.#write(batchProgram, rows / batch);
  }

  #write({ program, objectives }: BatchProgram, fraction: number): void {
    for (const [output, { normalizer, rows, lossWeight }] of objectives.entries()) {
      const own = this.#own[output] as number;
      // The kernel multiplies the loss of masked rows by rows / own. A part without counted rows
      // has the loss 0, for any divisor.
      const perRow = own === 0 ? 1 : this.#total(output) / own;
      if (normalizer) program.floats(normalizer)[0] = (rows * perRow * fraction) / (lossWeight || 1);
    }
  }

  /** The counted rows of an output in all replicas. */
  #total(output: number): number {
    let total = 0;
    for (let place = output; place < this.#all.length; place += this.#own.length) total += this.#all[place] as number;
    return total;
  }
}
