import type { Exchange, ViewOf } from './exchange.ts';

/** The numbers of this replica and of all, for sums of one length. */
interface Numbers {
  readonly own: Float64Array;
  /** By rank. */
  readonly all: Float64Array;
}

/**
 * The sums of layers over the whole batch during the computation, such as the moments of
 * BatchNormalization. All replicas sum the same numbers in the same order, those without rows too.
 */
export class ReplicaSums {
  readonly #exchange: Exchange;
  readonly #numbers = new Map<number, Numbers>();
  #fraction = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Begins a step. @param fraction this replica's part of the batch, 0 to 1 */
  begin(fraction: number): void {
    this.#fraction = fraction;
  }

  /**
   * Replaces numbers by their sums over all replicas, in the order of ranks. Gradients are those of
   * the mean over a replica's rows, before and after.
   */
  readonly sum = (values: ViewOf, ofGradients: boolean): void | Promise<void> => {
    const view = values();
    const { own, all } = this.#numbersOf(view.length);
    const weight = ofGradients ? this.#fraction : 1;
    // A replica without rows has computed something else.
    for (let index = 0; index < own.length; index++) own[index] = this.#fraction === 0 ? 0 : weight * (view[index] as number);
    const write = () => {
      const sums = values();
      for (let index = 0; index < own.length; index++) {
        let sum = 0;
        for (let place = index; place < all.length; place += own.length) sum += all[place] as number;
        sums[index] = sum / (weight || 1);
      }
    };
    const shared = this.#exchange.allGather(own, all);
    if (shared) return shared.then(write);
    write();
  };

  #numbersOf(length: number): Numbers {
    let numbers = this.#numbers.get(length);
    if (!numbers) {
      numbers = { own: new Float64Array(length), all: new Float64Array(length * this.#exchange.size) };
      this.#numbers.set(length, numbers);
    }
    return numbers;
  }
}
