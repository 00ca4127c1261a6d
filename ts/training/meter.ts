import type { Logs } from './callback.ts';
import type { CompiledProgram } from './engine.ts';

/** Running means of loss and metrics over the batches of an epoch, as Keras has them: the loss weighted by batch size. */
export class Meter {
  readonly #sums = new Map<string, { total: number; weight: number }>();

  /** Adds what a program's last step computed. @throws nothing; reads four bytes or eight a metric */
  add({ program, batch, objective }: CompiledProgram): void {
    if (!objective) return;
    this.#add('loss', (program.floats(objective.loss)[0] as number) * batch, batch);
    for (const { metric, result } of objective.metrics) {
      const [value, weight] = program.floats(result) as unknown as [number, number];
      if (metric.kind === 'accuracy') this.#add(metric.name, value, weight);
      else this.#add(metric.name, value * batch, batch);
    }
  }

  /** The means so far. */
  get logs(): Logs {
    return Object.fromEntries([...this.#sums].map(([name, { total, weight }]) => [name, weight === 0 ? 0 : total / weight]));
  }

  #add(name: string, total: number, weight: number): void {
    const sum = this.#sums.get(name);
    if (sum) {
      sum.total += total;
      sum.weight += weight;
    } else this.#sums.set(name, { total, weight });
  }
}
